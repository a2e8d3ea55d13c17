import type { Cancellation } from '../../domain/ModelRunner';
import { refuseUnwanted } from '../../domain/refuseUnwanted';

/** A timer for longer fires at once. */
const MOST_TIMER_MILLIS = 2 ** 31 - 1;

/**
 * Waits for something that goes on for others too, and no longer than until the caller's time is over.
 *
 * @throws InferenceError `deadline` or `cancelled`
 */
export async function untilDeadline(
  work: Promise<void>,
  cancellation: Cancellation | undefined,
): Promise<void> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  // Others may join what waits, so that there is more time than there was.
  while (!isDone) {
    const deadlineMillis = cancellation?.deadlineMillis ?? Infinity;
    await raceWithTimer(done, deadlineMillis - performance.now());
    refuseUnwanted(cancellation);
  }
}

async function raceWithTimer(
  work: Promise<void>,
  millis: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    // One that is a moment early would not be refused yet.
    const leftMillis = Math.ceil(Math.max(0, millis)) + 1;
    timer = setTimeout(resolve, Math.min(leftMillis, MOST_TIMER_MILLIS));
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
