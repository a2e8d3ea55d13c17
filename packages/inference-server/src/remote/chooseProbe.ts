/** Questions that one server is asked at a time; the others wait. */
export const MOST_PROBES_IN_FLIGHT = 8;
/** From the beginning of one to that of the next: ten a second, however many models a server has. */
export const PROBE_GAP_MILLIS = 100;

/** Whether a model is ready, asked again and again. */
export interface Probe {
  /** When it is asked next, by the monotonic clock; undefined for one that was never asked, which goes first. */
  dueMillis: number | undefined;
  isInFlight: boolean;
}

/** What happens next among the questions for one server. */
export type ProbeTurn<T> =
  | { kind: 'ask'; probe: T }
  | { kind: 'wait'; untilMillis: number }
  /** Until an answer comes, or another model. */
  | { kind: 'rest' };

/**
 * @param nextStartMillis - before which none begins
 */
export function chooseProbe<T extends Probe>(
  probes: Iterable<T>,
  nextStartMillis: number,
  nowMillis: number,
): ProbeTurn<T> {
  let inFlight = 0;
  let first: T | undefined;
  for (const probe of probes) {
    if (probe.isInFlight) inFlight++;
    else if (first === undefined || dueOf(probe) < dueOf(first)) first = probe;
  }
  if (first === undefined || inFlight >= MOST_PROBES_IN_FLIGHT) {
    return { kind: 'rest' };
  }
  const untilMillis = Math.max(dueOf(first), nextStartMillis);
  return untilMillis <= nowMillis
    ? { kind: 'ask', probe: first }
    : { kind: 'wait', untilMillis };
}

function dueOf({ dueMillis }: Probe): number {
  return dueMillis ?? -Infinity;
}
