import type { Experiments } from '../experiments/createExperiments';
import { createLoggedModelRoutes } from '../mlflow/loggedModelRoutes';
import type { TrainingParts } from '../trainingParts';
import { LoggedModelService } from './LoggedModelService';
import { LoggedModelStore } from './LoggedModelStore';

export type LoggedModels = ReturnType<typeof createLoggedModels>;

/** Models that runs made, before anybody registers them. */
export function createLoggedModels(
  parts: TrainingParts & { experiments: Pick<Experiments, 'guard'> },
) {
  const { guard } = parts.experiments;
  const store = new LoggedModelStore(parts);
  const service = new LoggedModelService({ models: store, guard });
  return {
    store,
    service,
    mlflowRoutes: createLoggedModelRoutes({ models: service }),
  };
}
