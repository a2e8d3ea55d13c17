/**
 * ok: no significant difference. warning: significant, but small. alert: significant and large.
 * not-enough-data is an answer of its own, never shown as green.
 */
export type DriftStatus = 'ok' | 'warning' | 'alert' | 'not-enough-data';

/** How often a value is missing (null, undefined or NaN), then and now. */
export interface MissingDrift {
  status: DriftStatus;
  /** 0 to 1. */
  baselineShare: number;
  currentShare: number;
  /** Of the exact or, with many rows, the normal test that both are the same. */
  pValue: number;
  /** pValue after Benjamini-Hochberg over all tests of the report. */
  adjustedPValue: number;
}

/** One feature of the live profile against the baseline. */
export interface FeatureDrift {
  name: string;
  status: DriftStatus;
  /** Population stability index over the baseline's bins. */
  psi: number;
  /** PSI less its expectation without drift, (bins - 1)(1/n + 1/m): the size of the change. */
  effect: number;
  /**
   * That the values of both come from the same distribution. Numeric: the smallest of the three tests of location, scale and
   * PSI, each divided by its share of the level (0.5, 0.3, 0.2). Categories: of PSI alone.
   */
  pValue: number;
  /** That values moved neither up nor down. Absent for categories. */
  locationPValue?: number;
  /** That values spread as far as before. Absent for categories. */
  scalePValue?: number;
  /** Of the scaled chi-square test that PSI is sampling noise. */
  stabilityPValue?: number;
  /** Absent when neither side misses any value. Its status is part of the feature's. */
  missing?: MissingDrift;
  /** pValue after Benjamini-Hochberg over all tests of the report. */
  adjustedPValue: number;
  /** Jensen-Shannon distance, base 2, 0 to 1. */
  jensenShannonBase2: number;
  baselineRows: number;
  currentRows: number;
}

export interface DriftReport {
  /** The worst status of the features. */
  status: DriftStatus;
  features: FeatureDrift[];
  prediction?: FeatureDrift;
  options: DriftOptions;
}

export interface DriftOptions {
  /** Share of false alarms among all features without drift, above 0 and below 1, default 0.05. */
  alpha: number;
  /** Smallest effect that counts as large, 0 or more, default 0.1: of PSI less its noise, and of the difference between the shares of missing values. */
  effectThreshold: number;
  /** Fewest rows, of the current ones as of the baseline's, that get a verdict, default 100. A side without rows gets none, whatever is said here. */
  minRows: number;
}
