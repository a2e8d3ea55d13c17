const FIRST_MILLIS = 10_000;
const LONGEST_MILLIS = 5 * 60_000;

/** When to try again what did not work `attempts` times in a row: sooner at first, at least every five minutes. */
export function nextTryAt(now: Date, attempts: number): string {
  const waitMillis = Math.min(
    FIRST_MILLIS * 2 ** Math.min(attempts - 1, 16),
    LONGEST_MILLIS,
  );
  return new Date(now.getTime() + waitMillis).toISOString();
}
