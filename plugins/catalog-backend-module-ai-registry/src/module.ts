import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { PollingLoop, readPortalPages } from '@greenroom/ai-node';
import {
  AiRegistryClient,
  Environments,
  type ModelChangedEvent,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import {
  createOpenApiResolver,
  OPEN_API_PLACEHOLDER,
} from './apiDefinitions/createOpenApiResolver';
import { ModelEntityProvider } from './ModelEntityProvider';

const DEFAULT_SYNC_INTERVAL_SECONDS = 60;

/** Shows each registered model as an entity of the catalog. */
export const catalogModuleAiRegistry = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'ai-registry',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogProcessingExtensionPoint,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        lifecycle: coreServices.rootLifecycle,
        logger: coreServices.logger,
      },
      async init(deps) {
        const { auth, catalog, config, discovery, events, lifecycle } = deps;
        const appBaseUrl = config.getString('app.baseUrl').replace(/\/+$/, '');
        const pages = readPortalPages(config);
        const provider = new ModelEntityProvider({
          registry: new AiRegistryClient({ discoveryApi: discovery }),
          auth,
          pageOf: name => `${appBaseUrl}${pages.model(name)}`,
          environments: Environments.fromConfig(config),
        });
        catalog.addEntityProvider(provider);
        catalog.addPlaceholderResolver(
          OPEN_API_PLACEHOLDER,
          createOpenApiResolver({ auth, discovery }),
        );

        const intervalSeconds =
          config.getOptionalNumber('aiRegistry.catalog.syncIntervalSeconds') ??
          DEFAULT_SYNC_INTERVAL_SECONDS;
        const loop = new PollingLoop({
          name: 'bringing the catalog in line with the model registry',
          intervalMillis: intervalSeconds * 1000,
          logger: deps.logger,
          run: signal => provider.syncAll(signal),
        });
        const changes = new PollingLoop({
          name: 'bringing changed models into the catalog',
          intervalMillis: intervalSeconds * 1000,
          logger: deps.logger,
          run: signal => provider.syncChanged(signal),
        });
        await events.subscribe({
          id: 'catalog-ai-registry',
          topics: [TOPIC_MODEL_CHANGED],
          // Whoever tells of a change does not wait until the catalog knows.
          async onEvent({ eventPayload }) {
            const { model } = eventPayload as ModelChangedEvent;
            provider.markChanged(model);
            changes.wake();
          },
        });
        // The registry answers only once the whole backend has started.
        lifecycle.addStartupHook(() => {
          loop.start();
          changes.start();
        });
        lifecycle.addShutdownHook(async () => {
          await Promise.all([loop.stop(), changes.stop()]);
        });
      },
    });
  },
});
