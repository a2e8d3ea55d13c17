const MILLIS_PER_SECOND = 1_000;
/** Sums of fractions are not exact. */
const TOLERANCE_MILLIS = 1e-6;

/** How many requests may come: so many a second on average, and so many at once after a pause. */
export interface Rate {
  perSecond: number;
  /** At least 1. */
  burst: number;
}

// A rate is kept by one number, the time at which all of the burst is there again (the "theoretical
// arrival time" of the generic cell rate algorithm). Times are milliseconds of a monotonic clock.

/** How long a request has to wait; 0 where it may come now. */
export function waitMillis(
  fullAtMillis: number,
  nowMillis: number,
  { perSecond, burst }: Rate,
): number {
  const most = ((burst - 1) * MILLIS_PER_SECOND) / perSecond;
  const wait = fullAtMillis - nowMillis - most;
  return wait > TOLERANCE_MILLIS ? wait : 0;
}

/** When all of the burst is there again after one more request. */
export function afterRequest(
  fullAtMillis: number,
  nowMillis: number,
  { perSecond }: Rate,
): number {
  return Math.max(fullAtMillis, nowMillis) + MILLIS_PER_SECOND / perSecond;
}

/** How many requests may come now at once. */
export function requestsLeft(
  fullAtMillis: number,
  nowMillis: number,
  { perSecond, burst }: Rate,
): number {
  const used =
    (Math.max(0, fullAtMillis - nowMillis - TOLERANCE_MILLIS) * perSecond) /
    MILLIS_PER_SECOND;
  return Math.max(0, Math.floor(burst - used));
}
