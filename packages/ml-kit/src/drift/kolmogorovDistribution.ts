/**
 * Probability that the limit distribution of sqrt(n) D exceeds x (Kolmogorov, 1933).
 * 1 for x <= 0. Full double precision by the two complementary series. O(1).
 */
export function kolmogorovUpperTail(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= 0) return 1;
  if (x < 1.18) {
    const y = Math.exp((-Math.PI * Math.PI) / (8 * x * x));
    const sum = y + y ** 9 + y ** 25 + y ** 49;
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  const y = Math.exp(-2 * x * x);
  return 2 * (y - y ** 4 + y ** 9 - y ** 16);
}

/**
 * Exact probability that two samples of m and n from one continuous distribution
 * are at least as far apart: m n D >= gap.
 *
 * Walks all orders of the pooled sample as lattice paths, keeping the share of
 * paths that have stayed closer than `gap`, so nothing overflows. O(m n), O(n) memory.
 */
export function smirnovExactUpperTail(
  gap: number,
  m: number,
  n: number,
): number {
  if (gap <= 0) return 1;
  // stay[j]: probability that a random order reaches (i, j) without touching the gap.
  const stay = new Float64Array(n + 1);
  // touched[j]: the complement, added up apart so that tiny tails keep their digits.
  const touched = new Float64Array(n + 1);
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      if (i === 0 && j === 0) {
        stay[0] = 1;
        touched[0] = 0;
        continue;
      }
      const fromLeft = j > 0 ? j / (i + j) : 0;
      const fromBelow = i > 0 ? i / (i + j) : 0;
      const left = j > 0 ? stay[j - 1] : 0;
      const leftTouched = j > 0 ? touched[j - 1] : 0;
      const through = fromBelow * (i > 0 ? stay[j] : 0) + fromLeft * left;
      const lost =
        fromBelow * (i > 0 ? touched[j] : 0) + fromLeft * leftTouched;
      if (Math.abs(i * n - j * m) >= gap) {
        stay[j] = 0;
        touched[j] = through + lost;
      } else {
        stay[j] = through;
        touched[j] = lost;
      }
    }
  }
  return Math.min(1, touched[n]);
}

/**
 * Exact probability that the one-sample statistic D of n values exceeds d.
 *
 * Domain n >= 1 (O(n d) squared memory, so meant for n up to some thousands).
 * Accurate to about 1e-13 absolute.
 * Source: Marsaglia, Tsang and Wang, J. Stat. Software 8 (2003).
 */
export function kolmogorovOneSampleUpperTail(d: number, n: number): number {
  if (!(d > 0)) return d <= 0 ? 1 : NaN;
  if (d >= 1) return 0;
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const h = k - n * d;
  let base = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      base[i * size + j] = i - j + 1 < 0 ? 0 : 1;
    }
  }
  for (let i = 0; i < size; i++) {
    base[i * size] -= h ** (i + 1);
    base[(size - 1) * size + i] -= h ** (size - i);
  }
  base[(size - 1) * size] += 2 * h - 1 > 0 ? (2 * h - 1) ** size : 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let g = 1; g <= i - j + 1; g++) base[i * size + j] /= g;
    }
  }
  // Powers are kept as a matrix times 2^exponent.
  let result: Float64Array | undefined;
  let resultExponent = 0;
  let baseExponent = 0;
  for (let power = n; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) {
      result = result ? multiply(result, base, size) : base.slice();
      resultExponent += baseExponent;
      resultExponent += normalize(result);
    }
    if (power > 1) {
      base = multiply(base, base, size);
      baseExponent = 2 * baseExponent + normalize(base);
    }
  }
  let value = result ? result[(k - 1) * size + k - 1] : 1;
  for (let i = 1; i <= n; i++) {
    value = (value * i) / n;
    if (value < 1e-140) {
      value *= 2 ** 400;
      resultExponent -= 400;
    }
  }
  return Math.min(1, Math.max(0, 1 - value * 2 ** resultExponent));
}

function multiply(
  a: Float64Array,
  b: Float64Array,
  size: number,
): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let l = 0; l < size; l++) {
      const factor = a[i * size + l];
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) {
        product[i * size + j] += factor * b[l * size + j];
      }
    }
  }
  return product;
}

/** Scales a large matrix down in place by a power of two and returns the exponent taken out. */
function normalize(matrix: Float64Array): number {
  let largest = 0;
  for (const value of matrix) largest = Math.max(largest, value);
  if (largest < 2 ** 400) return 0;
  for (let i = 0; i < matrix.length; i++) matrix[i] *= 2 ** -400;
  return 400;
}
