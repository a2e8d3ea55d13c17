import {
  ddSketchQuantile,
  normalCdf,
  probabilityOfBest,
  sequentialSampleRatio,
} from '@greenroom/ml-kit';
import type {
  ComparedMetric,
  ComparedVersion,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';
import {
  type PlannedMetric,
  plannedMetrics,
  treatmentsOf,
} from './comparedPlan';
import {
  type ComparedArm,
  type ComparedState,
  emptyArm,
  sumsOf,
  UNIT_LIMIT,
} from './comparedState';
import { expectationsOf } from './expectations';
import { measureRule } from './measures';
import { summaryOf } from './summary';
import { verdictOf } from './verdict';

/** How a comparison stands by what was counted; no I/O. */
export function analyse(
  state: ComparedState,
  options: {
    now: Date;
    /** How the other comparisons of the same rollout stand, so that their evidence adds up. */
    others?: ComparedState[];
  },
): ComparisonReport {
  const { comparison } = state;
  const versions = comparison.variants.map(({ version, sharePercent }) =>
    toVersion(armOf(state, version), {
      isControl: version === comparison.control,
      sharePercent,
    }),
  );
  const compared = plannedMetrics(comparison).flatMap(planned =>
    treatmentsOf(comparison).map(version => ({
      role: planned.role,
      metric: compare(state, planned, version),
    })),
  );
  const ofRole = (role: PlannedMetric['role']) =>
    compared.filter(each => each.role === role).map(({ metric }) => metric);
  const parts = {
    metrics: ofRole('metric'),
    guardrails: ofRole('guardrail'),
    sampleRatio: sampleRatioOf(state),
    hasEnoughUnits: versions
      // Copies are what a shadow is compared by.
      .filter(({ isControl }) => !(comparison.isShadow && isControl))
      .every(({ units }) => units >= comparison.analysis.minUnitsPerVariant),
    chanceToBeBest: chanceToBeBest([
      state,
      // Callers who came otherwise than planned are no fair comparison, later neither.
      ...(options.others ?? []).filter(
        other => !sampleRatioOf(other).isMismatch,
      ),
    ]),
  };
  return {
    id: comparison.id,
    environment: comparison.environment,
    model: comparison.model,
    startedAt: comparison.startedAt,
    asOf: options.now.toISOString(),
    versions,
    ...parts,
    verdict: verdictOf({
      ...parts,
      versions,
      minUnits: comparison.analysis.minUnitsPerVariant,
      rivals: (metric, version, other) =>
        againstRival(state, { metric, version, other }),
    }),
    expectations: expectationsOf(state),
    uncounted: state.uncounted,
    copiesLeftOut: state.copiesLeftOut,
    ...(state.unitLimit < UNIT_LIMIT && {
      countedUnitsShare: state.unitLimit / UNIT_LIMIT,
    }),
  };
}

function armOf(state: ComparedState, version: number): ComparedArm {
  return state.arms.find(arm => arm.version === version) ?? emptyArm(version);
}

function toVersion(
  arm: ComparedArm,
  planned: Pick<ComparedVersion, 'isControl' | 'sharePercent'>,
): ComparedVersion {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(level => {
    const micros = ddSketchQuantile(arm.latencyMicros, level);
    return micros === undefined ? undefined : micros / 1_000;
  });
  return {
    version: arm.version,
    ...planned,
    units: arm.unitsWithId + arm.unitsWithoutId,
    requests: arm.requests,
    ...(p50 !== undefined &&
      p95 !== undefined &&
      p99 !== undefined && { latencyMillis: { p50, p95, p99 } }),
  };
}

function compare(
  state: ComparedState,
  planned: PlannedMetric,
  version: number,
  controlVersion = state.comparison.control,
): ComparedMetric {
  const { name, measure, direction, margin, alpha, key } = planned;
  const rule = measureRule(measure);
  const thresholdMicros = state.thresholdsMicros[key];
  const metric = {
    name,
    measure,
    direction,
    margin,
    alpha,
    version,
    ...(thresholdMicros !== undefined && {
      thresholdMillis: thresholdMicros / 1_000,
    }),
    ...rule.judge(
      {
        control: sumsOf(armOf(state, controlVersion), key),
        treatment: sumsOf(armOf(state, version), key),
      },
      planned,
    ),
  };
  return { ...metric, summary: summaryOf(metric, planned, controlVersion) };
}

/** Whether a version is not worse than another treatment by more than the margin, for sure. */
function againstRival(
  state: ComparedState,
  {
    metric,
    version,
    other,
  }: { metric: string; version: number; other: number },
): ComparedMetric['status'] {
  const planned = plannedMetrics(state.comparison).find(
    ({ name, role }) => name === metric && role === 'metric',
  );
  return planned ? compare(state, planned, version, other).status : 'undecided';
}

/** Callers with an assignment id: requests without one are given out at random each, and follow the shares. */
function sampleRatioOf(state: ComparedState): ComparisonReport['sampleRatio'] {
  const { variants } = state.comparison;
  const shares = variants.map(({ sharePercent }) => sharePercent);
  const isShared = shares.filter(share => share > 0).length > 1;
  if (!isShared) return { isMismatch: false };
  const counts = variants.map(
    ({ version }) => armOf(state, version).unitsWithId,
  );
  if (counts.every(count => count === 0)) return { isMismatch: false };
  const { pValue, isMismatch } = sequentialSampleRatio(counts, shares);
  return { pValue, isMismatch };
}

/**
 * By the first metric. Of several comparisons of a rollout the effects are added up, each as much as
 * it tells: their shares differ and so do their times, so that sums of requests would mislead.
 */
function chanceToBeBest(
  states: ComparedState[],
): ComparisonReport['chanceToBeBest'] {
  const [{ comparison }] = states;
  const [first] = plannedMetrics(comparison);
  if (first?.role !== 'metric') return undefined;
  const higherIsBetter = first.direction === 'higher-is-better';
  const rule = measureRule(first.measure);
  const posteriorsOf = (state: ComparedState) =>
    comparison.variants.map(({ version }) =>
      rule.posteriorOf(sumsOf(armOf(state, version), first.key)),
    );
  const [own, ...others] = states.map(posteriorsOf);
  const versions = comparison.variants.map(({ version }) => version);
  if (versions.length === 2) {
    const effects = [own, ...others].flatMap(([a, b]) => {
      if (!a || !b) return [];
      const [before, after] = [a, b].map(momentsOf);
      const variance = before.variance + after.variance;
      return [{ difference: after.mean - before.mean, variance }];
    });
    if (effects.length > 1) {
      const weight = effects.reduce(
        (all, { variance }) => all + 1 / variance,
        0,
      );
      const sum = effects.reduce(
        (all, { difference, variance }) => all + difference / variance,
        0,
      );
      const isSecond = normalCdf(
        (higherIsBetter ? sum : -sum) / Math.sqrt(weight),
      );
      return versions.map((version, index) => ({
        version,
        probability: index === 1 ? isSecond : 1 - isSecond,
      }));
    }
  }
  const known = own.flatMap(posterior => posterior ?? []);
  if (known.length < versions.length) return undefined;
  const chances = probabilityOfBest(known, { higherIsBetter });
  return versions.map((version, index) => ({
    version,
    probability: chances[index],
  }));
}

function momentsOf(
  posterior: NonNullable<
    ReturnType<ReturnType<typeof measureRule>['posteriorOf']>
  >,
): { mean: number; variance: number } {
  if (posterior.kind === 'normal') {
    const { mean, standardError } = posterior;
    return { mean, variance: standardError ** 2 };
  }
  const { alpha, beta } = posterior;
  const total = alpha + beta;
  return {
    mean: alpha / total,
    variance: (alpha * beta) / (total ** 2 * (total + 1)),
  };
}
