import {
  type Evaluation,
  metricInterval,
  metricSpread,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';

/** A figure of a model card; CycloneDX has all of them as texts. */
export interface PerformanceMetric {
  type: string;
  value: string;
  slice?: string;
  confidenceInterval?: { lowerBound: string; upperBound: string };
}

/** Every metric of the newest evaluation, of its slices, and of further ones on the same rows. */
export function describeMetrics({
  evaluation,
  otherEvaluations = [],
}: Pick<
  ModelVersionDetail,
  'evaluation' | 'otherEvaluations'
>): PerformanceMetric[] {
  if (!evaluation) return [];
  const { metrics, primary, perRow } = evaluation;
  const interval = perRow && metricInterval(metricSpread(perRow));
  return [
    ...metricsOf({ metrics, primary, interval }),
    ...slicesOf(evaluation),
    ...otherEvaluations.flatMap(metricsOf),
  ];
}

function metricsOf({
  metrics,
  primary,
  interval,
}: Pick<Evaluation, 'metrics' | 'primary'> & {
  interval?: [number, number];
}): PerformanceMetric[] {
  return Object.entries(metrics).map(([type, value]) => ({
    type,
    value: String(value),
    ...(type === primary.name && describeInterval(interval)),
  }));
}

function slicesOf({
  primary,
  perRow,
  slices = [],
}: Evaluation): PerformanceMetric[] {
  if (!perRow) return [];
  return slices
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }) => {
      const spread = metricSpread(rows.map(row => perRow[row]));
      return {
        type: primary.name,
        value: String(spread.mean),
        slice: name,
        ...describeInterval(metricInterval(spread)),
      };
    });
}

/** 95 % confidence. */
function describeInterval(interval: [number, number] | undefined) {
  if (!interval) return {};
  const [lower, upper] = interval;
  return {
    confidenceInterval: {
      lowerBound: String(lower),
      upperBound: String(upper),
    },
  };
}
