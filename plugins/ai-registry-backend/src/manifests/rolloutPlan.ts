import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';
import { checkAgainst } from './checkAgainst';
import { percentSchema, WEEK_SECONDS } from './sections/bounds';
import {
  growing,
  MAX_STEPS,
  pauseStepSchema,
  type Rollout,
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

const wholeSecondsPlanSchema = planSchema(z.int().min(0).max(WEEK_SECONDS));

/**
 * Checks a rollout plan that came from a request or the configuration.
 *
 * @throws InputError that names the field below `where`
 */
export function parseRolloutPlan(plan: unknown, where: string): RolloutPlan {
  return checkAgainst(wholeSecondsPlanSchema, plan, where);
}

/** A plan as a manifest says it. Half a second of an older plan becomes a whole one. */
export function rolloutOf({ strategy, steps }: RolloutPlan): Rollout {
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

/** What of a manifest is carried out; {@link findNotInForce} has refused everything else. */
export function planOf(rollout: Rollout): RolloutPlan {
  const { strategy } = rollout;
  if (strategy === 'immediate') return { strategy, steps: [] };
  if (strategy !== 'canary')
    throw new Error(`No plan is made of '${strategy}'`);
  return {
    strategy,
    steps: rollout.steps.map(step => {
      if ('analysisSeconds' in step) {
        throw new Error(`No plan is made of ${Object.keys(step)}`);
      }
      return step;
    }),
  };
}
