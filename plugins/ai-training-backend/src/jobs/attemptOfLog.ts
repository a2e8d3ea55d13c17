import { NotFoundError } from '@backstage/errors';
import {
  ENDED_PHASES,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** Nothing was written by it, and nothing ever will be. */
export class NoSuchAttemptError extends NotFoundError {}

/**
 * Says whose log is read: the last attempt's where none is named; 0 where none has begun. Of a job that goes on also
 * the next one, which is waited for.
 *
 * @throws NoSuchAttemptError when it is not there, and not to be expected next
 */
export function attemptOfLog(
  job: Pick<TrainingJob, 'id' | 'state' | 'attempts'>,
  wanted?: number,
): number {
  const newest = job.attempts.at(-1)?.number ?? 0;
  const attempt = wanted || newest;
  const hasEnded = ENDED_PHASES.includes(job.state.phase);
  if (attempt <= (hasEnded ? newest : newest + 1)) return attempt;
  throw new NoSuchAttemptError(
    `attempt: the training job '${job.id}' is ${
      job.state.phase
    } and has no attempt ${attempt}: expected ${expectedOf(newest, hasEnded)}`,
  );
}

function expectedOf(newest: number, hasEnded: boolean): string {
  if (hasEnded && newest === 0) return 'none, since it never began one';
  const most = hasEnded ? newest : newest + 1;
  return most === 1 ? '1' : `1 to ${most}`;
}
