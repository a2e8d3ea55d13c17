import { assertFormatVersion } from '../numerics/assertFormatVersion';
import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import {
  assertSameBins,
  histogramCells,
  histogramMissing,
  histogramTotal,
  orderedCells,
} from '../profile/histogram';
import type {
  BaselineProfile,
  FeatureHistogram,
  FeatureProfile,
  Profile,
} from '../profile/types';
import { benjaminiHochberg } from './benjaminiHochberg';
import { twoProportionZTest } from './chiSquareTests';
import { jensenShannonDistanceBase2 } from './distances';
import { fisherExactTest } from './fisherExact';
import { orderedCellsTest } from './orderedCells';
import { populationStability } from './populationStability';
import type {
  DriftOptions,
  DriftReport,
  DriftStatus,
  FeatureDrift,
  MissingDrift,
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

/** Shares of the level of a feature that its tests get. */
const LOCATION_WEIGHT = 0.5;
const SCALE_WEIGHT = 0.3;
const STABILITY_WEIGHT = 0.2;

/** From so many missing values on, either way, the normal test is as good as the exact one. */
const MANY = 1000;

/** undefined when neither side misses any. */
function measureMissing(
  baseline: FeatureHistogram,
  current: FeatureHistogram,
): MissingDrift | undefined {
  const [a, b] = [baseline, current].map(histogram => ({
    successes: histogramMissing(histogram),
    trials: histogramTotal(histogram),
  }));
  const missing = a.successes + b.successes;
  const present = a.trials + b.trials - missing;
  if (missing === 0 || a.trials === 0 || b.trials === 0) return undefined;
  const { pValue } =
    Math.min(missing, present) < MANY
      ? fisherExactTest(a, b)
      : twoProportionZTest(a, b);
  return {
    status: 'not-enough-data',
    baselineShare: a.successes / a.trials,
    currentShare: b.successes / b.trials,
    pValue,
    adjustedPValue: pValue,
  };
}

/** p-values of the feature's values, and of all of them together. */
function testValues(
  baseline: FeatureHistogram,
  current: FeatureHistogram,
  stabilityPValue: number,
): Pick<
  FeatureDrift,
  'pValue' | 'locationPValue' | 'scalePValue' | 'stabilityPValue'
> {
  if (baseline.kind === 'categorical' || current.kind === 'categorical') {
    return { pValue: stabilityPValue, stabilityPValue };
  }
  const { location, scale } = orderedCellsTest(
    orderedCells(baseline),
    orderedCells(current),
  );
  return {
    pValue: Math.min(
      1,
      location.pValue / LOCATION_WEIGHT,
      scale.pValue / SCALE_WEIGHT,
      stabilityPValue / STABILITY_WEIGHT,
    ),
    locationPValue: location.pValue,
    scalePValue: scale.pValue,
    stabilityPValue,
  };
}

function measure(
  baseline: FeatureProfile,
  current: FeatureProfile,
): FeatureDrift {
  assertSameBins(baseline.name, baseline.histogram, current.histogram);
  const baselineCells = histogramCells(baseline.histogram);
  const currentCells = histogramCells(current.histogram);
  const stability = populationStability(baselineCells, currentCells);
  const tests = testValues(
    baseline.histogram,
    current.histogram,
    stability?.pValue ?? 1,
  );
  const missing = measureMissing(baseline.histogram, current.histogram);
  return {
    name: baseline.name,
    status: 'not-enough-data',
    psi: stability?.psi ?? 0,
    effect: stability?.effect ?? 0,
    ...tests,
    adjustedPValue: tests.pValue,
    ...(missing && { missing }),
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

function judge(
  adjustedPValue: number,
  effect: number,
  options: DriftOptions,
): DriftStatus {
  if (!(adjustedPValue < options.alpha)) return 'ok';
  return effect >= options.effectThreshold ? 'alert' : 'warning';
}

/** Adjusts the p-values of all tests together, and gives each its status. */
function judgeAll(judged: FeatureDrift[], options: DriftOptions): void {
  const tests = judged.flatMap(drift =>
    drift.missing ? [drift, drift.missing] : [drift],
  );
  const adjusted = benjaminiHochberg(tests.map(test => test.pValue));
  tests.forEach((test, i) => {
    test.adjustedPValue = adjusted[i];
  });
  for (const drift of judged) {
    drift.status = judge(drift.adjustedPValue, drift.effect, options);
    const { missing } = drift;
    if (!missing) continue;
    missing.status = judge(
      missing.adjustedPValue,
      Math.abs(missing.currentShare - missing.baselineShare),
      options,
    );
    drift.status = worse(drift.status, missing.status);
  }
}

function worse(a: DriftStatus, b: DriftStatus): DriftStatus {
  return SEVERITY[Math.max(SEVERITY.indexOf(a), SEVERITY.indexOf(b))];
}

/**
 * Says for each feature, and for the prediction, whether live rows differ from the baseline.
 *
 * Over the baseline's frozen bins, in their order, a numeric feature is tested for a change of location (Wilcoxon) and
 * of scale (Mood), and by the population stability index against its sampling noise for any other; a category by the last alone.
 * The share of missing values (null, NaN) is a test of its own wherever either side has any. So the verdict
 * holds its false-alarm rate at any number of rows. The p-values are adjusted over all tests of the report by
 * Benjamini-Hochberg, and a change counts as an alert only when it is also large.
 * Values outside of the bins are lower or higher than all bins, infinities among them. With fewer than `minRows` on either side the
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
  assertFormatVersion('current profile', current);
  assertFormatVersion('baseline profile', baseline);
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
  judgeAll(judged, settings);
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
