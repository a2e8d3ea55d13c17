import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MILLIS = 10;

/** Waits until something holds; fails with the condition's text after the timeout. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  timeoutMillis = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMillis;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`it did not come true in time: ${condition}`);
    }
    await sleep(STEP_MILLIS);
  }
}
