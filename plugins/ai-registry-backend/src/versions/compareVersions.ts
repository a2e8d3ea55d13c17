import type {
  Evaluation,
  ModelVersion,
  ModelVersionDetail,
  VersionComparison,
} from '@greenroom/plugin-ai-registry-common';
import { comparePaired } from './comparePaired';
import { compareInterfaces } from './compareSignatures';

/**
 * Two versions side by side.
 *
 * @param evaluations - of each, by each metric that decides; newest first
 */
export function compareVersions(
  base: ModelVersionDetail,
  candidate: ModelVersionDetail,
  evaluations: { base: Evaluation[]; candidate: Evaluation[] } = {
    base: base.evaluation ? [base.evaluation] : [],
    candidate: candidate.evaluation ? [candidate.evaluation] : [],
  },
): VersionComparison {
  const [paired, ...otherPaired] = evaluations.candidate.flatMap(one => {
    const other = evaluations.base.find(
      ({ primary }) => primary.name === one.primary.name,
    );
    return comparePaired(other, one) ?? [];
  });
  return {
    base: withoutLargeParts(base),
    candidate: withoutLargeParts(candidate),
    metrics: compareMetrics(evaluations.base, evaluations.candidate),
    paired,
    ...(otherPaired.length > 0 && { otherPaired }),
    signature: compareInterfaces(base, candidate),
    tags: unionOfKeys(base.tags, candidate.tags).map(key => ({
      key,
      base: base.tags[key],
      candidate: candidate.tags[key],
    })),
  };
}

function compareMetrics(
  base: Evaluation[],
  candidate: Evaluation[],
): VersionComparison['metrics'] {
  const [all, others] = [metricsOf(candidate), metricsOf(base)];
  return unionOfKeys(others, all).map(name => {
    const before = others[name];
    const after = all[name];
    if (before === undefined || after === undefined) {
      return { name, base: before, candidate: after };
    }
    const difference = after - before;
    const primary = candidate.find(one => one.primary.name === name)?.primary;
    return {
      name,
      base: before,
      candidate: after,
      difference,
      ...(primary && {
        better: primary.higherIsBetter ? difference > 0 : difference < 0,
      }),
    };
  });
}

/** By name; the newest value of each. */
function metricsOf(
  evaluations: Evaluation[],
): Record<string, number | undefined> {
  return Object.assign(
    {},
    ...evaluations.map(({ metrics }) => metrics).reverse(),
  );
}

function withoutLargeParts(version: ModelVersionDetail): ModelVersion {
  const { baseline: _baseline, evaluation, ...rest } = version;
  if (!evaluation) return rest;
  const { perRow: _perRow, slices: _slices, ...summary } = evaluation;
  return { ...rest, evaluation: summary };
}

function unionOfKeys(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}
