import type { Experiments } from '../experiments/createExperiments';
import type { Jobs } from '../jobs/createJobs';
import type { TrainingParts } from '../trainingParts';
import { CostService } from './CostService';
import { CostStore } from './CostStore';
import { createCostRouter } from './createCostRouter';

/** What training has cost, by team and model. */
export function createCosts(
  parts: TrainingParts & {
    experiments: Pick<Experiments, 'guard'>;
    jobs: Pick<Jobs, 'store'>;
  },
) {
  return {
    router: createCostRouter({
      ...parts,
      costs: new CostService({
        ...parts,
        costs: new CostStore(parts),
        jobs: parts.jobs.store,
        budgets: parts.config.budgets,
        guard: parts.experiments.guard,
      }),
    }),
  };
}
