import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { chooseEdges } from './chooseEdges';
import {
  addToCategoricalHistogram,
  addToNumericHistogram,
  emptyCategoricalHistogram,
  emptyNumericHistogram,
} from './histogram';
import { addToMoments, emptyMoments } from './moments';
import type { BaselineProfile, FeatureProfile } from './types';

export interface FreezeBaselineOptions {
  /** One a column of `features`. */
  featureNames: readonly string[];
  /** Shape [rows, features]. null and NaN are counted apart. */
  features: readonly ArrayLike<number | null | undefined>[];
  /** Shape [rows]: what the model answered for each row. */
  predictions?: readonly (number | string)[];
  /** Most bins a numeric histogram gets, default 10. */
  bins?: number;
  /** Most classes that get a count of their own, the most frequent ones; the others count as unseen. Default 100. */
  maxCategories?: number;
  /** Whether predictions are classes or estimated values. */
  task: 'classification' | 'regression';
}

function numericProfile(
  name: string,
  values: readonly (number | null | undefined)[],
  bins: number,
): FeatureProfile {
  const finite = values.filter(
    (value): value is number =>
      typeof value === 'number' && Number.isFinite(value),
  );
  const sorted = Float64Array.from(finite).sort();
  const histogram = emptyNumericHistogram(chooseEdges(sorted, bins));
  const moments = emptyMoments();
  for (const value of values) {
    addToNumericHistogram(histogram, value);
    if (typeof value === 'number') addToMoments(moments, value);
  }
  return { name, histogram, moments };
}

function classProfile(
  name: string,
  values: readonly (number | string)[],
  maxCategories: number,
): FeatureProfile {
  const frequency = new Map<string, number>();
  for (const value of values) {
    const key = String(value);
    frequency.set(key, (frequency.get(key) ?? 0) + 1);
  }
  const byText = (a: string, b: string) =>
    a.localeCompare(b, 'en', { numeric: true });
  const categories = [...frequency]
    .sort(([a, m], [b, n]) => n - m || byText(a, b))
    .slice(0, maxCategories)
    .map(([category]) => category)
    .sort(byText);
  const histogram = emptyCategoricalHistogram(categories);
  for (const value of values) addToCategoricalHistogram(histogram, value);
  return { name, histogram };
}

/**
 * Summarizes the rows that a version is released with, and freezes the bins
 * that all its live traffic will be counted in.
 *
 * A constant feature gets the single bin `[c, c]`; anything else seen later is
 * an under- or overflow. Without rows every bin is `[0, 0]` with no counts, and
 * comparisons answer "not enough data".
 *
 * Throws InvalidArgumentError when shapes do not agree or `bins` is not a positive integer.
 * O(rows * features * log rows).
 */
export function freezeBaseline(
  options: FreezeBaselineOptions,
): BaselineProfile {
  const { featureNames, features, predictions, task } = options;
  const { bins = 10, maxCategories = 100 } = options;
  if (!Number.isInteger(bins) || bins < 1) {
    throw new InvalidArgumentError(
      `bins must be a positive integer, got ${bins}`,
    );
  }
  features.forEach((row, i) => {
    if (row.length !== featureNames.length) {
      throw new InvalidArgumentError(
        `Row ${i} has ${row.length} values, expected one for each of the ${featureNames.length} feature names`,
      );
    }
  });
  if (predictions && predictions.length !== features.length) {
    throw new InvalidArgumentError(
      `Got ${predictions.length} predictions for ${features.length} rows, expected one a row`,
    );
  }
  const baseline: BaselineProfile = {
    formatVersion: 1,
    rows: features.length,
    features: featureNames.map((name, column) =>
      numericProfile(
        name,
        features.map(row => row[column]),
        bins,
      ),
    ),
  };
  if (predictions) {
    const isNumeric =
      task === 'regression' &&
      predictions.every(value => typeof value === 'number');
    baseline.prediction = isNumeric
      ? numericProfile('prediction', predictions as readonly number[], bins)
      : classProfile('prediction', predictions, maxCategories);
  }
  return baseline;
}
