// @ts-check
/**
 * A decision with 10,000 queued jobs takes at most so much processor time in the middle: one is made each second. By the clock
 * it would depend on what else the machine does.
 */
export const MAX_DECISION_MILLIS = 50;
export const MOST_QUEUED = 10_000;

/**
 * @param {{ queued: number, millis: number[], cpuMillis: number[], starts: number, preemptions: number }[]} measured
 * @returns {{ lines: string[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judgeQueue(measured) {
  return {
    lines: measured.map(
      ({ queued, millis, cpuMillis, starts, preemptions }) =>
        `${queued} queued jobs: ${[50, 95, 99]
          .map(percent => `p${percent} ${at(millis, percent).toFixed(2)} ms`)
          .join(', ')}, ${Math.max(...millis).toFixed(2)} ms at most, of ${
          millis.length
        }; ${at(cpuMillis, 50).toFixed(
          2,
        )} ms of processor time in the middle; the last one started ${starts} and preempted ${preemptions}.`,
    ),
    broken: measured
      .filter(
        ({ queued, cpuMillis }) =>
          queued <= MOST_QUEUED && at(cpuMillis, 50) > MAX_DECISION_MILLIS,
      )
      .map(
        ({ queued, cpuMillis }) =>
          `a decision with ${queued} queued jobs took ${at(
            cpuMillis,
            50,
          ).toFixed(
            1,
          )} ms of processor time in the middle, expected at most ${MAX_DECISION_MILLIS}`,
      ),
  };
}

/** The least of the values that so many percent are not above. */
function at(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}
