import {
  BreadcrumbEntry,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  formatDuration,
  LastingTime,
  Loaded,
  Panel,
  PersonName,
  RelativeTime,
  RouteLink,
  useLive,
} from '@greenroom/ai-react';
import type { FoundVersion } from '@greenroom/plugin-ai-registry-common';
import type {
  JobEvent,
  JobPhase,
  Run,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { Fragment } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { describeState } from '../jobs/describeJob';
import { JobPhasePill } from '../jobs/JobPhasePill';
import { JobProgress } from '../jobs/JobProgress';
import { isOpen, ranSeconds, whereOf } from '../jobs/jobTimes';
import { money } from '../jobs/words';
import {
  experimentRouteRef,
  jobRouteRef,
  jobsRouteRef,
  modelRouteRef,
  runRouteRef,
  startRouteRef,
  versionRouteRef,
} from '../routes';
import { MetricsPanel } from '../run/MetricsPanel';
import { SystemPanel } from '../system/SystemPanel';
import { AttemptsPanel } from './AttemptsPanel';
import { JobActions } from './JobActions';
import { JobLogPanel } from './JobLogPanel';
import { SettingsPanels } from './SettingsPanels';
import { StateDescription } from './StateDescription';
import { TimelinePanel } from './TimelinePanel';
import { useJob } from './useJob';
import { useRegisteredVersions } from './useRegisteredVersions';
import styles from '../run/run.module.css';

const BUSY_POLL_MILLIS = 4_000;
const IDLE_POLL_MILLIS = 60_000;

/** What is said before how long a state lasts. */
const LASTING: Record<JobPhase, string> = {
  queued: 'Waits',
  starting: 'Starts',
  running: 'Runs',
  stopping: 'Stops',
  succeeded: 'Ended',
  failed: 'Ended',
  cancelled: 'Ended',
};

/** One job: where it stands and why, what it measures and writes, and what it was started with. */
export function JobPage({ id }: { id: string }) {
  const toJobs = useRouteRef(jobsRouteRef);
  const toJob = useRouteRef(jobRouteRef);
  const live = useJob(id);
  const job = live.value?.job;
  const versions = useRegisteredVersions(job);
  const title = job?.name ?? `Job ${id.slice(0, 8)}`;
  return (
    <BreadcrumbEntry entry={{ label: 'Jobs', href: toJobs?.() ?? '..' }}>
      <BreadcrumbEntry entry={{ label: title, href: toJob?.({ id }) ?? '..' }}>
        <Header
          title={title}
          customActions={job && <JobActions job={job} onDone={live.refresh} />}
          metadata={job && [...statusOf(job), ...linksOf(job, versions.value)]}
        />
        <Container>
          <Loaded live={live} what="the job" skeleton={[96, 240, 160]}>
            {value => <JobView {...value} />}
          </Loaded>
        </Container>
      </BreadcrumbEntry>
    </BreadcrumbEntry>
  );
}

function statusOf(job: TrainingJob) {
  const { state } = job;
  const seconds = ranSeconds(job, Date.now());
  return [
    { label: 'State', value: <JobPhasePill phase={state.phase} /> },
    ...(isOpen(job)
      ? [
          {
            label: LASTING[state.phase],
            value: <LastingTime at={state.since} />,
          },
        ]
      : [{ label: 'Ended', value: <RelativeTime at={state.since} /> }]),
    ...(seconds === undefined
      ? []
      : [
          {
            // Its deadline may be of the last ones alone.
            label: job.attempts.length > 1 ? 'Ran, all attempts' : 'Ran',
            value: formatDuration(seconds),
          },
        ]),
    ...(job.cost
      ? [{ label: 'Cost', value: money(job.cost.amount, job.cost.currency) }]
      : []),
    { label: 'Team', value: <PersonName entityRef={job.team} /> },
    { label: 'Runs on', value: whereOf(job) },
    {
      label: 'Submitted',
      value: (
        <>
          <RelativeTime at={job.submittedAt} /> by{' '}
          <PersonName entityRef={job.submittedBy} />
        </>
      ),
    },
  ];
}

function linksOf(job: TrainingJob, versions: FoundVersion[] = []) {
  return [
    { label: 'Run', value: <RunLink job={job} /> },
    { label: 'Experiment', value: <ExperimentLink job={job} /> },
    { label: 'Template', value: <TemplateLink job={job} /> },
    ...(job.spec.model === undefined
      ? []
      : [{ label: 'Model', value: <ModelLink model={job.spec.model} /> }]),
    ...(versions.length === 0
      ? []
      : [{ label: 'Registered', value: <VersionLinks versions={versions} /> }]),
    ...(job.cloneOf === undefined || job.cloneOf === job.resumeOf
      ? []
      : [{ label: 'Clone of', value: <JobLink id={job.cloneOf} /> }]),
    ...(job.resumeOf === undefined
      ? []
      : [{ label: 'Resumes', value: <JobLink id={job.resumeOf} /> }]),
  ];
}

function RunLink({ job }: { job: TrainingJob }) {
  const toRun = useRouteRef(runRouteRef);
  return (
    <Link href={toRun?.({ runId: job.run }) ?? '#'}>
      {job.run.slice(0, 10)}
    </Link>
  );
}

function ExperimentLink({ job }: { job: TrainingJob }) {
  const toExperiment = useRouteRef(experimentRouteRef);
  return (
    <Link href={toExperiment?.({ id: job.experiment }) ?? '#'}>
      {job.spec.experiment}
    </Link>
  );
}

function TemplateLink({ job }: { job: TrainingJob }) {
  const toStart = useRouteRef(startRouteRef);
  return (
    <Link href={toStart?.({ name: job.template }) ?? '#'}>{job.template}</Link>
  );
}

function ModelLink({ model }: { model: string }) {
  const toModel = useRouteRef(modelRouteRef);
  return <RouteLink to={toModel?.({ name: model })}>{model}</RouteLink>;
}

function VersionLinks({ versions }: { versions: FoundVersion[] }) {
  const toVersion = useRouteRef(versionRouteRef);
  return (
    <>
      {versions.map(({ model, version }, index) => (
        <Fragment key={`${model} ${version}`}>
          {index > 0 && ', '}
          <RouteLink
            to={toVersion?.({ name: model, version: String(version) })}
          >
            {`${model} ${version}`}
          </RouteLink>
        </Fragment>
      ))}
    </>
  );
}

function JobLink({ id }: { id: string }) {
  const toJob = useRouteRef(jobRouteRef);
  return <Link href={toJob?.({ id }) ?? '#'}>{id.slice(0, 8)}</Link>;
}

function JobView({ job, events }: { job: TrainingJob; events: JobEvent[] }) {
  const run = useRunOf(job);
  const said = describeState(job.state);
  return (
    <div className={styles.stack}>
      <Panel title={said.title}>
        <StateDescription said={said} />
        <JobProgress job={job} />
      </Panel>
      <div className={styles.page}>
        <div className={styles.column}>
          <Loaded live={run} what="what it measures" skeleton={[240]}>
            {value => <MetricsOf job={job} run={value} />}
          </Loaded>
          <JobLogPanel job={job} />
          {run.value && <SystemPanel run={run.value} />}
          <AttemptsPanel job={job} />
        </div>
        <div className={styles.column}>
          <TimelinePanel events={events} />
          <SettingsPanels job={job} />
        </div>
      </div>
    </div>
  );
}

function MetricsOf({ job, run }: { job: TrainingJob; run: Run }) {
  if (run.metrics.length > 0 || !isOpen(job)) return <MetricsPanel run={run} />;
  return (
    <Panel title="Metrics (0)">
      <EmptyState
        title="Nothing measured yet"
        description="What its program logs with MLflow is drawn here as it comes."
      />
    </Panel>
  );
}

/** With what it has measured. */
function useRunOf(job: TrainingJob) {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    signal => training.getRun(job.run, { signal }),
    // Once more when it has ended: its last numbers come with the end.
    [job.run, isOpen(job)],
    {
      pollMillis: isOpen(job) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
