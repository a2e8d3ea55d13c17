/**
 * Edges that cut the finite values into at most `bins` bins of about equal mass.
 *
 * Equal values are never parted: a cut lies halfway between two neighbouring
 * distinct values, so a value that fills several quantiles (the white of an image)
 * gets a bin of its own instead of duplicate edges, and integers are cut at halves.
 * The outer edges are the smallest and the largest value.
 *
 * @param sorted - ascending, finite
 * @param bins - at least 1
 * @returns ascending edges, two or more. A constant gives one bin `[c, c]`; no value at all `[0, 0]`.
 *
 * O(n).
 */
export function chooseEdges(sorted: ArrayLike<number>, bins: number): number[] {
  const n = sorted.length;
  if (n === 0) return [0, 0];
  const edges = [sorted[0]];
  let binStart = 0;
  let runStart = 0;
  while (runStart < n) {
    let runEnd = runStart + 1;
    while (runEnd < n && sorted[runEnd] === sorted[runStart]) runEnd++;
    if (runEnd === n) break;
    const binsLeft = bins - (edges.length - 1);
    if (binsLeft <= 1) break;
    const target = (n - binStart) / binsLeft;
    let nextRunEnd = runEnd + 1;
    while (nextRunEnd < n && sorted[nextRunEnd] === sorted[runEnd]) {
      nextRunEnd++;
    }
    const without = target - (runEnd - binStart);
    const withNext = nextRunEnd - binStart - target;
    if (withNext >= without) {
      edges.push(between(sorted[runEnd - 1], sorted[runEnd]));
      binStart = runEnd;
    }
    runStart = runEnd;
  }
  edges.push(sorted[n - 1]);
  return edges;
}

/** A number above `low` and at most `high`, halfway where doubles are dense enough. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle > low && middle <= high ? middle : high;
}
