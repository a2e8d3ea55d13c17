import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import {
  type AnalysisGuardrail,
  type AnalysisMetric,
  ROLLBACK_ALPHA,
} from '@greenroom/plugin-ai-registry-common';
import { measureRule } from './measures';

/** A metric or guardrail with what its numbers are kept under and its part of the level. */
export interface PlannedMetric {
  name: string;
  role: 'metric' | 'guardrail';
  measure: AnalysisMetric['measure'];
  direction: AnalysisMetric['direction'];
  margin: number;
  /** Of what is counted: equal for those that count the same. */
  key: string;
  /** As it was divided among everything that may decide. */
  alpha: number;
  /** Of a metric. */
  power?: number;
}

/** Versions that are compared with the control. */
export function treatmentsOf({ variants, control }: Comparison): number[] {
  return variants
    .map(({ version }) => version)
    .filter(version => version !== control);
}

/** Everything that the plan measures, the metrics first. */
export function plannedMetrics(comparison: Comparison): PlannedMetric[] {
  const { metrics, guardrails } = comparison.analysis;
  const parts = comparison.looks * treatmentsOf(comparison).length;
  const plan = (
    { name, measure, direction, margin }: AnalysisMetric | AnalysisGuardrail,
    role: PlannedMetric['role'],
    alpha: number,
  ): PlannedMetric => ({
    name,
    role,
    measure,
    direction,
    margin,
    key: measureRule(measure).keyOf(measure, margin),
    alpha: alpha / Math.max(1, parts),
  });
  return [
    ...metrics.map(metric => ({
      ...plan(metric, 'metric', metric.alpha),
      power: metric.power,
    })),
    ...guardrails.map(guardrail =>
      plan(
        guardrail,
        'guardrail',
        guardrail.alpha ?? ROLLBACK_ALPHA / guardrails.length,
      ),
    ),
  ];
}

/** The keys of {@link plannedMetrics}, each once, in the order in which units keep their numbers. */
export function plannedKeys(comparison: Comparison): string[] {
  return [...new Set(plannedMetrics(comparison).map(({ key }) => key))];
}
