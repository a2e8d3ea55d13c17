import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
} from '@backstage/backend-plugin-api';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { readPortalPages } from '@greenroom/ai-node';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { createCollators } from './createCollators';
import { defaultSchedule } from './defaultSchedule';

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
        const scheduleOf = (number: number) =>
          chosen
            ? readSchedulerServiceTaskScheduleDefinitionFromConfig(chosen)
            : defaultSchedule(number);
        const collators = createCollators({
          registry: new AiRegistryClient({ discoveryApi: discovery }),
          pages: readPortalPages(config),
          authorize: async () =>
            auth.getPluginRequestToken({
              onBehalfOf: await auth.getOwnServiceCredentials(),
              targetPluginId: 'ai-registry',
            }),
        });
        collators.forEach((factory, number) => {
          index.addCollator({
            schedule: scheduler.createScheduledTaskRunner(scheduleOf(number)),
            factory,
          });
        });
      },
    });
  },
});
