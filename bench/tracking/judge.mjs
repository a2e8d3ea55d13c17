// @ts-check
/** Faster than MLflow's own server in each case, and so many times in these. */
export const LEAST_TIMES = { SearchRuns: 10 };
/** What a full store may cost: so many times the time of an empty one. */
export const MOST_FILLED_TIMES = 3;

/**
 * @typedef {{ answers: number, perSecond: number, meanMillis: number, p95Millis: number, failures: number, failure?: string }} Answered
 * @typedef {{ name: string, ours: Answered, theirs?: Answered, filled?: Answered }} Measured
 */

/**
 * Holds measurements against the bounds.
 *
 * @param {Measured[]} measured
 * @returns {{ rows: object[], broken: string[] }} what to print, and a sentence for each bound that does not hold
 */
export function judgeTracking(measured) {
  const broken = [];
  const rows = measured.map(({ name, ours, theirs, filled }) => {
    if (ours.failures) {
      broken.push(
        `${name}: ${ours.failures} failures, the first: ${ours.failure}`,
      );
    }
    const times = theirs && theirs.meanMillis / ours.meanMillis;
    const least = LEAST_TIMES[name] ?? 1;
    if (times !== undefined && !(times >= least)) {
      broken.push(
        `${name} is ${times.toFixed(
          2,
        )} times as fast as MLflow, expected ${least}`,
      );
    }
    const slower = filled && filled.meanMillis / ours.meanMillis;
    if (slower !== undefined && !(slower <= MOST_FILLED_TIMES)) {
      broken.push(
        `${name} takes ${slower.toFixed(
          2,
        )} times as long in a full store, expected ${MOST_FILLED_TIMES} at most`,
      );
    }
    if (filled?.failures) {
      broken.push(
        `${name} in a full store: ${filled.failures} failures, the first: ${filled.failure}`,
      );
    }
    return {
      case: name,
      'per second': Math.round(ours.perSecond),
      'mean, ms': round(ours.meanMillis),
      'p95, ms': round(ours.p95Millis),
      ...(theirs && {
        'MLflow per second': Math.round(theirs.perSecond),
        'MLflow mean, ms': round(theirs.meanMillis),
        'MLflow failures': theirs.failures,
        times: round(times),
      }),
      ...(filled && {
        'full, ms': round(filled.meanMillis),
        'full to empty': round(slower),
      }),
    };
  });
  return { rows, broken };
}

function round(number) {
  return Number(number?.toFixed(1));
}
