import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import {
  EmptyState,
  formatNumber,
  formatShare,
  Loaded,
  Panel,
  PlainTable,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  type EvaluationRun,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { evaluationRunRouteRef } from '../routes';
import { EvaluateButton } from './EvaluateButton';
import { isRunUnderWay, RunPill } from './RunPill';

/** Polling beside the signals: often while a run is under way. */
const OPEN_POLL_MILLIS = 2_000;
const DONE_POLL_MILLIS = 60_000;

export interface EvaluationRunsPanelProps {
  model: string;
  version: number;
}

/** Runs in which a version was asked prompts, and the button for another one. */
export function EvaluationRunsPanel(props: EvaluationRunsPanelProps) {
  const { model, version } = props;
  const registry = useApi(aiRegistryApiRef);
  const runs = useLive(
    async signal => {
      const { items } = await registry.listEvaluationRuns(
        { model, version },
        { limit: 20 },
        { signal },
      );
      return items;
    },
    [model, version],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.model === model,
      pollMillis: items =>
        items?.some(isRunUnderWay) ? OPEN_POLL_MILLIS : DONE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <Panel
      title="Prompts"
      description="What it answers to the prompts of a dataset, and how often that is right."
      actions={<EvaluateButton model={model} version={version} />}
    >
      <Loaded live={runs} what="the runs" skeleton={[80]}>
        {items =>
          items.length === 0 ? (
            <EmptyState
              title="Not asked yet"
              description="Evaluate it on a dataset of prompts. A promotion does so by itself where its manifest names prompts."
            />
          ) : (
            <PlainTable
              label="Evaluation runs"
              columns={['Prompts', 'State', 'Right answers']}
            >
              {items.map(run => (
                <RunRow key={run.id} run={run} />
              ))}
            </PlainTable>
          )
        }
      </Loaded>
    </Panel>
  );
}

function RunRow({ run }: { run: EvaluationRun }) {
  const runLink = useRouteRef(evaluationRunRouteRef);
  const { model, version, dataset, environment, state } = run;
  return (
    <tr>
      <td>
        <Link
          href={
            runLink?.({ name: model, version: String(version), run: run.id }) ??
            '#'
          }
        >
          {`${dataset.name}, version ${dataset.version}`}
        </Link>
        <div>
          {`${formatNumber(run.rows)} rows in ${environment}, `}
          <RelativeTime at={run.createdAt} />
        </div>
      </td>
      <td>
        <RunPill state={state} />
        {state.phase === 'running' && (
          <div>{`${formatNumber(state.done)} of ${formatNumber(
            state.of,
          )}`}</div>
        )}
      </td>
      <td>
        {state.phase === 'done' &&
          state.result.scores.map(({ scorer, share }) => (
            <div key={scorer}>{`${formatShare(share)} ${scorer}`}</div>
          ))}
      </td>
    </tr>
  );
}
