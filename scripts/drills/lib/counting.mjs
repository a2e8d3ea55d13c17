// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

const SETTLE_SECONDS = 120;
const POLL_MILLIS = 500;
/** Records are sent every second. */
const QUIET_MILLIS = 3_000;

/** Requests that monitoring has counted as answered well, of the model that the load asks. */
export async function countedAnswers(stack) {
  const [{ counted }] = await stack.query(
    `select coalesce(sum(requests - client_errors - server_errors), 0)::integer as counted
     from "ai-monitoring".windows where environment = 'production' and model = 'digits'`,
  );
  return counted;
}

/** The same when nothing is on its way any more: what a drill counts from. */
export async function settledCount(stack) {
  let counted = await countedAnswers(stack);
  for (;;) {
    await sleep(QUIET_MILLIS);
    const now = await countedAnswers(stack);
    if (now === counted) return counted;
    counted = now;
  }
}

/**
 * Waits until as many answers are counted as are expected, or no more come.
 *
 * @returns {Promise<number>} answers counted since `before`
 */
export async function untilCounted(stack, { before, expected }) {
  const deadline = Date.now() + SETTLE_SECONDS * 1_000;
  let counted = 0;
  while (Date.now() < deadline) {
    counted = (await countedAnswers(stack)) - before;
    if (counted >= expected) {
      // Whatever was counted twice comes within another round of batches.
      await sleep(QUIET_MILLIS);
      return (await countedAnswers(stack)) - before;
    }
    await sleep(POLL_MILLIS);
  }
  return counted;
}

/** Checks that each answered request is counted, and counted once. */
export async function checkCounted({ stack, invariants, before, load }) {
  const expected = load.count(200);
  const counted = await untilCounted(stack, { before, expected });
  invariants.check(
    'every answered request is counted once',
    counted === expected,
    `${expected} answered, ${counted} counted`,
  );
}
