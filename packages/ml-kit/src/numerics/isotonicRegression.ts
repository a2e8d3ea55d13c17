import { InvalidArgumentError } from './InvalidArgumentError';

/** A rising step function through a few points, linear between them, constant beyond its ends. */
export interface IsotonicFit {
  /** Ascending. */
  x: number[];
  /** Never falling, one for each x. */
  y: number[];
}

/**
 * The never-falling function with the least squared error: pool adjacent violators.
 * Equal x are pooled to their mean first. Weights default to 1.
 *
 * Only the ends of each constant run are kept. Empty input gives an empty fit.
 * Throws InvalidArgumentError when lengths differ. O(n log n).
 * Source: Barlow, Bartholomew, Bremner and Brunk (1972).
 */
export function fitIsotonic(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): IsotonicFit {
  if (x.length !== y.length || (weights && weights.length !== x.length)) {
    throw new InvalidArgumentError(
      `x, y and weights must have the same length, got ${x.length}, ${
        y.length
      } and ${weights?.length ?? 'none'}`,
    );
  }
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b]);
  const blocks: { mean: number; weight: number; from: number; to: number }[] =
    [];
  for (const i of order) {
    const weight = weights ? weights[i] : 1;
    let block = { mean: y[i], weight, from: x[i], to: x[i] };
    for (;;) {
      const last = blocks[blocks.length - 1];
      if (!last || (last.to < block.from && last.mean < block.mean)) break;
      blocks.pop();
      const total = last.weight + block.weight;
      block = {
        mean:
          total > 0
            ? (last.mean * last.weight + block.mean * block.weight) / total
            : last.mean,
        weight: total,
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
  const share = (x - xs[low]) / (xs[high] - xs[low]);
  return ys[low] + share * (ys[high] - ys[low]);
}
