/** Ascending copy without NaN. Infinities stay: they have a rank. O(n log n). */
export function sortedSample(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values)
    .filter(value => !Number.isNaN(value))
    .sort();
}
