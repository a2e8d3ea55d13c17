import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Container, Header } from '@backstage/ui';
import {
  Facts,
  formatMillis,
  formatNumber,
  formatShare,
  Loaded,
  Panel,
  PersonName,
  ProgressBar,
  RelativeTime,
  useLive,
  useModelTitle,
} from '@greenroom/ai-react';
import {
  type EvaluationRun,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { EvaluatedOn } from '../datasets/EvaluatedOn';
import { modelRouteRef, versionRouteRef } from '../routes';
import { rowsText } from '../view/rowsText';
import { AnswersPanel } from './AnswersPanel';
import { CancelRunButton } from './CancelRunButton';
import styles from './evaluationRuns.module.css';
import { isRunUnderWay, RunPill } from './RunPill';

const OPEN_POLL_MILLIS = 1_000;
const DONE_POLL_MILLIS = 60_000;

/** One run: how far it is, how often answers were right, and each of them. */
export function EvaluationRunPage() {
  const { name = '', version = '', run: id = '' } = useParams();
  const [query] = useSearchParams();
  const registry = useApi(aiRegistryApiRef);
  const modelLink = useRouteRef(modelRouteRef);
  const versionLink = useRouteRef(versionRouteRef);
  const title = useModelTitle(name);
  const [done, setDone] = useState(false);
  const live = useLive(
    async signal => {
      const run = await registry.getEvaluationRun(
        { model: name, version: Number(version), run: id },
        { signal },
      );
      setDone(!isRunUnderWay(run));
      return run;
    },
    [name, version, id],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.run === id,
      pollMillis: done ? DONE_POLL_MILLIS : OPEN_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  const run = live.value;
  return (
    <BreadcrumbEntry
      entry={{ label: title, href: modelLink?.({ name }) ?? '..' }}
    >
      <BreadcrumbEntry
        entry={{
          label: `Version ${version}`,
          href: versionLink?.({ name, version }) ?? '..',
        }}
      >
        <BreadcrumbEntry entry={{ label: 'Prompts', href: id }}>
          <Header
            title={`Prompts asked of ${title}, version ${version}`}
            metadata={run && metadataOf(run)}
            customActions={
              run &&
              isRunUnderWay(run) && (
                <CancelRunButton run={run} onCancelled={live.refresh} />
              )
            }
          />
          <Container>
            <Loaded live={live} what="the run" skeleton={[96, 200]}>
              {value => (
                <div className={styles.page}>
                  <ResultPanel run={value} />
                  <AnswersPanel
                    run={value}
                    compareWith={query.get('compareWith') ?? undefined}
                  />
                </div>
              )}
            </Loaded>
          </Container>
        </BreadcrumbEntry>
      </BreadcrumbEntry>
    </BreadcrumbEntry>
  );
}

function ResultPanel({ run }: { run: EvaluationRun }) {
  const { state } = run;
  switch (state.phase) {
    case 'queued':
      return (
        <Panel title="Waiting">
          <div role="status">{state.waitingFor}</div>
        </Panel>
      );
    case 'running':
      return (
        <Panel title="Asking">
          <div className={styles.progress}>
            <ProgressBar
              value={state.done / state.of}
              label="Rows that are answered"
            />
            <div role="status">{`${formatNumber(state.done)} of ${rowsText(
              state.of,
            )}`}</div>
          </div>
        </Panel>
      );
    case 'failed':
      return (
        <Panel title="Failed">
          <div role="status">{state.reason}</div>
        </Panel>
      );
    case 'cancelled':
      return (
        <Panel title="Cancelled">
          <PersonName entityRef={state.cancelledBy} />
        </Panel>
      );
    default:
      return <ScoresPanel result={state.result} />;
  }
}

function ScoresPanel(props: {
  result: Extract<EvaluationRun['state'], { phase: 'done' }>['result'];
}) {
  const { scores, tokens, unanswered, rows, latencyMillis } = props.result;
  return (
    <Panel
      title="Right answers"
      description="With the interval that holds the true share with 95 % confidence."
    >
      <Facts
        facts={[
          ...scores.map(({ scorer, share, interval, right, rows: of }) => ({
            label: `Right by ${scorer}`,
            value: `${formatShare(share)} (${formatShare(
              interval[0],
            )} to ${formatShare(interval[1])}): ${formatNumber(
              right,
            )} of ${formatNumber(of)}`,
          })),
          {
            label: 'Without an answer',
            value:
              unanswered > 0
                ? `${formatNumber(unanswered)} of ${formatNumber(rows)}`
                : undefined,
          },
          {
            label: 'Tokens',
            value:
              tokens.input === undefined
                ? undefined
                : `${formatNumber(tokens.input)} in, ${formatNumber(
                    tokens.output ?? 0,
                  )} out`,
          },
          {
            label: 'An answer takes',
            value:
              latencyMillis &&
              `${formatMillis(
                latencyMillis.median,
              )}, 95 % of them at most ${formatMillis(latencyMillis.p95)}`,
          },
        ]}
      />
    </Panel>
  );
}

function metadataOf(run: EvaluationRun) {
  const { dataset, environment, state, requestedBy, createdAt } = run;
  return [
    { label: 'State', value: <RunPill state={state} /> },
    {
      label: 'Prompts',
      value: (
        <EvaluatedOn
          digest={dataset.digest}
          fallback={`${dataset.name}, version ${dataset.version}`}
        />
      ),
    },
    { label: 'Environment', value: environment },
    { label: 'Asked for', value: <RelativeTime at={createdAt} /> },
    { label: 'By', value: <PersonName entityRef={requestedBy} /> },
  ];
}
