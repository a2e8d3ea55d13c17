import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { extremeOf } from '../numerics/extremeOf';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

/** Counts of the logarithmic bins `offset`, `offset + 1`, ...: a dense run. */
export interface LogBins {
  offset: number;
  counts: number[];
}

/**
 * Quantile sketch whose answers are off by at most `relativeAccuracy` of the
 * true value, as long as that is at least a 1e12th of the largest one. A plain object: store it as JSON, merge it with any other of the
 * same accuracy.
 */
export interface DdSketch {
  formatVersion: 1;
  /** 0.01 is 1 %. */
  relativeAccuracy: number;
  /** Finite values counted. */
  count: number;
  sum: number;
  /** Absent while empty. */
  min?: number;
  max?: number;
  /** Values too near to zero for a logarithmic bin. */
  zeros: number;
  positive: LogBins;
  /** Bins of the absolute values of negative values. */
  negative: LogBins;
  /** NaN and infinities, which are counted nowhere else. */
  rejected: number;
}

/** At 1 % this many bins cover a ratio of 6e17 between the largest and smallest magnitude kept apart. */
const MOST_BINS = 2048;
/** Kept apart at any accuracy: finer ones get more bins, 13,802 at 0.1 %. */
const LEAST_RATIO = 1e12;
const FINEST_ACCURACY = 0.001;
const SMALLEST = 1e-300;
const GROWTH = 32;

function logGammaOf(relativeAccuracy: number): number {
  return Math.log1p((2 * relativeAccuracy) / (1 - relativeAccuracy));
}

/** Bins that a run may have, so that memory is bounded and yet the accuracy holds over {@link LEAST_RATIO}. */
function mostBins(logGamma: number): number {
  return Math.max(MOST_BINS, Math.ceil(Math.log(LEAST_RATIO) / logGamma));
}

/** Empty sketch. relativeAccuracy from 0.001 (0.1 %), else InvalidArgumentError: a finer one would need a large memory for a wide range. */
export function createDdSketch(relativeAccuracy = 0.01): DdSketch {
  if (!(relativeAccuracy >= FINEST_ACCURACY && relativeAccuracy < 1)) {
    throw new InvalidArgumentError(
      `relativeAccuracy must lie between 0.001 and 1 (0.01 is 1 %), got ${relativeAccuracy}`,
    );
  }
  return {
    formatVersion: 1,
    relativeAccuracy,
    count: 0,
    sum: 0,
    zeros: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
    rejected: 0,
  };
}

/** Makes room for a bin outside of the run; the lowest bins are folded together when it would get too long. */
function addOutside(
  bins: LogBins,
  index: number,
  count: number,
  most: number,
): void {
  const { counts, offset } = bins;
  if (counts.length === 0) {
    bins.offset = index;
    counts.push(count);
    return;
  }
  const end = offset + counts.length;
  if (index >= end) {
    // First what falls out of the run, so that a far value does not fill the gap up to it.
    foldBelow(bins, index - most + 1);
    while (bins.offset + bins.counts.length < index) bins.counts.push(0);
    bins.counts.push(count);
    return;
  }
  const lowest = highestUsed(bins) - most + 1;
  const target = Math.max(index, lowest);
  if (target < bins.offset) {
    const room = Math.min(GROWTH, target - lowest);
    const first = target - room;
    const grown = new Array<number>(bins.offset - first).fill(0);
    bins.counts = grown.concat(bins.counts);
    bins.offset = first;
  }
  bins.counts[target - bins.offset] += count;
}

function highestUsed(bins: LogBins): number {
  return bins.offset + bins.counts.length - 1;
}

/** Counts everything below a bin in that bin. */
function foldBelow(bins: LogBins, lowest: number): void {
  const excess = lowest - bins.offset;
  if (excess <= 0) return;
  let folded = 0;
  const last = Math.min(excess, bins.counts.length - 1);
  for (let i = 0; i <= last; i++) folded += bins.counts[i];
  bins.counts = bins.counts.slice(excess);
  if (bins.counts.length === 0) bins.counts.push(folded);
  else bins.counts[0] = folded;
  bins.offset = lowest;
}

function addToBins(
  bins: LogBins,
  index: number,
  count: number,
  most: number,
): void {
  const position = index - bins.offset;
  if (position >= 0 && position < bins.counts.length) {
    bins.counts[position] += count;
  } else {
    addOutside(bins, index, count, most);
  }
}

/**
 * Counts a value in place, `count` times. NaN and the infinities only raise `rejected`.
 * Throws InvalidArgumentError, and changes nothing, unless count is an integer of at least 0.
 * O(1) but for the rare growth of the run of bins. Memory is bounded: 2 * 2048 counts, more below 0.7 % (2 * 13,802 at 0.1 %).
 * Magnitudes smaller than the largest one by a factor of 1e12 or more may be counted together in the lowest bin; only their quantiles lose the accuracy.
 * Source: Masson, Rim and Lee, DDSketch, VLDB 12 (2019).
 */
export function addToDdSketch(
  sketch: DdSketch,
  value: number,
  count = 1,
): void {
  assertFormatVersion('DDSketch', sketch);
  assertIntegerAtLeast('count', count, 0);
  if (count === 0) return;
  if (value - value !== 0) {
    sketch.rejected += count;
    return;
  }
  const logGamma = logGammaOf(sketch.relativeAccuracy);
  if (value > SMALLEST) {
    const index = Math.ceil(Math.log(value) / logGamma);
    addToBins(sketch.positive, index, count, mostBins(logGamma));
  } else if (value < -SMALLEST) {
    const index = Math.ceil(Math.log(-value) / logGamma);
    addToBins(sketch.negative, index, count, mostBins(logGamma));
  } else {
    sketch.zeros += count;
  }
  sketch.count += count;
  sketch.sum += value * count;
  if (sketch.min === undefined || value < sketch.min) sketch.min = value;
  if (sketch.max === undefined || value > sketch.max) sketch.max = value;
}

function mergeBins(a: LogBins, b: LogBins, most: number): LogBins {
  if (a.counts.length === 0) return { ...b, counts: [...b.counts] };
  const merged = { offset: a.offset, counts: [...a.counts] };
  for (let i = b.counts.length - 1; i >= 0; i--) {
    if (b.counts[i] > 0) addToBins(merged, b.offset + i, b.counts[i], most);
  }
  return merged;
}

/**
 * Sketch of the values of both, as a new object: equal to the sketch of all
 * values together, in any order and grouping (`sum` up to rounding).
 * Throws InvalidArgumentError when the accuracies differ. O(bins).
 */
export function mergeDdSketches(a: DdSketch, b: DdSketch): DdSketch {
  assertFormatVersion('DDSketch', a);
  assertFormatVersion('DDSketch', b);
  if (a.relativeAccuracy !== b.relativeAccuracy) {
    throw new InvalidArgumentError(
      `Cannot merge sketches of relative accuracy ${a.relativeAccuracy} and ${b.relativeAccuracy}; they must be equal`,
    );
  }
  const most = mostBins(logGammaOf(a.relativeAccuracy));
  const min = extremeOf(Math.min, a.min, b.min);
  const max = extremeOf(Math.max, a.max, b.max);
  return {
    formatVersion: 1,
    relativeAccuracy: a.relativeAccuracy,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    zeros: a.zeros + b.zeros,
    positive: mergeBins(a.positive, b.positive, most),
    negative: mergeBins(a.negative, b.negative, most),
    rejected: a.rejected + b.rejected,
  };
}

/**
 * The value at quantile q (0 to 1): the one of rank floor(q (count - 1)), off by at
 * most `relativeAccuracy` of it. 0 and 1 give the exact extremes.
 * undefined when empty or when q is outside of 0 to 1. O(bins).
 */
export function ddSketchQuantile(
  sketch: DdSketch,
  q: number,
): number | undefined {
  assertFormatVersion('DDSketch', sketch);
  const { count, min, max, negative, positive } = sketch;
  if (min === undefined || max === undefined || !(q >= 0 && q <= 1)) {
    return undefined;
  }
  if (q === 0) return min;
  if (q === 1) return max;
  const logGamma = logGammaOf(sketch.relativeAccuracy);
  const valueOf = (index: number) =>
    Math.exp(index * logGamma) * (1 - sketch.relativeAccuracy);
  const clamp = (value: number) => Math.min(max, Math.max(min, value));
  const rank = Math.floor(q * (count - 1));
  let seen = 0;
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    seen += negative.counts[i];
    if (seen > rank) return clamp(-valueOf(negative.offset + i));
  }
  seen += sketch.zeros;
  if (seen > rank) return clamp(0);
  for (let i = 0; i < positive.counts.length; i++) {
    seen += positive.counts[i];
    if (seen > rank) return clamp(valueOf(positive.offset + i));
  }
  return max;
}
