import type {
  Evaluation,
  ModelVersion,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';

/** The primary metric of one version. */
export interface MetricPoint {
  version: number;
  value: number;
  /** 95 % confidence interval of the value, when the per-row values are known. */
  interval?: [number, number];
  aliases: string[];
  createdAt: string;
}

export interface MetricHistory {
  metric: string;
  higherIsBetter: boolean;
  /** Oldest version first. */
  points: MetricPoint[];
  /** Whether all versions were evaluated on the same rows, so that their values can be compared. */
  sameRows: boolean;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z_95 = 1.959964;

/**
 * Primary metric over versions. The newest evaluated version decides which
 * metric it is; versions that were judged by another one are left out.
 */
export function metricHistory(
  versions: (ModelVersion | ModelVersionDetail)[],
): MetricHistory | undefined {
  const evaluated = [...versions]
    .sort((left, right) => left.version - right.version)
    .flatMap(version =>
      version.evaluation ? [{ version, evaluation: version.evaluation }] : [],
    );
  const newest = evaluated.at(-1)?.evaluation;
  if (!newest) return undefined;
  const { name, higherIsBetter } = newest.primary;
  const comparable = evaluated.filter(
    ({ evaluation }) =>
      evaluation.primary.name === name &&
      evaluation.metrics[name] !== undefined,
  );
  return {
    metric: name,
    higherIsBetter,
    sameRows:
      new Set(comparable.map(({ evaluation }) => evaluation.dataset.digest))
        .size <= 1,
    points: comparable.map(({ version, evaluation }) => ({
      version: version.version,
      value: evaluation.metrics[name],
      interval: metricInterval(
        'perRow' in evaluation ? evaluation.perRow : undefined,
      ),
      aliases: version.aliases,
      createdAt: version.createdAt,
    })),
  };
}

/**
 * 95 % confidence interval of the primary metric from its per-row values:
 * Wilson's for shares of right answers, the normal one for other means.
 */
export function metricInterval(
  rows: Evaluation['perRow'],
): [number, number] | undefined {
  if (!rows || rows.length < 2) return undefined;
  const count = rows.length;
  const mean = rows.reduce((sum, value) => sum + value, 0) / count;
  if (rows.every(value => value === 0 || value === 1)) {
    return wilsonInterval(mean, count);
  }
  const variance =
    rows.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = Z_95 * Math.sqrt(variance / count);
  return [mean - half, mean + half];
}

function wilsonInterval(share: number, count: number): [number, number] {
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half =
    (Z_95 / (1 + z2 / count)) *
    Math.sqrt((share * (1 - share)) / count + z2 / (4 * count ** 2));
  return [centre - half, centre + half];
}
