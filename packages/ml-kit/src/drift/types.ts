/**
 * ok: no significant difference. warning: significant, but small. alert: significant and large.
 * not-enough-data is an answer of its own, never shown as green.
 */
export type DriftStatus = 'ok' | 'warning' | 'alert' | 'not-enough-data';

/** One feature of the live profile against the baseline. */
export interface FeatureDrift {
  name: string;
  status: DriftStatus;
  /** Population stability index over the baseline's bins. */
  psi: number;
  /** PSI less its expectation without drift, (bins - 1)(1/n + 1/m): the size of the change. */
  effect: number;
  /** Of the scaled chi-square test that PSI is sampling noise. */
  pValue: number;
  /** pValue after Benjamini-Hochberg over all features of the report. */
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
  /** Smallest effect that counts as large, 0 or more, default 0.1. */
  effectThreshold: number;
  /** Fewest rows, of the current ones as of the baseline's, that get a verdict, default 100. A side without rows gets none, whatever is said here. */
  minRows: number;
}
