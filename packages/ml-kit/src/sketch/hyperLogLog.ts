import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { hash64 } from './hash64';

/** Sketch of how many distinct values there were; 2^precision small counters. A plain object. */
export interface HyperLogLog {
  formatVersion: 1;
  /** 4 to 18; the standard error is 1.04 / sqrt(2^precision): 1.6 % at 12. */
  precision: number;
  /** For each bucket the longest run of leading zeros seen, plus one. */
  registers: number[];
}

/** Empty sketch. Throws InvalidArgumentError unless precision is an integer from 4 to 18. */
export function createHyperLogLog(precision = 12): HyperLogLog {
  if (!(Number.isInteger(precision) && precision >= 4 && precision <= 18)) {
    throw new InvalidArgumentError(
      `precision must be an integer from 4 to 18, got ${precision}`,
    );
  }
  return {
    formatVersion: 1,
    precision,
    registers: new Array<number>(2 ** precision).fill(0),
  };
}

/** Relative standard error of the count. */
export function hyperLogLogError(precision: number): number {
  return 1.04 / Math.sqrt(2 ** precision);
}

/** Counts a value in place; numbers are distinguished by their decimal text. O(length), no growth. */
export function addToHyperLogLog(
  sketch: HyperLogLog,
  value: string | number,
): void {
  assertFormatVersion('HyperLogLog sketch', sketch);
  const { precision, registers } = sketch;
  const { high, low } = hash64(String(value));
  const bucket = high >>> (32 - precision);
  const rest = (high << precision) >>> 0;
  const zeros = rest > 0 ? Math.clz32(rest) : 32 - precision + Math.clz32(low);
  if (zeros + 1 > registers[bucket]) registers[bucket] = zeros + 1;
}

/** Sketch of the values of both, as a new object: exactly the sketch of all values. Throws InvalidArgumentError when precisions differ. */
export function mergeHyperLogLogs(a: HyperLogLog, b: HyperLogLog): HyperLogLog {
  assertFormatVersion('HyperLogLog sketch', b);
  assertFormatVersion('HyperLogLog sketch', a);
  if (a.precision !== b.precision) {
    throw new InvalidArgumentError(
      `Cannot merge HyperLogLog sketches of precision ${a.precision} and ${b.precision}; they must be equal`,
    );
  }
  return {
    formatVersion: 1,
    precision: a.precision,
    registers: a.registers.map((value, i) => Math.max(value, b.registers[i])),
  };
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = x;
  for (;;) {
    x *= x;
    const next = z + x * y;
    if (next === z) return z;
    z = next;
    y += y;
  }
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (;;) {
    x = Math.sqrt(x);
    y *= 0.5;
    const next = z - (1 - x) ** 2 * y;
    if (next === z) return z / 3;
    z = next;
  }
}

/**
 * Estimated number of distinct values: 0 when empty; unbiased over the whole
 * range, without correction tables. Relative standard error: {@link hyperLogLogError}.
 * O(2^precision). Source: Ertl, New Cardinality Estimation Algorithms for HyperLogLog Sketches, arXiv 1702.01284, algorithm 6.
 */
export function hyperLogLogCount(sketch: HyperLogLog): number {
  assertFormatVersion('HyperLogLog sketch', sketch);
  const { precision, registers } = sketch;
  const m = registers.length;
  const longest = 64 - precision;
  const histogram = new Array<number>(longest + 2).fill(0);
  for (const value of registers) histogram[Math.min(value, longest + 1)]++;
  if (histogram[0] === m) return 0;
  let z = m * tau(1 - histogram[longest + 1] / m);
  for (let k = longest; k >= 1; k--) z = 0.5 * (z + histogram[k]);
  z += m * sigma(histogram[0] / m);
  return (m * m) / (2 * Math.LN2 * z);
}
