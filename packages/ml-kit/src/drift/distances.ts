/** Shares of counts: p_i = counts_i / sum. All zero when the sum is. */
function shares(counts: ArrayLike<number>): Float64Array {
  const result = Float64Array.from(counts);
  let total = 0;
  for (const count of result) total += count;
  if (total > 0) for (let i = 0; i < result.length; i++) result[i] /= total;
  return result;
}

function relativeEntropyTerm(p: number, q: number): number {
  return p > 0 ? p * Math.log(p / q) : 0;
}

/**
 * Jensen-Shannon distance with base 2: the square root of the divergence in bits, 0 to 1.
 * Counts or shares over the same cells; empty cells need no floor. O(cells).
 * Source: Endres and Schindelin, IEEE Trans. Inf. Theory 49 (2003).
 */
export function jensenShannonDistanceBase2(
  baseline: ArrayLike<number>,
  current: ArrayLike<number>,
): number {
  const p = shares(baseline);
  const q = shares(current);
  let nats = 0;
  for (let i = 0; i < p.length; i++) {
    const middle = (p[i] + q[i]) / 2;
    nats +=
      relativeEntropyTerm(p[i], middle) + relativeEntropyTerm(q[i], middle);
  }
  return Math.sqrt(Math.min(1, Math.max(0, nats / 2 / Math.LN2)));
}
