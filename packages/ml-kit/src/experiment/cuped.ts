import { covarianceOf, meanStatistic } from './armStatistic';
import type { ArmStatistic, ValueSums } from './armStatistic';

/** Sums over one arm of a metric during the experiment and of the same units before it. */
export interface CupedSums {
  post: ValueSums;
  /** Any value known before the assignment; the metric itself over the two weeks before works best. */
  pre: ValueSums;
  /** Of pre times post over units. */
  sumOfProducts: number;
}

function covariance(sums: CupedSums): number {
  return covarianceOf({
    n: sums.post.n,
    sumX: sums.pre.sum,
    sumY: sums.post.sum,
    sumOfProducts: sums.sumOfProducts,
  });
}

function add(a: ValueSums, b: ValueSums): ValueSums {
  return {
    n: a.n + b.n,
    sum: a.sum + b.sum,
    sumOfSquares: a.sumOfSquares + b.sumOfSquares,
  };
}

/** Slope of post on pre over both arms together; 0 when pre does not vary. */
export function cupedSlope(control: CupedSums, treatment: CupedSums): number {
  const pooled: CupedSums = {
    post: add(control.post, treatment.post),
    pre: add(control.pre, treatment.pre),
    sumOfProducts: control.sumOfProducts + treatment.sumOfProducts,
  };
  const { variance } = meanStatistic(pooled.pre);
  return variance > 0 ? covariance(pooled) / variance : 0;
}

function adjust(sums: CupedSums, slope: number): ArmStatistic {
  const post = meanStatistic(sums.post);
  const pre = meanStatistic(sums.pre);
  return {
    n: post.n,
    mean: post.mean - slope * pre.mean,
    variance: Math.max(
      0,
      post.variance + slope ** 2 * pre.variance - 2 * slope * covariance(sums),
    ),
  };
}

export interface CupedStatistics {
  control: ArmStatistic;
  treatment: ArmStatistic;
  /** Of post on pre. */
  slope: number;
  /** Means of post. */
  unadjusted: { control: number; treatment: number };
}

/**
 * Both arms with what was foreseeable from before the experiment taken out: the
 * same effect with a smaller variance (by the squared correlation of pre and post).
 *
 * Means are of post - slope * pre; for a relative effect pass `unadjusted` on to the test. O(1).
 * Source: Deng, Xu, Kohavi and Walker, Improving the Sensitivity of Online Controlled Experiments, WSDM 2013.
 */
export function cupedStatistics(
  control: CupedSums,
  treatment: CupedSums,
): CupedStatistics {
  const slope = cupedSlope(control, treatment);
  return {
    control: adjust(control, slope),
    treatment: adjust(treatment, slope),
    slope,
    unadjusted: {
      control: meanStatistic(control.post).mean,
      treatment: meanStatistic(treatment.post).mean,
    },
  };
}
