import {
  type ArmPosterior,
  expectedLoss,
  type EventCounts,
  probabilityOfBest,
  sequentialProportionEvidence,
  sequentialProportionInterval,
  type SharePrior,
} from '@greenroom/ml-kit';
import type { PlannedMetric } from '../comparedPlan';
import { effectiveCounts } from '../effectiveCounts';
import type { UnitSums } from '../unitSums';
import { decide } from './decide';
import { judgeMeans, ratiosOf, TINY_LEVEL } from './means';
import type { ComparedArms, Evidence } from './measure';

/**
 * Two shares against each other. At the levels of guardrails by the exact test, in which requests of
 * one caller count as so many as they tell; at a metric's by that of means, which is honest there and
 * decides with fewer callers, but for shares that do not vary.
 */
export function judgeShares(
  arms: ComparedArms,
  planned: PlannedMetric,
  prior?: SharePrior,
): Evidence {
  const control = effectiveCounts(arms.control);
  const treatment = effectiveCounts(arms.treatment);
  if (control.n === 0 || treatment.n === 0) {
    return {
      ...(control.n > 0 && { control: shareOf(control) }),
      ...(treatment.n > 0 && { treatment: shareOf(treatment) }),
      isAdjusted: false,
      status: 'not-enough-data',
    };
  }
  const isHigherBetter = planned.direction === 'higher-is-better';
  if (planned.role === 'metric' && planned.alpha >= TINY_LEVEL) {
    const means = judgeMeans(ratiosOf(arms), planned);
    if (means.status !== 'not-enough-data') {
      return { ...means, ...believed(control, treatment, isHigherBetter) };
    }
  }
  const interval = sequentialProportionInterval(control, treatment, {
    alpha: planned.alpha,
    prior,
  });
  const isGuardrail = planned.role === 'guardrail';
  const worseEnd = isHigherBetter
    ? { upper: interval.upper }
    : { lower: interval.lower };
  const evidence = isGuardrail
    ? sequentialProportionEvidence(control, treatment, {
        hypothesis: isHigherBetter ? 'at-least' : 'at-most',
        difference: withinShares((isHigherBetter ? -1 : 1) * planned.margin),
        prior,
      })
    : sequentialProportionEvidence(control, treatment, {
        hypothesis: 'equal',
        prior,
      });
  return {
    control: shareOf(control),
    treatment: shareOf(treatment),
    effect: shareOf(treatment) - shareOf(control),
    interval: isGuardrail ? worseEnd : interval,
    pValue: toPValue(evidence),
    // A guardrail says only whether it is broken.
    ...(!isGuardrail && believed(control, treatment, isHigherBetter)),
    isAdjusted: false,
    status: decide(interval, planned),
  };
}

/** A margin of more than everything is never exceeded. */
function withinShares(difference: number): number {
  return Math.max(-1 + 1e-9, Math.min(1 - 1e-9, difference));
}

/** Of the natural logarithm of an e-value. */
export function toPValue(evidence: number): number {
  return Math.min(1, Math.exp(-evidence));
}

/** Chance to win and expected loss, from the counts as they are believed. */
export function believed(
  control: EventCounts,
  treatment: EventCounts,
  isHigherBetter: boolean,
): Pick<Evidence, 'chanceToWin' | 'expectedLoss'> {
  const arms = [toPosterior(control), toPosterior(treatment)];
  const [, chanceToWin] = probabilityOfBest(arms, {
    higherIsBetter: isHigherBetter,
  });
  const [a, b] = arms.map(momentsOf);
  const risk = expectedLoss(
    b.mean - a.mean,
    Math.sqrt(a.variance + b.variance),
  );
  return {
    chanceToWin,
    expectedLoss: isHigherBetter ? risk.treatment : risk.control,
  };
}

export function sharePosterior(sums: UnitSums): ArmPosterior | undefined {
  const counts = effectiveCounts(sums);
  return counts.n > 0 ? toPosterior(counts) : undefined;
}

function shareOf({ events, n }: EventCounts): number {
  return events / n;
}

function toPosterior({ events, n }: EventCounts) {
  return { kind: 'beta', alpha: 1 + events, beta: 1 + n - events } as const;
}

function momentsOf({ alpha, beta }: { alpha: number; beta: number }) {
  const total = alpha + beta;
  return {
    mean: alpha / total,
    variance: (alpha * beta) / (total ** 2 * (total + 1)),
  };
}

export function formatShare(value: number): string {
  const percent = value * 100;
  const size = Math.abs(percent);
  const few = size >= 0.1 ? 2 : 3;
  const digits = size === 0 || size >= 10 ? 1 : few;
  return `${Number(percent.toFixed(digits))} %`;
}
