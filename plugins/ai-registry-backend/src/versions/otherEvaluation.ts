import {
  type Evaluation,
  metricInterval,
  metricSpread,
  type OtherEvaluation,
} from '@greenroom/plugin-ai-registry-common';

/** An evaluation without its values, of which there may be a hundred thousand. */
export function toOtherEvaluation({
  dataset,
  metrics,
  primary,
  perRow,
}: Evaluation): OtherEvaluation {
  const interval = perRow && metricInterval(metricSpread(perRow));
  return { dataset, metrics, primary, ...(interval && { interval }) };
}
