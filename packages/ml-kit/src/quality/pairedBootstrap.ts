import { assertConfidence } from '../numerics/assertConfidence';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { sortedQuantile } from '../numerics/sortedQuantile';
import { createRandom } from '../random/random';
import type { RandomState } from '../random/random';
import { nextExponential, nextGamma } from '../random/randomDistributions';

export interface PairedBootstrapOptions {
  /** Score of each row under the base, e.g. 1 for a right class, or the absolute error. */
  base: ArrayLike<number>;
  /** Score of the same rows under the candidate. */
  candidate: ArrayLike<number>;
  higherIsBetter: boolean;
  /**
   * Smallest and largest score that a row can have. Default 0 to 1 when every score is 0 or 1; else what was seen,
   * down to 0 where nothing is negative.
   */
  scoreRange?: [number, number];
  /** Default 2000, fewer (down to 800) from 4,000 different gains on. */
  resamples?: number;
  /** Default 1. */
  seed?: number;
  /** Of the interval, default 0.95. */
  confidence?: number;
}

export interface PairedBootstrapResult {
  /** Mean of candidate - base (base - candidate when lower is better): positive is better. */
  improvement: number;
  interval: [number, number];
  /** Rows on which the two score differently. */
  differingRows: number;
  method: 'paired-bootstrap-worst-case';
}

const MOST_RESAMPLES = 2000;
const FEWEST_RESAMPLES = 800;
/** These two keep the comparison of any number of rows below about a second. */
const MOST_DRAWS = 8_000_000;
const MOST_GROUPS = 10_000;

/** Scores that a row can have, as far as the ones that were seen tell. */
function rangeOf(
  least: number,
  most: number,
  areBinary: boolean,
): [number, number] {
  if (areBinary) return [0, 1];
  // An error of 0 is always possible.
  if (least >= 0) return [0, most];
  return most > least ? [least, most] : [least, 0];
}

function widthOf(
  [low, high]: [number, number],
  least: number,
  most: number,
): number {
  if (!(low <= least && high >= most && high > low && high - low < Infinity)) {
    throw new InvalidArgumentError(
      `scoreRange must be wider than 0 and hold all scores, which lie between ${least} and ${most}; got ${low} to ${high}`,
    );
  }
  return high - low;
}

/** Each different gain with the number of rows that have it; beyond 10,000 different ones, neighbours together by their mean. */
function countEqual(gains: Float64Array): [gain: number, rows: number][] {
  const groups = new Map<number, number>();
  for (const gain of gains) groups.set(gain, (groups.get(gain) ?? 0) + 1);
  if (groups.size <= MOST_GROUPS) return [...groups];
  const sorted = Float64Array.from(gains).sort();
  return Array.from({ length: MOST_GROUPS }, (_, group) => {
    const part = sorted.subarray(
      Math.floor((group * sorted.length) / MOST_GROUPS),
      Math.floor(((group + 1) * sorted.length) / MOST_GROUPS),
    );
    return [part.reduce((a, b) => a + b, 0) / part.length, part.length];
  });
}

/** Weight of some rows together: the sum of as many exponential variables. */
function nextWeight(random: RandomState, rows: number): number {
  return rows === 1 ? nextExponential(random) : nextGamma(random, rows);
}

/**
 * How much better a candidate scores than a base on the same rows. Rows are weighted in
 * pairs, so what makes a row hard for both does not widen the interval.
 *
 * The Bayesian bootstrap, with one row more than was measured: the lower end of the interval takes it
 * as the worst that can happen to a row, the upper end as the best. So few rows are never certain: n rows without
 * any difference give the interval that an exact binomial test gives for none of n (3.7 / n on either side),
 * one row nearly the whole range. With many rows the additional one does not matter.
 *
 * Scores without natural bounds (squared errors) are taken to lie in the range that was seen: a loss that is rarer than
 * one of n rows and larger than all seen cannot be known from n rows. Say what can happen with `scoreRange`.
 *
 * The same seed gives the same interval.
 * Throws InvalidArgumentError when the lengths differ, are 0, a score is not finite, or an option is out of range.
 * O(different gains * resamples). Source: Rubin, Ann. Stat. 9 (1981); the additional row: Learned-Miller and Thomas,
 * A New Confidence Interval for the Mean of a Bounded Random Variable, arXiv 1905.06208.
 */
export function pairedBootstrap(
  options: PairedBootstrapOptions,
): PairedBootstrapResult {
  const { base, candidate, higherIsBetter } = options;
  const { seed = 1, confidence = 0.95 } = options;
  assertConfidence(confidence);
  const n = base.length;
  if (n === 0 || candidate.length !== n) {
    throw new InvalidArgumentError(
      `Expected the scores of the same rows, at least one; got ${n} of the base and ${candidate.length} of the candidate`,
    );
  }
  const gains = new Float64Array(n);
  let sum = 0;
  let differingRows = 0;
  let [least, most, areBinary] = [Infinity, -Infinity, true];
  for (let i = 0; i < n; i++) {
    const gain = candidate[i] - base[i];
    if (!Number.isFinite(gain)) {
      throw new InvalidArgumentError(
        `The scores of row ${i} are ${base[i]} and ${candidate[i]}, expected finite numbers`,
      );
    }
    gains[i] = higherIsBetter ? gain : -gain;
    sum += gains[i];
    if (gain !== 0) differingRows++;
    least = Math.min(least, base[i], candidate[i]);
    most = Math.max(most, base[i], candidate[i]);
    areBinary &&= isBinary(base[i]) && isBinary(candidate[i]);
  }
  const { scoreRange = rangeOf(least, most, areBinary) } = options;
  const width = widthOf(scoreRange, least, most);
  const groups = countEqual(gains);
  const { resamples = resamplesFor(groups.length) } = options;
  assertIntegerAtLeast('resamples', resamples, 1);
  const random = createRandom(seed);
  const lower = new Float64Array(resamples);
  const upper = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    const unseen = nextExponential(random);
    let total = 0;
    let weight = unseen;
    for (const [gain, rows] of groups) {
      const share = nextWeight(random, rows);
      total += share * gain;
      weight += share;
    }
    lower[resample] = (total - unseen * width) / weight;
    upper[resample] = (total + unseen * width) / weight;
  }
  return {
    improvement: sum / n,
    interval: [
      sortedQuantile(lower.sort(), (1 - confidence) / 2),
      sortedQuantile(upper.sort(), (1 + confidence) / 2),
    ],
    differingRows,
    method: 'paired-bootstrap-worst-case',
  };
}

function isBinary(score: number): boolean {
  return score === 0 || score === 1;
}

function resamplesFor(differentGains: number): number {
  const affordable = Math.floor(MOST_DRAWS / differentGains);
  return Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, affordable));
}
