import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { Link } from '@backstage/ui';
import { Panel, useLive } from '@greenroom/ai-react';
import { type Run, SIGNAL_CHANNEL } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { describeState } from '../jobs/describeJob';
import { JobPhasePill } from '../jobs/JobPhasePill';
import { JobProgress } from '../jobs/JobProgress';
import { isGoingOn } from '../runs/runList';
import { jobRouteRef } from '../routes';
import styles from './run.module.css';

const BUSY_POLL_MILLIS = 5_000;
const IDLE_POLL_MILLIS = 10 * 60_000;

/** Where the job stands that runs it; nothing of a run that somebody else runs. */
export function JobNotice({ run }: { run: Run }) {
  const training = useApi(aiTrainingApiRef);
  const toJob = useRouteRef(jobRouteRef);
  const live = useLive(
    signal => training.findJobOfRun(run.id, { signal }),
    [run.id, run.status],
    {
      channel: SIGNAL_CHANNEL,
      matches: message => message.run === run.id,
      pollMillis: isGoingOn(run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
  const job = live.value;
  // A run shows all that it has without it.
  if (!job) return null;
  return (
    <Panel
      title="Job"
      actions={<JobPhasePill phase={job.state.phase} />}
      description={describeState(job.state).title}
    >
      <JobProgress job={job} />
      <p className={styles.relative}>
        <Link href={toJob?.({ id: job.id }) ?? '#'}>
          Its job, with its log as it comes
        </Link>
      </p>
    </Panel>
  );
}
