import { fromHalf } from '../domain/fromHalf';
import type { Datatype, Tensor } from '../domain/tensor';

/**
 * How far numbers may differ when rows are computed together, relative to the largest of
 * the row: sums are taken in another order then.
 */
const TOLERANCES: Partial<Record<Datatype, number>> = {
  FP16: 4e-3,
  FP32: 1e-4,
  FP64: 1e-9,
};

/** Whether a run of several rows gave each the same as a run of its own. */
export function sameRows(together: Tensor, alone: readonly Tensor[]): boolean {
  if (together.shape[0] !== alone.length) return false;
  const length = together.data.length / alone.length;
  return alone.every((row, r) => {
    if (row.data.length !== length) return false;
    const { datatype } = row;
    const tolerance = TOLERANCES[datatype];
    const values = (of: Tensor, start: number) =>
      Array.from({ length }, (_, i) => {
        const value = of.data[start + i];
        return datatype === 'FP16' ? fromHalf(Number(value)) : value;
      });
    const expected = values(row, 0);
    const found = values(together, r * length);
    if (tolerance === undefined) {
      return expected.every((value, i) => Object.is(value, found[i]));
    }
    const numbers = expected.map(Number);
    const largest = numbers.reduce(
      (most, value) =>
        Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most,
      0,
    );
    return numbers.every((value, i) => {
      const other = Number(found[i]);
      return (
        Object.is(value, other) ||
        Math.abs(value - other) <= tolerance * largest
      );
    });
  });
}
