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

/**
 * A look at all jobs takes at most so much processor time in the middle where there is nothing to tell: one is made each
 * second, beside all that the control plane does.
 */
export const MAX_PASS_CPU_MILLIS = 300;

/**
 * @param {{ queued: number, first: { millis: number, cpuMillis: number }, quiet: { millis: number, cpuMillis: number }[] }} measured
 * @returns {{ lines: string[], broken: string[] }}
 */
export function judgePasses({ queued, first, quiet }) {
  const middle = name =>
    at(
      quiet.map(pass => pass[name]),
      50,
    );
  const cpuMillis = middle('cpuMillis');
  return {
    lines: [
      `a look at ${queued} queued jobs: ${middle('millis').toFixed(
        0,
      )} ms in the middle, ${cpuMillis.toFixed(
        0,
      )} ms of them processor time, of ${
        quiet.length
      }; the first one, which told each why it waits, ${first.millis.toFixed(
        0,
      )} ms.`,
    ],
    broken:
      queued <= MOST_QUEUED && cpuMillis > MAX_PASS_CPU_MILLIS
        ? [
            `a look at ${queued} queued jobs took ${cpuMillis.toFixed(
              0,
            )} ms of processor time in the middle, expected at most ${MAX_PASS_CPU_MILLIS}`,
          ]
        : [],
  };
}

/** Somebody who looks at a job's page sees what changed in the cluster within so long, in the middle. */
export const MAX_LAG_MILLIS = 3_000;

/**
 * @param {import('./cluster.mjs').Cluster} measured
 * @returns {{ lines: string[], broken: string[] }}
 */
export function judgeCluster(measured) {
  const { jobs, submitSeconds, createdSeconds, createdMillis, lagMillis } =
    measured;
  const lag = at(lagMillis, 50);
  return {
    lines: [
      `${jobs} jobs: accepted at ${(jobs / submitSeconds).toFixed(
        1,
      )} a second, with their Jobs at ${(jobs / createdSeconds).toFixed(
        1,
      )} a second; from a request to its Job ${seconds(
        createdMillis,
        50,
      )} s in the middle, ${seconds(
        createdMillis,
        95,
      )} s at the 95th percentile.`,
      `a program has ended: the portal says so after ${lag.toFixed(
        0,
      )} ms in the middle, ${at(lagMillis, 95).toFixed(
        0,
      )} ms at the 95th percentile, of ${lagMillis.length}.`,
    ],
    broken:
      lag > MAX_LAG_MILLIS
        ? [
            `the portal said ${lag.toFixed(
              0,
            )} ms after the cluster that a program had ended, expected at most ${MAX_LAG_MILLIS}`,
          ]
        : [],
  };
}

function seconds(millis, percent) {
  return (at(millis, percent) / 1_000).toFixed(1);
}

/** The least of the values that so many percent are not above. */
function at(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}
