import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { OwnershipPolicy } from './OwnershipPolicy';

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
        policy.setPolicy(
          new OwnershipPolicy({
            adminGroups:
              config.getOptionalStringArray(
                'permission.greenroom.adminGroups',
              ) ?? [],
          }),
        );
      },
    });
  },
});
