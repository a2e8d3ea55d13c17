import type {
  RolloutPlan,
  RolloutPlanStep,
} from '@greenroom/plugin-ai-registry-common';

/**
 * The first step from `from` on that is still to be taken: the first share that is more than what
 * the version began with, or what follows it. Pauses before that share belong to those that it
 * has already. Undefined when all traffic comes next.
 */
export function nextStep(
  { steps }: RolloutPlan,
  from: number,
  startWeight: number,
): number | undefined {
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
  return (
    a.strategy === b.strategy &&
    a.steps.length === b.steps.length &&
    a.steps.every((step, index) => isSameStep(step, b.steps[index]))
  );
}

function isSameStep(a: RolloutPlanStep, b: RolloutPlanStep): boolean {
  const facts = (step: RolloutPlanStep) =>
    JSON.stringify(Object.entries(step).sort());
  return facts(a) === facts(b);
}

/** What happens at a step, for people. */
export function describeStep(
  { steps }: RolloutPlan,
  index: number,
  version: number,
): string {
  const step = steps[index];
  const place = `Step ${index + 1} of ${steps.length}`;
  if ('weightPercent' in step) {
    return `${place}: version ${version} gets ${step.weightPercent} % for ${step.holdSeconds} seconds`;
  }
  return 'pauseSeconds' in step
    ? `${place}: nothing moves for ${step.pauseSeconds} seconds`
    : `${place}: nothing moves until somebody goes on`;
}
