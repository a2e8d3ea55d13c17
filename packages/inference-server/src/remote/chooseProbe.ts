/** Questions that one server is asked at a time; the others wait. */
export const MOST_PROBES_IN_FLIGHT = 8;
/** From the beginning of one to that of the next: twenty a second, however many models a server has. */
const GAP_MILLIS = 50;

/** How fast one process asks one server. */
export interface ProbePace {
  gapMillis: number;
  mostInFlight: number;
}

/** @param processes - that ask the same, and share what the server is asked; each has one question at least */
export function paceOf(processes: number): ProbePace {
  return {
    gapMillis: GAP_MILLIS * processes,
    mostInFlight: Math.max(1, Math.floor(MOST_PROBES_IN_FLIGHT / processes)),
  };
}

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

export function chooseProbe<T extends Probe>(
  probes: Iterable<T>,
  {
    mostInFlight,
    nextStartMillis,
    nowMillis,
  }: {
    mostInFlight: number;
    /** Before which none begins. */
    nextStartMillis: number;
    nowMillis: number;
  },
): ProbeTurn<T> {
  let inFlight = 0;
  let first: T | undefined;
  for (const probe of probes) {
    if (probe.isInFlight) inFlight++;
    else if (first === undefined || dueOf(probe) < dueOf(first)) first = probe;
  }
  if (first === undefined || inFlight >= mostInFlight) {
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
