import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import type {
  ComparedMetric,
  ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';

/** A report on a comparison in which nothing is decided yet, though enough callers came. */
export function comparisonReport(
  comparison: Comparison,
  overrides: Partial<ComparisonReport> = {},
): ComparisonReport {
  const { id, environment, model, startedAt, control, variants } = comparison;
  return {
    id,
    environment,
    model,
    startedAt,
    asOf: startedAt,
    versions: variants.map(({ version, sharePercent }) => ({
      version,
      isControl: version === control,
      sharePercent,
      units: 1_000,
      requests: 5_000,
    })),
    sampleRatio: { pValue: 0.4, isMismatch: false },
    metrics: [],
    guardrails: [],
    hasEnoughUnits: true,
    verdict: { kind: 'undecided', reason: 'The difference may be none.' },
    expectations: [],
    uncounted: 0,
    copiesLeftOut: 0,
    ...overrides,
  };
}

export function comparedMetric(
  name: string,
  version: number,
  overrides: Partial<ComparedMetric> = {},
): ComparedMetric {
  return {
    name,
    measure: { kind: 'outcome', outcome: name },
    direction: 'higher-is-better',
    margin: 0.01,
    alpha: 0.05,
    version,
    isAdjusted: false,
    status: 'undecided',
    summary: `${name} of version ${version} may be what it was.`,
    ...overrides,
  };
}
