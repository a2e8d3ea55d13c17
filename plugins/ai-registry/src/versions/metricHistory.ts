import type {
  ModelOverview,
  ModelVersion,
} from '@greenroom/plugin-ai-registry-common';

/** The primary metric of one version. */
export interface MetricPoint {
  version: number;
  value: number;
  /** 95 % confidence interval of the value, where it is known. */
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

/**
 * Primary metric over versions. The newest evaluated version decides which
 * metric it is; versions that were judged by another one are left out.
 */
export function metricHistory(
  versions: ModelVersion[],
  intervals: ModelOverview['intervals'] = [],
): MetricHistory | undefined {
  const known = new Map(
    intervals.map(({ version, interval }) => [version, interval]),
  );
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
      interval: known.get(version.version),
      aliases: version.aliases,
      createdAt: version.createdAt,
    })),
  };
}
