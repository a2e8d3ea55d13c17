import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { artifactUsersExtensionPoint } from '@greenroom/plugin-ai-registry-node';
import { TrainingArtifactUser } from './TrainingArtifactUser';

/** Lets the registry ask which contents files of runs have, before it removes any from the store. */
export const aiRegistryModuleTrainingArtifacts = createBackendModule({
  pluginId: 'ai-registry',
  moduleId: 'training-artifacts',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        discovery: coreServices.discovery,
        users: artifactUsersExtensionPoint,
      },
      async init({ users, ...services }) {
        users.addUser(new TrainingArtifactUser(services));
      },
    });
  },
});
