/** What the interval of a primary metric is made of: a summary of its values, one per evaluation row. */
export interface MetricSpread {
  rows: number;
  mean: number;
  /** Of the sample: over one row less. */
  variance: number;
  /** Whether every value is 0 or 1, so that the mean is a share of right answers. */
  isShare: boolean;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z_95 = 1.959964;

/**
 * 95 % confidence interval of the primary metric: Wilson's for shares of right answers, the normal one
 * for other means; undefined for fewer than two rows.
 */
export function metricInterval(
  spread: MetricSpread,
): [number, number] | undefined {
  const { rows, mean, variance, isShare } = spread;
  if (rows < 2) return undefined;
  if (isShare) return wilsonInterval(mean, rows);
  const half = Z_95 * Math.sqrt(variance / rows);
  return [mean - half, mean + half];
}

/** The summary of values that are at hand. */
export function metricSpread(values: readonly number[]): MetricSpread {
  const rows = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  return {
    rows,
    mean,
    variance:
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1),
    isShare: values.every(value => value === 0 || value === 1),
  };
}

function wilsonInterval(share: number, rows: number): [number, number] {
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * rows)) / (1 + z2 / rows);
  const half =
    (Z_95 / (1 + z2 / rows)) *
    Math.sqrt((share * (1 - share)) / rows + z2 / (4 * rows ** 2));
  // Rounding would put the ends beside what a share can be.
  return [
    share === 0 ? 0 : Math.max(0, centre - half),
    share === 1 ? 1 : Math.min(1, centre + half),
  ];
}
