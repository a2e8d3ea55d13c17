import type {
  Evaluation,
  ModelVersion,
  ModelVersionDetail,
  VersionComparison,
} from '@greenroom/plugin-ai-registry-common';
import { comparePaired } from './comparePaired';
import { compareInterfaces } from './compareSignatures';

/** Two versions side by side. */
export function compareVersions(
  base: ModelVersionDetail,
  candidate: ModelVersionDetail,
): VersionComparison {
  return {
    base: withoutLargeParts(base),
    candidate: withoutLargeParts(candidate),
    metrics: compareMetrics(base.evaluation, candidate.evaluation),
    paired: comparePaired(base.evaluation, candidate.evaluation),
    signature: compareInterfaces(base, candidate),
    tags: unionOfKeys(base.tags, candidate.tags).map(key => ({
      key,
      base: base.tags[key],
      candidate: candidate.tags[key],
    })),
  };
}

function compareMetrics(
  base: Evaluation | undefined,
  candidate: Evaluation | undefined,
): VersionComparison['metrics'] {
  const names = unionOfKeys(base?.metrics ?? {}, candidate?.metrics ?? {});
  return names.map(name => {
    const before = base?.metrics[name];
    const after = candidate?.metrics[name];
    if (before === undefined || after === undefined) {
      return { name, base: before, candidate: after };
    }
    const difference = after - before;
    const primary = candidate?.primary;
    return {
      name,
      base: before,
      candidate: after,
      difference,
      ...(primary?.name === name && {
        better: primary.higherIsBetter ? difference > 0 : difference < 0,
      }),
    };
  });
}

function withoutLargeParts(version: ModelVersionDetail): ModelVersion {
  const { baseline: _baseline, evaluation, ...rest } = version;
  if (!evaluation) return rest;
  const { perRow: _perRow, ...summary } = evaluation;
  return { ...rest, evaluation: summary };
}

function unionOfKeys(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}
