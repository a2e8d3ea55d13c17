import {
  type Promotion,
  type RolloutPlanStep,
  type StepsPlan,
  weightAtStep,
} from '@greenroom/plugin-ai-registry-common';

/** A step that gives the version a share. */
export type WeightStep = Extract<RolloutPlanStep, { weightPercent: number }>;

/** What the dialog proposes for a first canary; the person who promotes edits it. */
export const PROPOSED_STEPS: WeightStep[] = [
  { weightPercent: 10, holdSeconds: 30 },
  { weightPercent: 50, holdSeconds: 30 },
];

/** Why a plan's steps cannot be sent, by the step's index; empty when they can. */
export function rolloutStepErrors(
  steps: StepsPlan['steps'],
): Map<number, string> {
  const errors = new Map<number, string>();
  steps.forEach((step, index) => {
    if ('pauseUntil' in step) return;
    if ('analysisSeconds' in step) {
      if (
        !(Number.isInteger(step.analysisSeconds) && step.analysisSeconds >= 10)
      ) {
        errors.set(index, 'Give a time in whole seconds, 10 or more.');
      }
      return;
    }
    if ('pauseSeconds' in step) {
      if (!(Number.isInteger(step.pauseSeconds) && step.pauseSeconds > 0)) {
        errors.set(index, 'Give a pause in whole seconds, 1 or more.');
      }
      return;
    }
    const previous = weightAtStep(steps, index - 1);
    if (!(step.weightPercent > 0 && step.weightPercent < 100)) {
      errors.set(index, 'Give a share between 1 and 99 percent.');
    } else if (!(step.weightPercent > previous)) {
      errors.set(
        index,
        `Give more than the step before it, ${previous} percent.`,
      );
    } else if (!(Number.isInteger(step.holdSeconds) && step.holdSeconds >= 0)) {
      errors.set(index, 'Give a duration in whole seconds, 0 or more.');
    }
  });
  return errors;
}

/** Whether a promotion has neither been merged, closed nor given up. */
export function isOpen(promotion: Pick<Promotion, 'state'>): boolean {
  return promotion.state.phase !== 'rolling-out' && isUnderWay(promotion);
}

/** Whether something can still happen to a promotion by itself. */
export function isUnderWay(promotion: Pick<Promotion, 'state'>): boolean {
  const { phase } = promotion.state;
  return phase !== 'completed' && phase !== 'closed' && phase !== 'failed';
}
