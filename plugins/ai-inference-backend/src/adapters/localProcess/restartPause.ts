const FIRST_MILLIS = 1_000;
const LONGEST_MILLIS = 5 * 60_000;

/** Pause before a data plane that did not stay up is started again. */
export function restartPauseMillis(attempts: number): number {
  return Math.min(FIRST_MILLIS * 2 ** (attempts - 1), LONGEST_MILLIS);
}
