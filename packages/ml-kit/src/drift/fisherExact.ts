import type { Alternative } from '../experiment/effect';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { assertOneOf } from '../numerics/assertOneOf';
import { assertProportion } from '../numerics/assertProportion';
import { logGamma } from '../numerics/logGamma';
import type { Proportion } from './chiSquareTests';

export interface FisherExactResult {
  /** Sample odds ratio, a against b; Infinity or NaN where a cell is 0. */
  oddsRatio: number;
  pValue: number;
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/**
 * Fisher's exact test of two proportions: right for any counts, where chi-square and z want five of each.
 *
 * Two-sided: all tables that are no more probable than the one seen. alternative 'greater' means that a is larger.
 * pValue 1 when all or none succeed. Throws InvalidArgumentError unless counts are integers with successes <= trials.
 * O(smaller margin). Source: Fisher (1935).
 */
export function fisherExactTest(
  a: Proportion,
  b: Proportion,
  alternative: Alternative = 'two-sided',
): FisherExactResult {
  for (const [name, { successes, trials }] of Object.entries({ a, b })) {
    assertProportion(successes, trials);
    assertIntegerAtLeast(`${name}.successes`, successes, 0);
    assertIntegerAtLeast(`${name}.trials`, trials, 0);
  }
  assertOneOf('alternative', alternative, ['two-sided', 'greater', 'less']);
  const successes = a.successes + b.successes;
  const low = Math.max(0, successes - b.trials);
  const high = Math.min(successes, a.trials);
  const whole = logChoose(a.trials + b.trials, successes);
  const probability = (x: number) =>
    Math.exp(
      logChoose(a.trials, x) + logChoose(b.trials, successes - x) - whole,
    );
  const seen = a.successes;
  // A little more than the one seen, so that rounding does not part equally probable tables.
  const limit = probability(seen) * (1 + 1e-7);
  let pValue = 0;
  for (let x = low; x <= high; x++) {
    const p = probability(x);
    const isExtreme = {
      'two-sided': p <= limit,
      greater: x >= seen,
      less: x <= seen,
    };
    if (isExtreme[alternative]) pValue += p;
  }
  return {
    oddsRatio:
      (a.successes * (b.trials - b.successes)) /
      (b.successes * (a.trials - a.successes)),
    pValue: Math.min(1, pValue),
  };
}
