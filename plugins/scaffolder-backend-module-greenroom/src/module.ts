import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { createPromoteAction } from './createPromoteAction';
import { createRegisterModelAction } from './createRegisterModelAction';
import { createTrainAction } from './createTrainAction';

export const scaffolderModuleGreenroom = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'greenroom',
  register(reg) {
    reg.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        discovery: coreServices.discovery,
      },
      async init({ actions, auth, discovery }) {
        actions.addActions(
          createPromoteAction({ auth, discovery }),
          createRegisterModelAction({ auth, discovery }),
          createTrainAction({ auth, discovery }),
        );
      },
    });
  },
});
