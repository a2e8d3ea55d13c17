import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { OwnershipPolicy } from './OwnershipPolicy';

/** Trying a model where nobody depends on it is for everybody, unless the configuration says otherwise. */
const OPEN_ENVIRONMENTS = ['dev', 'staging'];

export const permissionModuleGreenroom = createBackendModule({
  pluginId: 'permission',
  moduleId: 'greenroom',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        policy: policyExtensionPoint,
      },
      async init({ config, policy }) {
        const read = (key: string) =>
          config.getOptionalStringArray(`permission.greenroom.${key}`);
        policy.setPolicy(
          new OwnershipPolicy({
            adminGroups: read('adminGroups') ?? [],
            openEnvironments: read('openEnvironments') ?? OPEN_ENVIRONMENTS,
            openPermissions: read('openPermissions'),
          }),
        );
      },
    });
  },
});
