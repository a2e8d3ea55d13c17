import type { DiscoveryService } from '@backstage/backend-plugin-api';
import type { ArtifactService } from '../artifacts/ArtifactService';
import type { LoggedModelService } from '../loggedModels/LoggedModelService';
import Router from 'express-promise-router';
import { createRegistryRoutes } from '../mlflow/registryRoutes';
import { createWebhookRoutes } from '../mlflow/webhookRoutes';
import type { TrainingParts } from '../trainingParts';
import { RegisteredModels } from './RegisteredModels';
import { RegisteredVersions } from './RegisteredVersions';
import { RegistryCaller } from './RegistryCaller';
import { RegistryWebhooks } from './RegistryWebhooks';
import { VersionContents } from './VersionContents';
import { VersionFolders } from './VersionFolders';

/** MLflow's registered models, which are those of the registry. */
export function createRegistry(
  parts: TrainingParts & {
    discovery: DiscoveryService;
    artifacts: ArtifactService;
    loggedModels: LoggedModelService;
  },
) {
  const { artifacts, loggedModels } = parts;
  const registry = new RegistryCaller(parts);
  return {
    mlflowRoutes: Router()
      .use(
        createWebhookRoutes({ webhooks: new RegistryWebhooks({ registry }) }),
      )
      .use(
        createRegistryRoutes({
          models: new RegisteredModels({ registry }),
          versions: new RegisteredVersions({
            registry,
            contents: new VersionContents({
              registry,
              artifacts,
              loggedModels,
            }),
          }),
          folders: new VersionFolders({ registry }),
          artifacts,
        }),
      ),
  };
}
