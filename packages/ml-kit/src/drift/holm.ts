/**
 * p-values adjusted so that calling those below alpha significant keeps the probability of any false one
 * at alpha, whatever their dependence: stricter than {@link benjaminiHochberg}, for few tests that each decide something.
 * Order is kept; empty in, empty out; a NaN stays NaN and is not counted as a test.
 *
 * O(n log n). Source: Holm, Scandinavian J. Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => NaN);
  const order = pValues
    .map((_, index) => index)
    .filter(index => !Number.isNaN(pValues[index]))
    .sort((a, b) => pValues[a] - pValues[b]);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, pValues[index] * (order.length - rank));
    adjusted[index] = Math.min(1, largest);
  });
  return adjusted;
}
