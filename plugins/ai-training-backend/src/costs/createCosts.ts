import type { Experiments } from '../experiments/createExperiments';
import type { TrainingParts } from '../trainingParts';
import { Budgets } from './Budgets';
import { CostService } from './CostService';
import { CostStore } from './CostStore';
import { createCostRouter } from './createCostRouter';

/** What training has cost, by team and model, and whose budget is used up. */
export function createCosts(
  parts: TrainingParts & { experiments: Pick<Experiments, 'guard'> },
) {
  const costs = new CostStore(parts);
  const budgets = new Budgets({
    ...parts,
    budgets: parts.config.budgets,
    costs,
  });
  return {
    budgets,
    router: createCostRouter({
      ...parts,
      costs: new CostService({
        ...parts,
        costs,
        budgets,
        guard: parts.experiments.guard,
      }),
    }),
  };
}
