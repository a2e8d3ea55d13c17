import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Alert, ButtonLink, Container, Header, Link } from '@backstage/ui';
import {
  EmptyState,
  Loaded,
  Panel,
  PersonName,
  PlainTable,
  RelativeTime,
  useLive,
} from '@greenroom/ai-react';
import {
  type FlavorUse,
  type JobPage,
  SIGNAL_CHANNEL,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { Fragment } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { describeState } from '../jobs/describeJob';
import { jobRouteRef, jobsRouteRef } from '../routes';
import { FlavorPanel } from './FlavorPanel';
import {
  byBackend,
  inQueueOrder,
  positionOf,
  queueOf,
  waitsInQueue,
} from './queueView';
import styles from './queue.module.css';

/** As many as one request gives; the page of jobs has all. */
const MOST_JOBS = 200;
const POLL_MILLIS = 10_000;

/** What there is to train on, who uses it, what idles, and which jobs wait for it. */
export function QueuePage() {
  const training = useApi(aiTrainingApiRef);
  const live = useLive(
    async signal => {
      const [uses, queued] = await Promise.all([
        training.listFlavorUse({ signal }),
        training.listJobs(
          // Kueue holds those that were let go, and wait for it.
          { phase: ['queued', 'starting'], limit: MOST_JOBS },
          { signal },
        ),
      ]);
      return {
        uses: uses.items,
        queued: { ...queued, items: queued.items.filter(waitsInQueue) },
      };
    },
    [],
    {
      channel: SIGNAL_CHANNEL,
      matches: ({ type }: { type: string }) => type === 'job-changed',
      pollMillis: POLL_MILLIS,
      keepPrevious: true,
    },
  );
  return (
    <>
      <Header
        title="Queue"
        description="What there is to train on, which team uses how much of it, and which jobs wait for it."
      />
      <Container>
        <Loaded live={live} what="the queue" skeleton={[200, 240]}>
          {({ uses, queued }) => (
            <div className={styles.page}>
              <Uses uses={uses} />
              <QueuedJobs page={queued} />
            </div>
          )}
        </Loaded>
      </Container>
    </>
  );
}

function Uses({ uses }: { uses: FlavorUse[] }) {
  const backends = byBackend(uses);
  if (backends.length === 0) {
    return (
      <EmptyState
        title="Nothing here to train on"
        description="Whoever runs the portal says what runs jobs: a cluster in aiTraining.kubernetes, or this machine with aiTraining.local."
      />
    );
  }
  return (
    <>
      {backends.map(({ backend, problem, flavors }) => (
        <Fragment key={backend}>
          {problem !== undefined && (
            <Alert
              status="warning"
              icon
              title={`Something is wrong with ${backend}`}
              description={problem}
            />
          )}
          <div className={styles.flavors}>
            {flavors.map(use => (
              <FlavorPanel key={use.flavor} use={use} />
            ))}
          </div>
        </Fragment>
      ))}
    </>
  );
}

function QueuedJobs({ page }: { page: JobPage }) {
  const toJobs = useRouteRef(jobsRouteRef);
  const { items, nextCursor } = page;
  const all = (
    <ButtonLink
      size="small"
      variant="secondary"
      href={`${toJobs?.() ?? '#'}?phase=queued`}
    >
      All queued jobs
    </ButtonLink>
  );
  return (
    <Panel
      title={`Queued jobs (${items.length}${
        nextCursor === undefined ? '' : ' of more'
      })`}
      description={
        nextCursor !== undefined &&
        `The ${items.length} that came last are shown.`
      }
      actions={items.length > 0 && all}
    >
      {items.length === 0 ? (
        <EmptyState
          title="No job waits"
          description="What is started now runs as soon as it is prepared, where it fits."
        />
      ) : (
        <PlainTable
          label="Queued jobs"
          columns={['Place', 'Job', 'Waits for', 'Team', 'Priority', 'Since']}
          look="rows"
        >
          {inQueueOrder(items).map(job => (
            <QueuedRow key={job.id} job={job} />
          ))}
        </PlainTable>
      )}
    </Panel>
  );
}

function QueuedRow({ job }: { job: TrainingJob }) {
  const toJob = useRouteRef(jobRouteRef);
  return (
    <tr>
      <td>
        {positionOf(job) ?? '–'} · {job.backend} · {queueOf(job)}
      </td>
      <th scope="row">
        <Link href={toJob?.({ id: job.id }) ?? '#'}>{job.name}</Link>
      </th>
      <td className={styles.reason}>{describeState(job.state).title}</td>
      <td>
        <PersonName entityRef={job.team} />
      </td>
      <td>{job.priority}</td>
      <td>
        <RelativeTime at={job.submittedAt} />
      </td>
    </tr>
  );
}
