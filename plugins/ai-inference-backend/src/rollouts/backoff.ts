const FIRST_MILLIS = 10_000;
const LONGEST_MILLIS = 5 * 60_000;

/** When to try again what did not work `attempts` times in a row: sooner at first, at least every five minutes. */
export function nextTryAt(now: Date, attempts: number): string {
  return new Date(now.getTime() + waitMillis(attempts)).toISOString();
}

/** How long it was tried when the wait after that many tries is over, whatever else was away in between. */
export function triedMillis(attempts: number): number {
  let sum = 0;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    sum += waitMillis(attempt);
  }
  return sum;
}

function waitMillis(attempts: number): number {
  return Math.min(
    FIRST_MILLIS * 2 ** Math.min(attempts - 1, 16),
    LONGEST_MILLIS,
  );
}
