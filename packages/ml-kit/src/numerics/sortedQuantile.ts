/** Linear interpolation between order statistics (Hyndman and Fan's type 7). `sorted` is ascending and not empty. O(1). */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const position = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
}
