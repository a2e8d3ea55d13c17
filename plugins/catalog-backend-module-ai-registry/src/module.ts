import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { PollingLoop, readPortalPages } from '@greenroom/ai-node';
import {
  AiInferenceClient,
  type DeploymentChangedEvent,
  type RolloutChangedEvent,
  TOPIC_DEPLOYMENT_CHANGED,
  TOPIC_ROLLOUT_CHANGED,
} from '@greenroom/plugin-ai-inference-common';
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
import { datasetSource } from './datasets/datasetSource';
import { AddressBook } from './models/AddressBook';
import { ContractReader } from './models/ContractReader';
import { DeployedModelProcessor } from './models/DeployedModelProcessor';
import { ModelFactsProcessor } from './models/ModelFactsProcessor';
import { readModelServerKind } from './models/modelServers';
import { modelSource } from './models/modelSource';
import { UNREAD } from './models/unread';
import { createPluginCaller } from './PluginCaller';
import { SourceEntityProvider } from './SourceEntityProvider';

const DEFAULT_SYNC_INTERVAL_SECONDS = 60;

/** What changes a model's entities, or a dataset's. */
const TOPICS = [
  TOPIC_MODEL_CHANGED,
  TOPIC_DATASET_CHANGED,
  TOPIC_ROLLOUT_CHANGED,
  TOPIC_DEPLOYMENT_CHANGED,
];

type Change =
  | ModelChangedEvent
  | DatasetChangedEvent
  | RolloutChangedEvent
  | DeploymentChangedEvent;

/** Shows each registered model, its API in each environment, and each dataset as entities of the catalog. */
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
        const { auth, catalog, config, discovery, events, lifecycle, logger } =
          deps;
        const appBaseUrl = config.getString('app.baseUrl').replace(/\/+$/, '');
        const pages = readPortalPages(config);
        const registry = new AiRegistryClient({ discoveryApi: discovery });
        const inference = new AiInferenceClient({ discoveryApi: discovery });
        const environments = Environments.fromConfig(config);
        const call = createPluginCaller(auth);
        const models = new SourceEntityProvider(
          modelSource({
            registry,
            inference,
            call,
            environments,
            addresses: new AddressBook({ inference, call, environments }),
            modelServers: readModelServerKind(config),
            pageOf: name => `${appBaseUrl}${pages.model(name)}`,
          }),
        );
        const datasets = new SourceEntityProvider(
          datasetSource({
            registry,
            call,
            pageOf: name => `${appBaseUrl}${pages.dataset(name)}`,
          }),
        );
        catalog.addEntityProvider(models);
        catalog.addEntityProvider(datasets);
        catalog.addProcessor(
          new DeployedModelProcessor({
            contracts: new ContractReader({ registry, call }),
            environments,
            logger,
          }),
          new ModelFactsProcessor({ registry, call, logger }),
        );
        catalog.addPlaceholderResolver(
          OPEN_API_PLACEHOLDER,
          createOpenApiResolver({ auth, discovery }),
        );

        const intervalSeconds =
          config.getOptionalNumber('aiRegistry.catalog.syncIntervalSeconds') ??
          DEFAULT_SYNC_INTERVAL_SECONDS;
        const loopOf = (
          name: string,
          run: (signal: AbortSignal) => Promise<void>,
        ) =>
          new PollingLoop({
            name,
            intervalMillis: intervalSeconds * 1000,
            logger,
            run,
          });
        const changedModels = loopOf(
          'bringing changed models into the catalog',
          signal => models.syncChanged(signal),
        );
        const changedDatasets = loopOf(
          'bringing changed datasets into the catalog',
          signal => datasets.syncChanged(signal),
        );
        const loops = [
          loopOf(
            "bringing the catalog in line with the registry's models",
            async signal => {
              const startedMillis = performance.now();
              logger.debug('Comparing all models with the catalog');
              await models.syncAll(signal);
              logger.debug(
                `All models were compared with the catalog in ${Math.round(
                  performance.now() - startedMillis,
                )} ms`,
              );
              await models.processAgain(UNREAD);
            },
          ),
          loopOf(
            "bringing the catalog in line with the registry's datasets",
            signal => datasets.syncAll(signal),
          ),
          changedModels,
          changedDatasets,
        ];
        await events.subscribe({
          id: 'catalog-ai-registry',
          topics: TOPICS,
          // Whoever tells of a change does not wait until the catalog knows.
          async onEvent({ eventPayload }) {
            const change = eventPayload as Change;
            if ('dataset' in change) {
              datasets.markChanged(change.dataset);
              changedDatasets.wake();
            } else {
              models.markChanged(change.model);
              changedModels.wake();
            }
          },
        });
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
