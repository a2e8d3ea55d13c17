import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { readPortalPages } from '@greenroom/ai-node';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { createCollators } from './createCollators';

const DEFAULT_SCHEDULE = {
  frequency: { minutes: 10 },
  timeout: { minutes: 15 },
  // The registry answers once the whole backend has started.
  initialDelay: { seconds: 10 },
};

/** Lets people find models, versions, promotions and datasets. */
export const searchModuleAiRegistry = createBackendModule({
  pluginId: 'search',
  moduleId: 'ai-registry',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        scheduler: coreServices.scheduler,
        index: searchIndexRegistryExtensionPoint,
      },
      async init({ auth, config, discovery, scheduler, index }) {
        const chosen = config.getOptionalConfig(
          'search.collators.aiRegistry.schedule',
        );
        const schedule = chosen
          ? readSchedulerServiceTaskScheduleDefinitionFromConfig(chosen)
          : DEFAULT_SCHEDULE;
        const collators = createCollators({
          registry: new AiRegistryClient({ discoveryApi: discovery }),
          pages: readPortalPages(config),
          authorize: async () =>
            auth.getPluginRequestToken({
              onBehalfOf: await auth.getOwnServiceCredentials(),
              targetPluginId: 'ai-registry',
            }),
        });
        for (const factory of collators) {
          index.addCollator({
            schedule: scheduler.createScheduledTaskRunner(schedule),
            factory,
          });
        }
      },
    });
  },
});
