import { InvalidArgumentError } from './InvalidArgumentError';

/** A rising step function through a few points, linear between them, constant beyond its ends. */
export interface IsotonicFit {
  /** Ascending. */
  x: number[];
  /** Never falling, one for each x. */
  y: number[];
}

/** A run of points that get the same value. */
interface Block {
  mean: number;
  weight: number;
  from: number;
  to: number;
}

/** The weighted mean of the points of each distinct x, ascending. Points of weight 0 say nothing and are left out. */
function poolEqual(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): Block[] {
  const order = Array.from(x, (_, i) => i)
    .filter(i => !weights || weights[i] > 0)
    .sort((a, b) => (x[a] < x[b] ? -1 : Number(x[a] > x[b])));
  const pooled: Block[] = [];
  let sum = 0;
  for (const i of order) {
    const weight = weights ? weights[i] : 1;
    const last = pooled[pooled.length - 1];
    if (last && last.to === x[i]) {
      sum += y[i] * weight;
      last.weight += weight;
      last.mean = sum / last.weight;
    } else {
      sum = y[i] * weight;
      pooled.push({ mean: y[i], weight, from: x[i], to: x[i] });
    }
  }
  return pooled;
}

function assertPoints(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): void {
  if (x.length !== y.length || (weights && weights.length !== x.length)) {
    throw new InvalidArgumentError(
      `x, y and weights must have the same length, got ${x.length}, ${
        y.length
      } and ${weights?.length ?? 'none'}`,
    );
  }
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i]) || !Number.isFinite(y[i])) {
      throw new InvalidArgumentError(
        `Point ${i} is (${x[i]}, ${y[i]}), expected an x that is a number and a finite y`,
      );
    }
    if (weights && !(weights[i] >= 0 && weights[i] < Infinity)) {
      throw new InvalidArgumentError(
        `The weight of point ${i} is ${weights[i]}, expected a finite number of at least 0`,
      );
    }
  }
}

/**
 * The never-falling function with the least squared error: pool adjacent violators.
 * Equal x are pooled to their mean first, so that the order of the points says nothing. Weights default to 1.
 *
 * Only the ends of each constant run are kept. Empty input gives an empty fit.
 * Throws InvalidArgumentError when lengths differ, an x is NaN, a y not finite or a weight negative. O(n log n).
 * Source: Barlow, Bartholomew, Bremner and Brunk (1972).
 */
export function fitIsotonic(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicFit {
  assertPoints(x, y, weights);
  const blocks: Block[] = [];
  for (const point of poolEqual(x, y, weights)) {
    let block = point;
    for (;;) {
      const last = blocks[blocks.length - 1];
      if (!last || last.mean < block.mean) break;
      blocks.pop();
      const weight = last.weight + block.weight;
      block = {
        mean: (last.mean * last.weight + block.mean * block.weight) / weight,
        weight,
        from: last.from,
        to: block.to,
      };
    }
    blocks.push(block);
  }
  const fit: IsotonicFit = { x: [], y: [] };
  for (const { from, to, mean } of blocks) {
    fit.x.push(from);
    fit.y.push(mean);
    if (to > from) {
      fit.x.push(to);
      fit.y.push(mean);
    }
  }
  return fit;
}

/** How far x lies between low and high, 0 to 1. An infinite end is infinitely far away. */
function shareBetween(x: number, low: number, high: number): number {
  if (low === -Infinity) return high === Infinity ? 0.5 : 1;
  if (high === Infinity) return 0;
  // In halves, so that the distance of huge ends does not overflow.
  return (x / 2 - low / 2) / (high / 2 - low / 2);
}

/** Value of the fit at x, clipped to its ends; NaN for an empty fit. O(log points). */
export function predictIsotonic(fit: IsotonicFit, x: number): number {
  const { x: xs, y: ys } = fit;
  const last = xs.length - 1;
  if (last < 0 || Number.isNaN(x)) return NaN;
  if (x <= xs[0]) return ys[0];
  if (x >= xs[last]) return ys[last];
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x >= xs[middle]) low = middle;
    else high = middle;
  }
  const share = shareBetween(x, xs[low], xs[high]);
  return ys[low] + share * (ys[high] - ys[low]);
}
