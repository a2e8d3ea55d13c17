export interface RankCorrelation {
  /** -1 to 1; 1 where what is greater on one side is greater on the other, too. */
  rho: number;
  /** How many pairs it is made of. */
  pairs: number;
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, where equal values share the mean of theirs.
 * Undefined for fewer than three pairs, and where one side is the same everywhere.
 */
export function spearman(
  pairs: readonly (readonly [number, number])[],
): RankCorrelation | undefined {
  if (pairs.length < 3) return undefined;
  const xs = ranks(pairs.map(([x]) => x));
  const ys = ranks(pairs.map(([, y]) => y));
  // The mean of the ranks 1 to n, also where some are shared.
  const mean = (pairs.length + 1) / 2;
  let [both, ofX, ofY] = [0, 0, 0];
  for (let i = 0; i < pairs.length; i++) {
    const [x, y] = [xs[i] - mean, ys[i] - mean];
    both += x * y;
    ofX += x * x;
    ofY += y * y;
  }
  if (ofX === 0 || ofY === 0) return undefined;
  return { rho: both / Math.sqrt(ofX * ofY), pairs: pairs.length };
}

/** From 1 for the least; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index);
  order.sort((a, b) => values[a] - values[b]);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    const shared = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) result[order[i]] = shared;
    from = to;
  }
  return result;
}
