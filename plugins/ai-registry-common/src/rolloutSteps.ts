import type { RolloutPlan, RolloutPlanStep } from './promotion';

/** The steps of a plan that has any. */
export function stepsOf(plan: RolloutPlan): RolloutPlanStep[] {
  return 'steps' in plan ? plan.steps : [];
}

/** Share of the traffic that the new version has at a step, in percent; 0 before the first share. */
export function weightAtStep(
  steps: readonly RolloutPlanStep[],
  index: number,
): number {
  return steps
    .slice(0, index + 1)
    .reduce(
      (weight, step) => ('weightPercent' in step ? step.weightPercent : weight),
      0,
    );
}

/** How long a step takes by itself, in seconds, or at most; undefined where somebody has to go on. */
export function secondsOfStep(step: RolloutPlanStep): number | undefined {
  if ('holdSeconds' in step) return step.holdSeconds;
  if ('analysisSeconds' in step) return step.analysisSeconds;
  return 'pauseSeconds' in step ? step.pauseSeconds : undefined;
}
