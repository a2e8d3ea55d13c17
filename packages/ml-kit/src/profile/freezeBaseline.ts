import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { chooseEdges } from './chooseEdges';
import {
  addToCategoricalHistogram,
  addToNumericHistogram,
  categoryOf,
  emptyCategoricalHistogram,
  emptyNumericHistogram,
  numberOf,
} from './histogram';
import { addToMoments, emptyMoments } from './moments';
import type {
  BaselineProfile,
  FeatureKind,
  FeatureProfile,
  FeatureValue,
} from './types';

export interface FreezeBaselineOptions {
  /** One a column of `features`. */
  featureNames: readonly string[];
  /** Shape [rows, features]. null and NaN are counted apart. */
  features: readonly ArrayLike<FeatureValue>[];
  /**
   * What each feature is counted as. By default numbers are numeric (integers too: their bins are cut at halves), and a feature
   * with any text or boolean is categorical. Say 'categorical' for codes that are written as numbers.
   */
  kinds?: readonly (FeatureKind | undefined)[];
  /** Shape [rows]: what the model answered for each row. */
  predictions?: readonly (number | string | boolean)[];
  /** Most bins a numeric histogram gets, default 10. */
  bins?: number;
  /** Most classes or categories that get a count of their own, the most frequent ones; the others count as unseen. Default 100. */
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

function categoricalProfile(
  name: string,
  values: readonly FeatureValue[],
  maxCategories: number,
): FeatureProfile {
  const frequency = new Map<string, number>();
  for (const value of values) {
    const key = categoryOf(value);
    if (key !== undefined) frequency.set(key, (frequency.get(key) ?? 0) + 1);
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

/** Numeric unless any value is a text or boolean. */
function kindOf(values: readonly FeatureValue[]): FeatureKind {
  return values.some(
    value => typeof value === 'string' || typeof value === 'boolean',
  )
    ? 'categorical'
    : 'numeric';
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
  const { featureNames, features, kinds, predictions, task } = options;
  const { bins = 10, maxCategories = 100 } = options;
  if (!Number.isInteger(bins) || bins < 1) {
    throw new InvalidArgumentError(
      `bins must be a positive integer, got ${bins}`,
    );
  }
  assertIntegerAtLeast('maxCategories', maxCategories, 1);
  if (kinds && kinds.length !== featureNames.length) {
    throw new InvalidArgumentError(
      `Got ${kinds.length} kinds for ${featureNames.length} feature names, expected one each`,
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
    features: featureNames.map((name, column) => {
      const values = features.map(row => row[column]);
      return (kinds?.[column] ?? kindOf(values)) === 'categorical'
        ? categoricalProfile(name, values, maxCategories)
        : numericProfile(name, values.map(numberOf), bins);
    }),
  };
  if (predictions) {
    const isNumeric =
      task === 'regression' &&
      predictions.every(value => typeof value === 'number');
    baseline.prediction = isNumeric
      ? numericProfile('prediction', predictions as readonly number[], bins)
      : categoricalProfile('prediction', predictions, maxCategories);
  }
  return baseline;
}
