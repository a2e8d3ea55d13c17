import type { PlannedMetric } from '../comparedPlan';
import type { Evidence } from './measure';

/**
 * What an interval of the effect means: for a guardrail, whether it is broken; for a metric, whether
 * the version is better, worse by more than the margin, or neither.
 */
export function decide(
  { lower = -Infinity, upper = Infinity }: { lower?: number; upper?: number },
  { role, direction, margin }: PlannedMetric,
): Evidence['status'] {
  // Gain is the effect where more is better.
  const [least, most] =
    direction === 'higher-is-better' ? [lower, upper] : [-upper, -lower];
  if (most < -margin) return 'worse';
  if (role === 'metric' && least > 0) return 'better';
  if (least > -margin || (margin === 0 && least >= 0)) return 'not-worse';
  return 'undecided';
}
