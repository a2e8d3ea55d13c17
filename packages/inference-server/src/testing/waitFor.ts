import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MILLIS = 10;
/** Looks before it gives up: on a busy machine the time passes while hardly anything runs. */
const LEAST_LOOKS = 500;

/**
 * Waits until something holds; fails with the condition's text after the timeout, if it has looked
 * often enough by then.
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  timeoutMillis = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMillis;
  for (let looks = 1; !(await condition()); looks++) {
    if (Date.now() > deadline && looks >= LEAST_LOOKS) {
      throw new Error(`it did not come true in time: ${condition}`);
    }
    await sleep(STEP_MILLIS);
  }
}
