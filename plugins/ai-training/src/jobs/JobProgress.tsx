import { formatDuration, ProgressBar } from '@greenroom/ai-react';
import type { TrainingJob } from '@greenroom/plugin-ai-training-common';
import { isOpen } from './jobTimes';
import styles from './jobs.module.css';

/** How far a job is as its program says; nothing where it says nothing. */
export function JobProgress({ job }: { job: TrainingJob }) {
  const { progress, state } = job;
  const percent = progress?.progressPercentage;
  if (percent === undefined) return null;
  const remaining = isOpen(job)
    ? progress?.estimatedRemainingSeconds
    : undefined;
  return (
    <div className={styles.progress}>
      <ProgressBar value={percent / 100} label={`Progress of ${job.name}`} />
      <span className={styles.subtle}>
        {percent} %
        {state.phase === 'running' &&
          remaining !== undefined &&
          `, about ${formatDuration(remaining)} left`}
      </span>
    </div>
  );
}
