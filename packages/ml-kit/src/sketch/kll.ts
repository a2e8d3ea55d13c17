import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { extremeOf } from '../numerics/extremeOf';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, nextUint32 } from '../random/random';
import type { RandomState } from '../random/random';

/**
 * Quantile sketch whose answers are off by a bounded share of the ranks, whatever the values.
 * A plain object; a few hundred values for any number counted.
 */
export interface KllSketch {
  formatVersion: 1;
  /** Size: larger is more accurate. */
  k: number;
  /** Values counted; NaN is not. */
  count: number;
  /** Absent while empty. */
  min?: number;
  max?: number;
  /** levels[i] holds values that stand for 2^i each. All but the first are ascending. */
  levels: number[][];
  random: RandomState;
}

const SHRINK = 2 / 3;
const SMALLEST_LEVEL = 8;

/**
 * Empty sketch. k from 8 (rough) over 200 (rank error 1.3 %) to 65535; the seed decides which values survive.
 * There is no default seed, because sketches that are going to be merged each need another one: with equal seeds
 * their errors point the same way and add up.
 */
export function createKll(k: number, seed: number): KllSketch {
  if (!(Number.isInteger(k) && k >= 8 && k <= 65_535)) {
    throw new InvalidArgumentError(
      `k must be an integer from 8 to 65535, got ${k}`,
    );
  }
  return {
    formatVersion: 1,
    k,
    count: 0,
    levels: [[]],
    random: createRandom(seed),
  };
}

/**
 * Normalized rank error that 99 % of answers keep to, also after merges of sketches with different seeds: 1.33 % of one
 * rank at k = 200, 1.65 % of the mass between two. Fit of Apache DataSketches to its measurements, whose
 * way of compacting this is. It is no bound: one answer of a hundred is off by more.
 */
export function kllRankError(
  k: number,
  of: 'rank' | 'interval' = 'rank',
): number {
  return of === 'rank' ? 2.296 / k ** 0.9723 : 2.446 / k ** 0.9433;
}

interface Capacities {
  /** Of each level. */
  levels: number[];
  total: number;
}

/** Of the sizes and depths that are in use: a few. */
const knownCapacities = new Map<number, Capacities>();
const MOST_KNOWN = 1000;

function capacitiesOf(k: number, depth: number): Capacities {
  const key = k * 64 + depth;
  let known = knownCapacities.get(key);
  if (!known) {
    const levels = Array.from({ length: depth }, (_, level) =>
      Math.max(SMALLEST_LEVEL, Math.ceil(k * SHRINK ** (depth - 1 - level))),
    );
    known = { levels, total: levels.reduce((a, b) => a + b, 0) };
    if (knownCapacities.size >= MOST_KNOWN) knownCapacities.clear();
    knownCapacities.set(key, known);
  }
  return known;
}

/** Merge of two ascending arrays. */
function mergeSorted(a: number[], b: number[]): number[] {
  const merged = new Array<number>(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < merged.length; at++) {
    merged[at] =
      j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i++] : b[j++];
  }
  return merged;
}

function ascending(values: number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

function heldBy(levels: number[][]): number {
  let held = 0;
  for (const level of levels) held += level.length;
  return held;
}

/** Halves one level: every second value moves up, for double the weight. */
function halve(sketch: KllSketch, level: number): void {
  const { levels, random } = sketch;
  const values = levels[level];
  const sorted = level === 0 ? ascending(values) : values;
  // An odd value stays behind, so that the total weight does not change.
  const kept = sorted.length % 2 === 1 ? [sorted[sorted.length - 1]] : [];
  const half: number[] = [];
  const even = sorted.length - kept.length;
  for (let i = nextUint32(random) >>> 31; i < even; i += 2) {
    half.push(sorted[i]);
  }
  levels[level] = kept;
  if (level + 1 === levels.length) levels.push(half);
  else levels[level + 1] = mergeSorted(levels[level + 1], half);
}

/**
 * Makes room, as late and as little as possible: only when all levels together are full, and then the lowest level
 * that is over its own capacity. Full levels lend their room to each other, which is worth a third of the error.
 */
function compact(sketch: KllSketch): void {
  const { levels, k } = sketch;
  for (;;) {
    const capacities = capacitiesOf(k, levels.length);
    if (heldBy(levels) < capacities.total) return;
    halve(
      sketch,
      levels.findIndex((values, i) => values.length >= capacities.levels[i]),
    );
  }
}

/** The infinities become null in JSON, so the two largest doubles stand for them, and the next smaller ones for themselves. */
const LARGEST = Number.MAX_VALUE;
const SECOND_LARGEST = LARGEST * (1 - Number.EPSILON / 2);

function storedValue(value: number): number {
  if (value === Infinity || value === -Infinity) {
    return value > 0 ? LARGEST : -LARGEST;
  }
  if (value === LARGEST) return SECOND_LARGEST;
  return value === -LARGEST ? -SECOND_LARGEST : value;
}

function valueOf(stored: number | undefined): number | undefined {
  if (stored === LARGEST) return Infinity;
  return stored === -LARGEST ? -Infinity : stored;
}

/**
 * Counts a value in place. NaN is left out; the infinities have a rank like any other value, and survive JSON
 * (the largest finite double is therefore taken as the second largest).
 * O(log k) amortized. Source: Karnin, Lang and Liberty, Optimal Quantile Approximation in Streams, FOCS 2016.
 */
export function addToKll(sketch: KllSketch, value: number): void {
  assertFormatVersion('KLL sketch', sketch);
  if (Number.isNaN(value)) return;
  const stored = storedValue(value);
  sketch.count++;
  if (sketch.min === undefined || stored < sketch.min) sketch.min = stored;
  if (sketch.max === undefined || stored > sketch.max) sketch.max = stored;
  const base = sketch.levels[0];
  base.push(stored);
  // Looking at all levels costs more than the value itself, so only once in a while.
  if (base.length % 16 === 0) compact(sketch);
}

/**
 * Sketch of the values of both, as a new object, with the error bound of k kept
 * in any order and grouping of merges, if each was made with a seed of its own; commutative but for which values survive.
 * Throws InvalidArgumentError when k differs. O(k log).
 */
export function mergeKll(a: KllSketch, b: KllSketch): KllSketch {
  assertFormatVersion('KLL sketch', a);
  assertFormatVersion('KLL sketch', b);
  if (a.k !== b.k) {
    throw new InvalidArgumentError(
      `Cannot merge KLL sketches of k = ${a.k} and ${b.k}; they must be equal`,
    );
  }
  const depth = Math.max(a.levels.length, b.levels.length);
  const levels = Array.from({ length: depth }, (_, level) => {
    const one = a.levels[level] ?? [];
    const other = b.levels[level] ?? [];
    return level === 0 ? [...one, ...other] : mergeSorted(one, other);
  });
  const min = extremeOf(Math.min, a.min, b.min);
  const max = extremeOf(Math.max, a.max, b.max);
  // Not their exclusive or, which is the same for every two sketches that drew alike.
  const words = a.random.words.map(
    (word, i) => (Math.imul(word, 0x9e3779b1) + b.random.words[i]) >>> 0,
  );
  const merged: KllSketch = {
    formatVersion: 1,
    k: a.k,
    count: a.count + b.count,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    levels,
    random: createRandom(
      words[0] + words[1] * 0x1_0000_0000,
      words[2] ^ words[3],
    ),
  };
  compact(merged);
  return merged;
}

/** Retained values with their weights, ascending. */
function weighted(sketch: KllSketch): [value: number, weight: number][] {
  return sketch.levels
    .flatMap((values, level) =>
      values.map((value): [number, number] => [value, 2 ** level]),
    )
    .sort(([a], [b]) => a - b || 0);
}

/**
 * The value at quantile q (0 to 1); 0 and 1 give the exact extremes.
 * undefined when empty or q is outside. Rank error: {@link kllRankError}. O(k log k).
 */
export function kllQuantile(sketch: KllSketch, q: number): number | undefined {
  assertFormatVersion('KLL sketch', sketch);
  if (sketch.count === 0 || !(q >= 0 && q <= 1)) return undefined;
  if (q === 0) return valueOf(sketch.min);
  if (q === 1) return valueOf(sketch.max);
  const target = q * sketch.count;
  let seen = 0;
  for (const [value, weight] of weighted(sketch)) {
    seen += weight;
    if (seen >= target) return valueOf(value);
  }
  return valueOf(sketch.max);
}

/** Share of values at most x, 0 to 1; undefined when empty. O(k). */
export function kllRank(sketch: KllSketch, x: number): number | undefined {
  assertFormatVersion('KLL sketch', sketch);
  if (sketch.count === 0) return undefined;
  const stored = storedValue(x);
  let weight = 0;
  sketch.levels.forEach((values, level) => {
    for (const value of values) if (value <= stored) weight += 2 ** level;
  });
  return weight / sketch.count;
}
