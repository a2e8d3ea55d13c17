import { sortedQuantile } from '../numerics/sortedQuantile';
import { assertSameLength } from '../numerics/assertSameLength';

export interface RegressionQuality {
  rows: number;
  /** In the unit of the target. */
  meanAbsoluteError: number;
  medianAbsoluteError: number;
  rootMeanSquaredError: number;
  /** Mean of prediction - target: above 0 the model predicts too much. */
  bias: number;
  /** 1 - squared error / squared spread; below 0 it is worse than the mean. NaN when the targets are constant. */
  r2: number;
  /** The same without the bias. */
  explainedVariance: number;
  /** Mean |error / target|, as a share; NaN when a target is 0. */
  meanAbsolutePercentageError: number;
}

/** All measures of estimates against targets. NaN without rows. O(n log n). */
export function regressionQuality(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
): RegressionQuality {
  assertSameLength('targets and predictions', targets, predictions);
  const rows = targets.length;
  const errors = Float64Array.from(predictions, (p, i) => p - targets[i]);
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((a, b) => a + b, 0) / rows;
  const absolute = errors.map(Math.abs);
  const bias = mean(errors);
  const center = mean(targets);
  const squared = mean(errors.map(error => error ** 2));
  const spread = mean(Float64Array.from(targets, y => (y - center) ** 2));
  const share = (loss: number) => (spread > 0 ? 1 - loss / spread : NaN);
  const relative = mean(
    absolute.map((error, i) => error / Math.abs(targets[i])),
  );
  return {
    rows,
    meanAbsoluteError: mean(absolute),
    medianAbsoluteError:
      rows > 0 ? sortedQuantile(absolute.slice().sort(), 0.5) : NaN,
    rootMeanSquaredError: Math.sqrt(squared),
    bias,
    r2: share(squared),
    explainedVariance: share(squared - bias ** 2),
    meanAbsolutePercentageError: Number.isFinite(relative) ? relative : NaN,
  };
}

/** Mean pinball loss of predictions of the quantile `level`: the right quantile has the least. In the unit of the target. */
export function pinballLoss(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  level: number,
): number {
  assertSameLength('targets and predictions', targets, predictions);
  let sum = 0;
  for (let i = 0; i < targets.length; i++) {
    const error = targets[i] - predictions[i];
    sum += error >= 0 ? level * error : (level - 1) * error;
  }
  return sum / targets.length;
}
