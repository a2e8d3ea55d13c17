import type { Experiments } from '../experiments/createExperiments';
import { createLoggedModelRoutes } from '../mlflow/loggedModelRoutes';
import type { Runs } from '../runs/createRuns';
import type { TrainingParts } from '../trainingParts';
import { createLoggedModelRouter } from './createLoggedModelRouter';
import { LoggedModelService } from './LoggedModelService';
import { LoggedModelStore } from './LoggedModelStore';

export type LoggedModels = ReturnType<typeof createLoggedModels>;

/** Models that runs made, before anybody registers them. */
export function createLoggedModels(
  parts: TrainingParts & {
    experiments: Pick<Experiments, 'guard'>;
    runs: Pick<Runs, 'service'>;
  },
) {
  const { guard } = parts.experiments;
  const store = new LoggedModelStore(parts);
  const service = new LoggedModelService({ models: store, guard });
  return {
    store,
    service,
    router: createLoggedModelRouter({
      ...parts,
      models: service,
      runs: parts.runs.service,
    }),
    mlflowRoutes: createLoggedModelRoutes({ models: service }),
  };
}
