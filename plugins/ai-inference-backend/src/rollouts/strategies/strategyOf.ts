import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import type { Strategy } from '../situation';
import { adaptive } from './adaptive';
import { canary } from './canary';
import { experiment } from './experiment';
import { shadow } from './shadow';

/** How a plan moves traffic. */
export function strategyOf(plan: RolloutPlan): Strategy {
  switch (plan.strategy) {
    case 'experiment':
      return experiment(plan);
    case 'shadow':
      return shadow(plan);
    case 'adaptive':
      return adaptive(plan);
    default:
      return canary(plan);
  }
}
