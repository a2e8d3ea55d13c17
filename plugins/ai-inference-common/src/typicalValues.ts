import type { BaselineProfile, NumericHistogram } from '@greenroom/ml-kit';
import type { FeatureSpec } from '@greenroom/plugin-ai-registry-common';
import type { FeatureValues } from './inferRequest';

/**
 * Values to start from: the median of each feature in the version's baseline,
 * else the middle of its range, else zero. Rounded so that people can read them.
 */
export function typicalValues(
  features: FeatureSpec[],
  baseline?: BaselineProfile,
): FeatureValues {
  return Object.fromEntries(
    features.map(feature => {
      const histogram = baseline?.features.find(
        ({ name }) => name === feature.name,
      )?.histogram;
      const median =
        histogram?.kind === 'numeric' ? medianOf(histogram) : undefined;
      const value = median ?? middleOf(feature.range) ?? 0;
      return [feature.name, roundLike(value, feature.range)];
    }),
  );
}

/** Median by straight lines within the bins; undefined for an empty histogram. */
function medianOf({ edges, counts }: NumericHistogram): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    if (before + counts[i] >= total / 2) {
      const share = counts[i] === 0 ? 0 : (total / 2 - before) / counts[i];
      return edges[i] + share * (edges[i + 1] - edges[i]);
    }
    before += counts[i];
  }
  return edges[edges.length - 1];
}

function middleOf(range: [number, number] | undefined): number | undefined {
  return range && (range[0] + range[1]) / 2;
}

/** Whole numbers where the range is whole and wide, else three significant digits of the range. */
function roundLike(value: number, range: [number, number] | undefined): number {
  const span = range ? range[1] - range[0] : Math.abs(value);
  if (span === 0) return value;
  if (range && range.every(Number.isInteger)) return Math.round(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(span)));
  return Number(value.toFixed(Math.min(digits, 12)));
}
