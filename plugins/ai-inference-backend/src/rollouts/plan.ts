import {
  type RolloutPlan,
  secondsOfStep,
  stepsOf,
} from '@greenroom/plugin-ai-registry-common';
import { isSameJson } from '../isSameJson';

/**
 * The first step from `from` on that is still to be taken: the first share that is more than what
 * the version began with, or what follows it. Pauses before that share belong to those that it
 * has already. Undefined when all traffic comes next.
 */
export function nextStep(
  plan: RolloutPlan,
  from: number,
  startWeight: number,
): number | undefined {
  const steps = stepsOf(plan);
  const firstShare = steps.findIndex(
    step => 'weightPercent' in step && step.weightPercent > startWeight,
  );
  // With nothing to begin with, the plan may pause before its first share.
  const first = startWeight > 0 ? firstShare : 0;
  if (first < 0) return undefined;
  const next = Math.max(from, first);
  const step = steps.at(next);
  if (next >= steps.length || !step) return undefined;
  return 'weightPercent' in step && step.weightPercent >= 100
    ? undefined
    : next;
}

export function isSamePlan(a: RolloutPlan, b: RolloutPlan): boolean {
  return isSameJson(a, b);
}

/** What happens at a step, for people. */
export function describeStep(
  plan: RolloutPlan,
  index: number,
  version: number,
): string {
  const steps = stepsOf(plan);
  const step = steps[index];
  const place = `Step ${index + 1} of ${steps.length}`;
  if ('weightPercent' in step) {
    return `${place}: version ${version} gets ${step.weightPercent} % for ${step.holdSeconds} seconds`;
  }
  if ('analysisSeconds' in step) {
    return `${place}: the analysis decides, within ${step.analysisSeconds} seconds`;
  }
  const seconds = secondsOfStep(step);
  return seconds === undefined
    ? `${place}: nothing moves until somebody goes on`
    : `${place}: nothing moves for ${seconds} seconds`;
}
