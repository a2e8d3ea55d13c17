import {
  type ArmStatistic,
  bayesianTest,
  sequentialTest,
} from '@greenroom/ml-kit';
import type { PlannedMetric } from '../comparedPlan';
import { unitRatio } from '../effectiveCounts';
import { decide } from './decide';
import type { ComparedArms, Evidence } from './measure';

/** The asymptotic test is honest from some units on: the smaller the level, the more. */
const LEAST_UNITS = 30;
const LEAST_UNITS_AT_TINY_LEVELS = 200;
export const TINY_LEVEL = 0.001;

/** Of each version, by the callers. */
export function ratiosOf({ control, treatment }: ComparedArms) {
  return { control: unitRatio(control), treatment: unitRatio(treatment) };
}

/** Two means against each other, by the test of ml-kit that may be looked at as often as one likes. */
export function judgeMeans(
  { control, treatment }: { control: ArmStatistic; treatment: ArmStatistic },
  planned: PlannedMetric,
  { isAdjusted }: { isAdjusted: boolean } = { isAdjusted: false },
): Evidence {
  const { alpha, direction, margin, role } = planned;
  const least = alpha < TINY_LEVEL ? LEAST_UNITS_AT_TINY_LEVELS : LEAST_UNITS;
  const isHigherBetter = direction === 'higher-is-better';
  const means = {
    ...(control.n > 0 && { control: control.mean }),
    ...(treatment.n > 0 && { treatment: treatment.mean }),
  };
  const worse = isHigherBetter ? 'less' : 'greater';
  // A guardrail is tested against the control with the margin that is let pass.
  const shift = role === 'metric' ? 0 : margin * (isHigherBetter ? -1 : 1);
  const test = sequentialTest(
    { ...control, mean: control.mean + shift },
    treatment,
    {
      alpha,
      kind: 'absolute',
      alternative: role === 'metric' ? 'two-sided' : worse,
    },
  );
  const hasUnits = Math.min(control.n, treatment.n) >= least;
  if (!hasUnits || test.status === 'not-enough-data') {
    return { ...means, isAdjusted, status: 'not-enough-data' };
  }
  const [lower, upper] = test.interval.map(end => end + shift);
  const believed = bayesianTest(control, treatment, { kind: 'absolute' });
  return {
    ...means,
    effect: treatment.mean - control.mean,
    interval: {
      ...(Number.isFinite(lower) && { lower }),
      ...(Number.isFinite(upper) && { upper }),
    },
    pValue: test.pValue,
    chanceToWin: isHigherBetter
      ? believed.chanceToWin
      : 1 - believed.chanceToWin,
    expectedLoss: isHigherBetter
      ? believed.risk.treatment
      : believed.risk.control,
    isAdjusted,
    status: decide({ lower, upper }, planned),
  };
}
