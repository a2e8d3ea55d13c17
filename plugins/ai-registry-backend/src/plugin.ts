import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { migrateDatabase, PollingLoop } from '@greenroom/ai-node';
import { aiRegistryPermissions } from '@greenroom/plugin-ai-registry-common';
import { CatalogPeople } from './adapters/catalog/CatalogPeople';
import { FolderArtifactStore } from './adapters/folder/FolderArtifactStore';
import { LocalGitHost } from './adapters/localGit/LocalGitHost';
import { DefaultAliasService } from './aliases/AliasService';
import { AliasStore } from './aliases/AliasStore';
import { AuthorizedAliasService } from './aliases/AuthorizedAliasService';
import { createAliasRouter } from './aliases/createAliasRouter';
import { DefaultArtifactService } from './artifacts/ArtifactService';
import { AuthorizedArtifactService } from './artifacts/AuthorizedArtifactService';
import { createArtifactRouter } from './artifacts/createArtifactRouter';
import { readRegistryConfig } from './config';
import { AuthorizedEnvironmentService } from './environments/AuthorizedEnvironmentService';
import { createEnvironmentRouter } from './environments/createEnvironmentRouter';
import { DeploymentStore } from './environments/DeploymentStore';
import { DefaultEnvironmentService } from './environments/EnvironmentService';
import { ChangeLog } from './events/ChangeLog';
import { EventPublisher } from './events/EventPublisher';
import { AuthorizedModelService } from './models/AuthorizedModelService';
import { createModelRouter } from './models/createModelRouter';
import { DefaultModelService } from './models/ModelService';
import { ModelStore } from './models/ModelStore';
import { aiModelResourceRef, isModelOwner } from './permissions';
import { AuthorizedPromotionService } from './promotion/AuthorizedPromotionService';
import { createPromotionRouter } from './promotion/createPromotionRouter';
import { createPromotions } from './promotion/createPromotions';
import { createRouter } from './router';
import { AuthorizedVersionService } from './versions/AuthorizedVersionService';
import { createVersionRouter } from './versions/createVersionRouter';
import { DefaultVersionService } from './versions/VersionService';
import { VersionStore } from './versions/VersionStore';

/** Announcements go out at once; the interval only matters after a crash. */
const PUBLISH_INTERVAL_MILLIS = 1000;

/** How soon a push to the environments repository is seen. */
const RECONCILE_INTERVAL_MILLIS = 2000;

/** What models exist, in which versions, and which of them is meant to run where. */
export const aiRegistryPlugin = createBackendPlugin({
  pluginId: 'ai-registry',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        signals: signalsServiceRef,
      },
      async init(deps) {
        const { auditor, httpAuth, lifecycle, logger, permissions } = deps;
        const config = readRegistryConfig(deps.config);
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: '@greenroom/plugin-ai-registry-backend',
        });
        const artifactStore = await FolderArtifactStore.create(
          config.artifacts,
        );

        const changes = new ChangeLog({ knex });
        const modelStore = new ModelStore({ knex });
        const versionStore = new VersionStore({ knex });
        const aliasStore = new AliasStore({ knex });

        const { permissionsRegistry } = deps;
        permissionsRegistry.addResourceType({
          resourceRef: aiModelResourceRef,
          permissions: aiRegistryPermissions,
          rules: [isModelOwner],
          getResources: names => modelStore.getMany(names),
        });

        const models = new AuthorizedModelService({
          models: new DefaultModelService({ models: modelStore, changes }),
          permissions,
          permissionsRegistry,
        });
        const versions = new AuthorizedVersionService({
          versions: new DefaultVersionService({
            models: modelStore,
            versions: versionStore,
            artifacts: artifactStore,
            changes,
          }),
          models,
          permissions,
        });
        const unguardedAliases = new DefaultAliasService({
          aliases: aliasStore,
          models: modelStore,
          versions: versionStore,
          changes,
        });
        const aliases = new AuthorizedAliasService({
          aliases: unguardedAliases,
          models,
          permissions,
        });
        const artifacts = new AuthorizedArtifactService({
          artifacts: new DefaultArtifactService({ artifacts: artifactStore }),
          versions: versionStore,
          permissions,
        });

        const deployments = new DeploymentStore({ knex });
        const {
          promotions: unguardedPromotions,
          reconciler,
          worker,
        } = createPromotions({
          knex,
          config: config.promotion,
          changes,
          gitHost: await LocalGitHost.create({
            directory: config.environments.directory,
            knex,
          }),
          people: new CatalogPeople(deps),
          logger,
          notifications: deps.notifications,
          models: modelStore,
          versions: versionStore,
          aliasStore,
          artifacts: artifactStore,
          deployments,
          aliases: unguardedAliases,
        });
        const promotions = new AuthorizedPromotionService({
          promotions: unguardedPromotions,
          permissions,
        });
        const environments = new AuthorizedEnvironmentService({
          environments: new DefaultEnvironmentService({ deployments }),
          permissions,
        });
        const reconciling = new PollingLoop({
          name: 'applying the environments repository',
          intervalMillis: RECONCILE_INTERVAL_MILLIS,
          logger,
          run: async () => {
            await reconciler.reconcile();
          },
        });
        lifecycle.addStartupHook(() => {
          reconciling.start();
          worker.start();
        });
        lifecycle.addShutdownHook(async () => {
          await Promise.all([reconciling.stop(), worker.stop()]);
        });

        const publisher = new EventPublisher({
          knex,
          events: deps.events,
          signals: deps.signals,
        });
        const publishing = new PollingLoop({
          name: 'publishing registry events',
          intervalMillis: PUBLISH_INTERVAL_MILLIS,
          logger,
          run: signal => publisher.publishPending(signal),
        });
        changes.onCommit(() => publishing.wake());
        lifecycle.addStartupHook(() => publishing.start());
        lifecycle.addShutdownHook(() => publishing.stop());

        const edge = { auditor, httpAuth };
        deps.httpRouter.use(
          await createRouter({
            features: [
              createArtifactRouter({
                ...edge,
                artifacts,
                maxBytes: config.artifacts.maxBytes,
              }),
              createModelRouter({ ...edge, models }),
              createVersionRouter({ ...edge, versions }),
              createAliasRouter({ ...edge, aliases }),
              createPromotionRouter({ ...edge, promotions }),
              createEnvironmentRouter({ httpAuth, environments }),
            ],
          }),
        );
      },
    });
  },
});
