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
  type DatasetChangedEvent,
  type ModelChangedEvent,
  TOPIC_DATASET_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import {
  createOpenApiResolver,
  OPEN_API_PLACEHOLDER,
} from './apiDefinitions/createOpenApiResolver';
import { datasetEntities, modelEntities } from './registryEntities';
import { RegistryEntityProvider } from './RegistryEntityProvider';

const DEFAULT_SYNC_INTERVAL_SECONDS = 60;

/** Shows each registered model, and each dataset, as an entity of the catalog. */
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
        const registry = new AiRegistryClient({ discoveryApi: discovery });
        const models = new RegistryEntityProvider({
          entities: modelEntities({
            registry,
            pageOf: name => `${appBaseUrl}${pages.model(name)}`,
            environments: Environments.fromConfig(config),
          }),
          auth,
        });
        const datasets = new RegistryEntityProvider({
          entities: datasetEntities({
            registry,
            pageOf: name => `${appBaseUrl}${pages.dataset(name)}`,
          }),
          auth,
        });
        catalog.addEntityProvider(models);
        catalog.addEntityProvider(datasets);
        catalog.addPlaceholderResolver(
          OPEN_API_PLACEHOLDER,
          createOpenApiResolver({ auth, discovery }),
        );

        const intervalSeconds =
          config.getOptionalNumber('aiRegistry.catalog.syncIntervalSeconds') ??
          DEFAULT_SYNC_INTERVAL_SECONDS;
        const loopsOf = (
          what: string,
          provider: {
            syncAll(signal?: AbortSignal): Promise<void>;
            syncChanged(signal?: AbortSignal): Promise<void>;
          },
        ) => ({
          all: new PollingLoop({
            name: `bringing the catalog in line with the registry's ${what}`,
            intervalMillis: intervalSeconds * 1000,
            logger: deps.logger,
            run: signal => provider.syncAll(signal),
          }),
          changed: new PollingLoop({
            name: `bringing changed ${what} into the catalog`,
            intervalMillis: intervalSeconds * 1000,
            logger: deps.logger,
            run: signal => provider.syncChanged(signal),
          }),
        });
        const modelLoops = loopsOf('models', models);
        const datasetLoops = loopsOf('datasets', datasets);
        await events.subscribe({
          id: 'catalog-ai-registry',
          topics: [TOPIC_MODEL_CHANGED, TOPIC_DATASET_CHANGED],
          // Whoever tells of a change does not wait until the catalog knows.
          async onEvent({ eventPayload }) {
            const change = eventPayload as
              | ModelChangedEvent
              | DatasetChangedEvent;
            if (change.type === 'dataset-changed') {
              datasets.markChanged(change.dataset);
              datasetLoops.changed.wake();
            } else {
              models.markChanged(change.model);
              modelLoops.changed.wake();
            }
          },
        });
        const loops = [modelLoops, datasetLoops].flatMap(({ all, changed }) => [
          all,
          changed,
        ]);
        // The registry answers only once the whole backend has started.
        lifecycle.addStartupHook(() => {
          loops.forEach(loop => loop.start());
        });
        lifecycle.addShutdownHook(async () => {
          await Promise.all(loops.map(loop => loop.stop()));
        });
      },
    });
  },
});
