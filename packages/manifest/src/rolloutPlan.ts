import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';
import { checkAgainst } from './checkAgainst';
import { percentSchema, WEEK_SECONDS } from './sections/bounds';
import {
  analysisStepSchema,
  growing,
  MAX_STEPS,
  pauseStepSchema,
  type Rollout,
  rolloutSchema,
  untilStepSchema,
  weightsOf,
} from './sections/rollout';

/** @param holdSeconds - how long a share is held */
export function planSchema(holdSeconds: z.ZodType<number>) {
  return z
    .strictObject({
      strategy: z.enum(['canary', 'immediate']),
      steps: z
        .array(
          z.union([
            z.strictObject({ weightPercent: percentSchema, holdSeconds }),
            pauseStepSchema,
            untilStepSchema,
            analysisStepSchema,
          ]),
        )
        .max(MAX_STEPS)
        .default([]),
    })
    .check(({ value, issues }) => {
      const complain = (message: string) =>
        issues.push({ code: 'custom', input: value, path: ['steps'], message });
      const { strategy, steps } = value;
      if (strategy === 'canary' && steps.length === 0) {
        complain(
          'expected at least one step for a canary, with weightPercent and holdSeconds; only an immediate rollout has no steps',
        );
      }
      if (strategy === 'immediate' && steps.length > 0) {
        complain('expected no steps for an immediate rollout');
      }
      if (!growing(weightsOf(steps))) {
        complain('expected weights that grow from step to step');
      }
    });
}

const stepsPlanSchema = planSchema(z.int().min(0).max(WEEK_SECONDS));

/**
 * Checks a rollout plan that came from a request or the configuration.
 *
 * @throws InputError that names the field below `where`
 */
export function parseRolloutPlan(plan: unknown, where: string): RolloutPlan {
  return hasSteps(plan)
    ? checkAgainst(stepsPlanSchema, plan, where)
    : planOf(checkAgainst(rolloutSchema, plan, where));
}

/** An immediate plan in a request may say that it has no steps, which a manifest does not. */
function hasSteps(plan: unknown): boolean {
  const strategy =
    typeof plan === 'object' && plan !== null && 'strategy' in plan
      ? plan.strategy
      : undefined;
  return !['experiment', 'shadow', 'adaptive'].includes(String(strategy));
}

/** A plan as a manifest says it. Half a second of an older plan becomes a whole one. */
export function rolloutOf(plan: RolloutPlan): Rollout {
  if (!('steps' in plan)) return plan;
  const { strategy, steps } = plan;
  if (strategy === 'immediate') return { strategy };
  return {
    strategy,
    steps: steps.map(step =>
      'holdSeconds' in step
        ? { ...step, holdSeconds: Math.ceil(step.holdSeconds) }
        : step,
    ),
  };
}

/** What of a manifest is carried out. */
export function planOf(rollout: Rollout): RolloutPlan {
  return rollout.strategy === 'immediate'
    ? { strategy: rollout.strategy, steps: [] }
    : rollout;
}
