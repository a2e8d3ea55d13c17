// @ts-check
/** Half of all decisions with 10,000 queued jobs take at most so long: one is made each second. */
export const MAX_DECISION_MILLIS = 50;
export const MOST_QUEUED = 10_000;

/**
 * @param {{ queued: number, millis: number[], starts: number, preemptions: number }[]} measured
 * @returns {{ lines: string[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judgeQueue(measured) {
  return {
    lines: measured.map(
      ({ queued, millis, starts, preemptions }) =>
        `${queued} queued jobs: ${[50, 95, 99]
          .map(percent => `p${percent} ${at(millis, percent).toFixed(2)} ms`)
          .join(', ')}, ${Math.max(...millis).toFixed(2)} ms at most, of ${
          millis.length
        }; the last one started ${starts} and preempted ${preemptions}.`,
    ),
    broken: measured
      .filter(
        ({ queued, millis }) =>
          queued <= MOST_QUEUED && at(millis, 50) > MAX_DECISION_MILLIS,
      )
      .map(
        ({ queued, millis }) =>
          `a decision with ${queued} queued jobs took ${at(millis, 50).toFixed(
            1,
          )} ms in the middle, expected at most ${MAX_DECISION_MILLIS}`,
      ),
  };
}

/** The least of the values that so many percent are not above. */
function at(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}
