import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import {
  addToCategoricalHistogram,
  addToNumericHistogram,
  emptyCategoricalHistogram,
  emptyNumericHistogram,
  numberOf,
} from './histogram';
import { addToMoments, emptyMoments } from './moments';
import type {
  BaselineProfile,
  FeatureProfile,
  FeatureValue,
  Profile,
} from './types';

function emptyFeature(feature: FeatureProfile): FeatureProfile {
  const { name, histogram, moments } = feature;
  return {
    name,
    histogram:
      histogram.kind === 'numeric'
        ? emptyNumericHistogram([...histogram.edges])
        : emptyCategoricalHistogram([...histogram.categories]),
    ...(moments && { moments: emptyMoments() }),
  };
}

/** A profile with the baseline's bins and no rows. */
export function emptyProfile(baseline: BaselineProfile): Profile {
  assertFormatVersion('profile', baseline);
  return {
    formatVersion: 1,
    rows: 0,
    features: baseline.features.map(emptyFeature),
    ...(baseline.prediction && {
      prediction: emptyFeature(baseline.prediction),
    }),
  };
}

function addValue(feature: FeatureProfile, value: FeatureValue): void {
  const { histogram, moments } = feature;
  if (histogram.kind === 'categorical') {
    addToCategoricalHistogram(histogram, value);
    return;
  }
  const number = numberOf(value);
  addToNumericHistogram(histogram, number);
  if (moments && number !== null && number !== undefined) {
    addToMoments(moments, number);
  }
}

/**
 * Counts one row in place: fast enough for live traffic, O(features * log bins), no allocation.
 *
 * `features` has one value a feature of the profile; null, undefined, NaN and the
 * infinities are counted in their own cells, and never cost the row its other values. Booleans count as 0 and 1 where
 * the feature is numeric, a text as the number it says. An undefined prediction is not
 * counted at all, so that a failed request does not look like a drifted answer.
 *
 * Throws InvalidArgumentError, and changes nothing, when the number of values is wrong.
 */
export function addRow(
  profile: Profile,
  features: ArrayLike<FeatureValue>,
  prediction?: number | string | boolean,
): void {
  assertFormatVersion('profile', profile);
  const count = profile.features.length;
  if (features.length !== count) {
    throw new InvalidArgumentError(
      `The row has ${features.length} values, expected one for each of the profile's ${count} features`,
    );
  }
  for (let i = 0; i < count; i++) addValue(profile.features[i], features[i]);
  if (prediction !== undefined && profile.prediction) {
    addValue(profile.prediction, prediction);
  }
  profile.rows++;
}
