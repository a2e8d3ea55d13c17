/** What waits for a run that it shares. */
export interface Gathering {
  requests: number;
  /** How long the first of them has waited. */
  waitedMillis: number;
  /** Since the last of them came. */
  quietMillis: number;
  /** Longest time that any waits. */
  maxDelayMillis: number;
  /** Between one request and the next, as they came lately; Infinity where none did. */
  gapMillis: number;
  /** What a run costs whatever its rows; undefined where it was never measured. */
  millisPerRun: number | undefined;
  /** Until the first of them gives up; Infinity for never. */
  timeLeftMillis: number;
}

/** Says how long what waits goes on waiting for more, in milliseconds; 0: it is run now. */
export type FlushRule = (gathering: Gathering) => number;

/** A timer may be late by so much. */
const MARGIN_MILLIS = 2;

/**
 * Waits for one more request as long as that saves more than it costs. One more spares a run, and everybody who is here
 * waits until it comes; so that with many here, few that come, or runs that cost little, none waits.
 */
export const decideFlush: FlushRule = gathering => {
  const { requests, quietMillis, gapMillis, millisPerRun = 0 } = gathering;
  const most = mostMillis(gathering);
  if (most <= 0) return 0;
  // Who has not come by then is not as near as they were.
  const expected = Math.max(gapMillis, quietMillis);
  if (requests * expected >= millisPerRun) return 0;
  return Math.min(most, millisPerRun / requests - quietMillis);
};

/** Waits as long as it may, whatever that saves. */
export const waitForDelay: FlushRule = gathering =>
  Math.max(0, mostMillis(gathering));

function mostMillis({
  waitedMillis,
  maxDelayMillis,
  timeLeftMillis,
}: Gathering): number {
  return Math.min(
    maxDelayMillis - waitedMillis,
    timeLeftMillis - MARGIN_MILLIS,
  );
}
