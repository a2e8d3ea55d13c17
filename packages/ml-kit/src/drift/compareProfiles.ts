import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import {
  assertSameBins,
  histogramCells,
  histogramTotal,
} from '../profile/histogram';
import type {
  BaselineProfile,
  FeatureProfile,
  Profile,
} from '../profile/types';
import { benjaminiHochberg } from './benjaminiHochberg';
import { jensenShannonDistanceBase2 } from './distances';
import { populationStability } from './populationStability';
import type {
  DriftOptions,
  DriftReport,
  DriftStatus,
  FeatureDrift,
} from './types';

/** What {@link compareProfiles} takes where nothing else is said. */
export const DEFAULT_DRIFT_OPTIONS: DriftOptions = {
  alpha: 0.05,
  effectThreshold: 0.1,
  minRows: 100,
};

const SEVERITY: readonly DriftStatus[] = [
  'ok',
  'not-enough-data',
  'warning',
  'alert',
];

function measure(
  baseline: FeatureProfile,
  current: FeatureProfile,
): FeatureDrift {
  assertSameBins(baseline.name, baseline.histogram, current.histogram);
  const baselineCells = histogramCells(baseline.histogram);
  const currentCells = histogramCells(current.histogram);
  const stability = populationStability(baselineCells, currentCells);
  return {
    name: baseline.name,
    status: 'not-enough-data',
    psi: stability?.psi ?? 0,
    effect: stability?.effect ?? 0,
    pValue: stability?.pValue ?? 1,
    adjustedPValue: stability?.pValue ?? 1,
    jensenShannonBase2: stability
      ? jensenShannonDistanceBase2(baselineCells, currentCells)
      : 0,
    baselineRows: histogramTotal(baseline.histogram),
    currentRows: histogramTotal(current.histogram),
  };
}

/** Absent and undefined options are the defaults. */
function settingsOf(options: Partial<DriftOptions>): DriftOptions {
  const {
    alpha = DEFAULT_DRIFT_OPTIONS.alpha,
    effectThreshold = DEFAULT_DRIFT_OPTIONS.effectThreshold,
    minRows = DEFAULT_DRIFT_OPTIONS.minRows,
  } = options;
  if (!(alpha > 0 && alpha < 1)) {
    throw new InvalidArgumentError(
      `alpha must lie between 0 and 1 (0.05 is 5 %), got ${alpha}`,
    );
  }
  if (!(effectThreshold >= 0 && Number.isFinite(effectThreshold))) {
    throw new InvalidArgumentError(
      `effectThreshold must be a finite number of at least 0, got ${effectThreshold}`,
    );
  }
  assertIntegerAtLeast('minRows', minRows, 0);
  return { alpha, effectThreshold, minRows };
}

function judge(drift: FeatureDrift, options: DriftOptions): DriftStatus {
  if (drift.adjustedPValue >= options.alpha) return 'ok';
  return drift.effect >= options.effectThreshold ? 'alert' : 'warning';
}

/**
 * Says for each feature, and for the prediction, whether live rows differ from the baseline.
 *
 * The population stability index over the baseline's frozen bins is tested
 * against its sampling noise (so the verdict holds its false-alarm rate at any
 * number of rows), the p-values are adjusted over all comparisons of the report by
 * Benjamini-Hochberg, and a change counts as an alert only when it is also large.
 * Nulls, NaNs, values outside of the bins and unseen categories take part
 * wherever either side has any. With fewer than `minRows` on either side the
 * answer is "not enough data", and the comparison is left out of the adjustment;
 * a side without any rows never gets another one.
 *
 * `prediction` is absent when the baseline has none or none was recorded.
 * Throws InvalidArgumentError when the profiles do not share their features and bins,
 * and for an option that is not in its range.
 * O(features * bins).
 */
export function compareProfiles(
  baseline: BaselineProfile,
  current: Profile,
  options: Partial<DriftOptions> = {},
): DriftReport {
  const settings = settingsOf(options);
  const fewestRows = Math.max(1, settings.minRows);
  if (baseline.features.length !== current.features.length) {
    throw new InvalidArgumentError(
      `The current profile has ${current.features.length} features, expected the baseline's ${baseline.features.length}`,
    );
  }
  const features = baseline.features.map((feature, i) => {
    if (current.features[i].name !== feature.name) {
      throw new InvalidArgumentError(
        `Feature ${i} of the current profile is '${current.features[i].name}', expected '${feature.name}'`,
      );
    }
    return measure(feature, current.features[i]);
  });
  const prediction =
    baseline.prediction &&
    current.prediction &&
    histogramTotal(current.prediction.histogram) > 0
      ? measure(baseline.prediction, current.prediction)
      : undefined;
  const all = prediction ? [...features, prediction] : features;
  const judged = all.filter(
    drift => Math.min(drift.currentRows, drift.baselineRows) >= fewestRows,
  );
  const adjusted = benjaminiHochberg(judged.map(drift => drift.pValue));
  judged.forEach((drift, i) => {
    drift.adjustedPValue = adjusted[i];
    drift.status = judge(drift, settings);
  });
  const worst = all.reduce(
    (severity, drift) => Math.max(severity, SEVERITY.indexOf(drift.status)),
    all.length === 0 ? SEVERITY.indexOf('not-enough-data') : 0,
  );
  return {
    status: SEVERITY[worst],
    features,
    ...(prediction && { prediction }),
    options: settings,
  };
}
