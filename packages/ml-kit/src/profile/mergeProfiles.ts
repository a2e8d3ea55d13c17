import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { mergeHistograms } from './histogram';
import { mergeMoments } from './moments';
import type { FeatureProfile, Profile } from './types';

function mergeFeatures(a: FeatureProfile, b: FeatureProfile): FeatureProfile {
  if (a.name !== b.name) {
    throw new InvalidArgumentError(
      `Cannot merge the profile of '${a.name}' with the one of '${b.name}'`,
    );
  }
  const moments =
    a.moments && b.moments ? mergeMoments(a.moments, b.moments) : undefined;
  return {
    name: a.name,
    histogram: mergeHistograms(a.name, a.histogram, b.histogram),
    ...(moments && { moments }),
  };
}

/**
 * The profile of the rows of both, as a new object.
 *
 * Counts add up exactly, so the order and grouping of merges do not matter;
 * means and spreads are associative up to rounding. Both must come from the
 * same baseline: throws InvalidArgumentError when features or bins differ.
 * O(features * bins).
 */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  assertFormatVersion('profile', b);
  assertFormatVersion('profile', a);
  if (a.features.length !== b.features.length) {
    throw new InvalidArgumentError(
      `Cannot merge a profile of ${a.features.length} features with one of ${b.features.length}`,
    );
  }
  const prediction =
    a.prediction && b.prediction
      ? mergeFeatures(a.prediction, b.prediction)
      : a.prediction ?? b.prediction;
  return {
    formatVersion: 1,
    rows: a.rows + b.rows,
    features: a.features.map((feature, i) =>
      mergeFeatures(feature, b.features[i]),
    ),
    ...(prediction && { prediction }),
  };
}
