/** Answer of a statistical test. */
export interface TestResult {
  statistic: number;
  /** Probability of a statistic at least as extreme without any difference. */
  pValue: number;
}
