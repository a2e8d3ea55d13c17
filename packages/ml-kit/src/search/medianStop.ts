export interface MedianStopOptions {
  /** Losses of the running trial, one a step, lower is better. */
  losses: readonly number[];
  /** Losses of the other trials, finished or not. */
  others: readonly (readonly number[])[];
  /** Trials that must have come as far, default 5. */
  minTrials?: number;
  /** Steps that no trial is stopped before, default 1. */
  warmupSteps?: number;
}

/** Mean of the first `steps` losses. */
function runningMean(losses: readonly number[], steps: number): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += losses[i];
  return sum / steps;
}

/**
 * Whether to give a trial up: its best loss so far is worse than the median of the
 * other trials' running means up to the same step.
 *
 * False without enough trials to compare with. O(trials * steps).
 * Source: Golovin et al., Google Vizier, KDD 2017, section 3.2.
 */
export function shouldStopByMedian(options: MedianStopOptions): boolean {
  const { losses, others, minTrials = 5, warmupSteps = 1 } = options;
  const steps = losses.length;
  if (steps < Math.max(1, warmupSteps)) return false;
  const means = others
    .filter(other => other.length >= steps)
    .map(other => runningMean(other, steps))
    // A trial that failed (NaN) is the worst there is.
    .map(mean => (Number.isNaN(mean) ? Infinity : mean))
    .sort((a, b) => (a < b ? -1 : Number(a > b)));
  if (means.length < Math.max(1, minTrials)) return false;
  const middle = means.length >> 1;
  const median =
    means.length % 2 === 1
      ? means[middle]
      : (means[middle - 1] + means[middle]) / 2;
  return !(Math.min(...losses) <= median);
}
