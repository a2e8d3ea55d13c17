const FIRST_PAUSE_MILLIS = 1_000;
const LONGEST_PAUSE_MILLIS = 30_000;
/** After so long, an end is a new problem and not one more try. */
const WELL_AFTER_MILLIS = 60_000;

/**
 * When a process that has ended by itself is replaced.
 *
 * @param ends - how often one in its place had ended before without having served for a minute
 * @param servedMillis - how long it served
 */
export function decideRestart(
  ends: number,
  servedMillis: number,
): { ends: number; pauseMillis: number } {
  const now = servedMillis >= WELL_AFTER_MILLIS ? 1 : ends + 1;
  return {
    ends: now,
    pauseMillis: Math.min(
      LONGEST_PAUSE_MILLIS,
      FIRST_PAUSE_MILLIS * 2 ** (now - 1),
    ),
  };
}
