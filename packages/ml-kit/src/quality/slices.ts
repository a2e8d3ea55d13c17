import { studentTQuantile, studentTUpperTail } from '../distributions/studentT';
import { benjaminiHochberg } from '../drift/benjaminiHochberg';
import { sampleStatistic } from '../experiment/armStatistic';
import { welchDegreesOfFreedom } from '../experiment/effect';
import { assertSameLength } from '../numerics/assertSameLength';

export interface SliceQuality {
  slice: string;
  rows: number;
  /** Mean loss within the slice and its 95 % interval (Student's t); the interval is NaN for one row. */
  meanLoss: number;
  interval: [number, number];
  /** Mean loss within less mean loss outside: above 0 the slice is worse. */
  excess: number;
  /** One-sided probability of such an excess if the slice were like the rest (Welch); NaN with fewer than two rows on a side. */
  pValue: number;
  /** After Benjamini-Hochberg over the slices. */
  adjustedPValue: number;
}

/**
 * Where a model is worse than elsewhere: compares the loss of each slice with the rest.
 *
 * @param losses - one a row, e.g. 0 or 1 for right or wrong, or the absolute error
 * @param slices - the slice of each row
 * @returns the slices by rising adjusted p-value, those without a verdict last. O(rows * slices).
 */
export function sliceQuality(
  losses: readonly number[],
  slices: readonly (string | number)[],
): SliceQuality[] {
  assertSameLength('losses and slices', losses, slices);
  const results = [...new Set(slices.map(String))].map(slice => {
    const within = losses.filter((_, i) => String(slices[i]) === slice);
    const outside = losses.filter((_, i) => String(slices[i]) !== slice);
    const own = sampleStatistic(within);
    const rest = sampleStatistic(outside);
    const half =
      own.n > 1
        ? studentTQuantile(0.975, own.n - 1) * Math.sqrt(own.variance / own.n)
        : NaN;
    const excess = own.mean - rest.mean;
    const error = Math.sqrt(own.variance / own.n + rest.variance / rest.n);
    const isTestable = own.n > 1 && rest.n > 1 && error > 0;
    return {
      slice,
      rows: own.n,
      meanLoss: own.mean,
      interval: [own.mean - half, own.mean + half] as [number, number],
      excess,
      pValue: isTestable
        ? studentTUpperTail(excess / error, welchDegreesOfFreedom(rest, own))
        : NaN,
    };
  });
  const adjusted = benjaminiHochberg(results.map(({ pValue }) => pValue));
  const rank = (p: number) => (Number.isNaN(p) ? Infinity : p);
  return results
    .map((result, i) => ({ ...result, adjustedPValue: adjusted[i] }))
    .sort(
      (a, b) =>
        rank(a.adjustedPValue) - rank(b.adjustedPValue) ||
        b.excess - a.excess ||
        0,
    );
}
