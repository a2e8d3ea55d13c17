import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Container, Header, Link } from '@backstage/ui';
import {
  formatDuration,
  LastingTime,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  DESCRIPTION_TAG,
  type Experiment,
  type ExperimentChangedSignal,
  type Run,
  SIGNAL_CHANNEL,
} from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { ArtifactsPanel } from '../artifacts/ArtifactsPanel';
import { LineagePanel } from '../lineage/LineagePanel';
import { LogsPanel } from '../logs/LogsPanel';
import { experimentRouteRef, runRouteRef } from '../routes';
import { isGoingOn } from '../runs/runList';
import { RunStatusPill } from '../runs/RunStatusPill';
import { secondsOf, startOf } from '../runs/runTimes';
import { SystemPanel } from '../system/SystemPanel';
import { InputsPanel } from './InputsPanel';
import { JobNotice } from './JobNotice';
import { Markdown } from './Markdown';
import { MetricsPanel } from './MetricsPanel';
import { ModelsPanel } from './ModelsPanel';
import { PairsPanel } from './PairsPanel';
import { RunActions } from './RunActions';
import { RelativesPanel } from './RelativesPanel';
import { SourcePanel } from './SourcePanel';
import { useRunModels } from './useRunModels';
import styles from './run.module.css';

const BUSY_POLL_MILLIS = 4_000;
const IDLE_POLL_MILLIS = 60_000;

/** One run: what it was started with, what it measured, read and made. */
export function RunPage({ runId }: { runId: string }) {
  const training = useApi(aiTrainingApiRef);
  const toRun = useRouteRef(runRouteRef);
  const toExperiment = useRouteRef(experimentRouteRef);
  const live = useLive<
    { run: Run; experiment: Experiment },
    ExperimentChangedSignal & { [key: string]: string }
  >(
    async signal => {
      const run = await training.getRun(runId, { signal });
      const experiment = await training.getExperiment(run.experiment, {
        signal,
      });
      return { run, experiment };
    },
    [runId],
    {
      channel: SIGNAL_CHANNEL,
      pollMillis: value =>
        value && isGoingOn(value.run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  const { run, experiment } = live.value ?? {};
  const title = run?.name ?? `Run ${runId.slice(0, 8)}`;
  const view = (
    <BreadcrumbEntry entry={{ label: title, href: toRun?.({ runId }) ?? '..' }}>
      <Header
        title={title}
        customActions={run && <RunActions run={run} onDone={live.refresh} />}
        metadata={
          run && experiment && metadataOf(run, experiment, toExperiment)
        }
      />
      <Container>
        <Loaded live={live} what="the run" skeleton={[96, 240, 160]}>
          {loaded => <RunView run={loaded.run} />}
        </Loaded>
      </Container>
    </BreadcrumbEntry>
  );
  if (!experiment) return view;
  return (
    <BreadcrumbEntry
      entry={{
        label: experiment.name,
        href: toExperiment?.({ id: experiment.id }) ?? '..',
      }}
    >
      {view}
    </BreadcrumbEntry>
  );
}

function metadataOf(
  run: Run,
  experiment: Experiment,
  toExperiment: ((params: { id: string }) => string) | undefined,
) {
  const seconds = secondsOf(run);
  return [
    { label: 'Status', value: <RunStatusPill run={run} /> },
    {
      label: 'Experiment',
      value: (
        <Link href={toExperiment?.({ id: experiment.id }) ?? '#'}>
          {experiment.name}
        </Link>
      ),
    },
    { label: 'Owner', value: <PersonName entityRef={experiment.owner} /> },
    {
      label: 'Logged by',
      value: <PersonName entityRef={run.createdBy} />,
    },
    ...(run.userId && run.userId !== run.createdBy
      ? [{ label: 'User', value: run.userId }]
      : []),
    { label: 'Started', value: <RelativeTime at={startOf(run)} /> },
    ...(seconds === undefined
      ? []
      : [{ label: 'Lasted', value: formatDuration(seconds) }]),
    ...(isGoingOn(run)
      ? [{ label: 'Runs', value: <LastingTime at={startOf(run)} /> }]
      : []),
    { label: 'Id', value: <code>{run.id}</code> },
  ];
}

function RunView({ run }: { run: Run }) {
  const { [DESCRIPTION_TAG]: note, ...tags } = run.tags;
  const models = useRunModels(run);
  const made = useMemo(() => {
    const ids = new Set(run.outputs.map(({ modelId }) => modelId));
    return models.value?.filter(
      ({ id, lifecycle }) => ids.has(id) && lifecycle === 'active',
    );
  }, [run.outputs, models.value]);
  return (
    <div className={styles.stack}>
      {run.lifecycle === 'deleted' && (
        <Alert
          status="warning"
          icon
          title="This run is deleted"
          description="It is hidden from lists, and nothing more is logged to it."
        />
      )}
      <LineagePanel run={run} models={made} />
      <div className={styles.page}>
        <div className={styles.column}>
          <MetricsPanel run={run} />
          <LogsPanel run={run} />
          <SystemPanel run={run} />
          <ArtifactsPanel run={run} />
          <InputsPanel run={run} />
          <ModelsPanel run={run} models={models} />
        </div>
        <div className={styles.column}>
          <JobNotice run={run} />
          {note && (
            <Panel title="Note">
              <Markdown text={note} />
            </Panel>
          )}
          <PairsPanel
            title="Parameters"
            names="Parameter"
            pairs={run.params}
            emptyText="It was started with none: log them with mlflow.log_params({...})."
          />
          <SourcePanel run={run} />
          <RelativesPanel run={run} />
          <PairsPanel title="Tags" names="Tag" pairs={tags} />
        </div>
      </div>
    </div>
  );
}
