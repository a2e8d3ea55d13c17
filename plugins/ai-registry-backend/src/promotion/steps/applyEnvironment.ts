import { manifestPath } from '@greenroom/manifest';
import { tellDeployment } from './tellDeployment';
import type { PromotionStep } from './PromotionStep';

/** Makes the registry agree with main at once, instead of at the reconciler's next round. */
export const applyEnvironment: PromotionStep = {
  name: 'apply-environment',
  async run(context) {
    const problems = await context.applyEnvironments();
    const problem = problems.get(manifestPath(context.promotion));
    if (problem) {
      throw new Error(`Merged, but it cannot be applied: ${problem}`);
    }
    const { version, environment } = context.promotion;
    await tellDeployment(
      context,
      'running',
      `Version ${version} is on its way to ${environment}.`,
    );
    return { outcome: 'done' };
  },
};
