import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { Environments } from '@greenroom/plugin-ai-registry-common';
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
        const read = (key: string) =>
          config.getOptionalStringArray(`permission.greenroom.${key}`);
        const { all, names, last } = Environments.fromConfig(config);
        policy.setPolicy(
          new OwnershipPolicy({
            adminGroups: read('adminGroups') ?? [],
            // Trying a model where nobody depends on it is for everybody.
            openEnvironments:
              read('openEnvironments') ??
              names.filter(name => name !== last.name),
            approvers: all.flatMap(({ name, approverGroups }) =>
              approverGroups
                ? [{ environment: name, groups: approverGroups }]
                : [],
            ),
            openPermissions: read('openPermissions'),
          }),
        );
      },
    });
  },
});
