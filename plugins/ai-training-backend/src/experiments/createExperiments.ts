import { CatalogEntityDirectory } from '@greenroom/ai-node';
import { createConditionTransformer } from '@backstage/plugin-permission-node';
import { createExperimentRoutes } from '../mlflow/experimentRoutes';
import {
  aiExperimentResourceRef,
  isExperimentNamed,
  isExperimentOwner,
} from '../permissions';
import { RunConfinement } from '../jobs/RunConfinement';
import type { TrainingParts } from '../trainingParts';
import { AuthorizedExperimentService } from './AuthorizedExperimentService';
import { createExperimentRouter } from './createExperimentRouter';
import { ExperimentGuard } from './ExperimentGuard';
import { DefaultExperimentService } from './ExperimentService';
import { ExperimentStore } from './ExperimentStore';

export type Experiments = ReturnType<typeof createExperiments>;

/** Experiments, and what one may do with them and what belongs to them. */
export function createExperiments(parts: TrainingParts) {
  const { claims, permissionsRegistry } = parts;
  const store = new ExperimentStore(parts);
  permissionsRegistry.addResourceType({
    resourceRef: aiExperimentResourceRef,
    rules: [isExperimentNamed, isExperimentOwner],
    getResources: ids => store.getMany(ids),
  });
  const guard = new ExperimentGuard({
    ...parts,
    confinement: new RunConfinement(parts),
    experiments: store,
    toCriteria: createConditionTransformer(
      permissionsRegistry.getPermissionRuleset(aiExperimentResourceRef),
    ),
  });
  const unasked = new DefaultExperimentService({
    ...parts,
    experiments: store,
    directory: new CatalogEntityDirectory(parts),
    ownerFor: credentials => claims.ownerFor(credentials),
  });
  const service = new AuthorizedExperimentService({
    ...parts,
    guard,
    experiments: unasked,
  });
  return {
    store,
    guard,
    service,
    /** Asks nobody: for what follows from another permission. */
    unasked,
    router: createExperimentRouter({ ...parts, experiments: service }),
    mlflowRoutes: createExperimentRoutes({ ...parts, experiments: service }),
  };
}
