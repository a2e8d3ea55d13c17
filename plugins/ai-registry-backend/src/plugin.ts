import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  AUDIT_TABLE,
  AuditReader,
  createAuditRouter,
  issuedTokensServiceRef,
  migrateDatabase,
  MonthlyPartitions,
  OutboxPublisher,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  readServiceTokens,
  scopedPermissions,
} from '@greenroom/ai-node';
import { aiRegistryAuditReadPermission } from '@greenroom/plugin-ai-registry-common';
import { registerActions } from './actions/registerActions';
import { createAliasRouter } from './aliases/createAliasRouter';
import { createArtifactRouter } from './artifacts/createArtifactRouter';
import { readRegistryConfig } from './config';
import { createServices } from './createServices';
import { createEnvironmentRouter } from './environments/createEnvironmentRouter';
import { createAnnouncer } from './events/announcement';
import {
  createSchemaRouter,
  SCHEMAS_PATH,
} from './manifests/createSchemaRouter';
import { createModelRouter } from './models/createModelRouter';
import { createPromotionRouter } from './promotion/createPromotionRouter';
import { createRouter } from './router';
import { createServiceTokenRouter } from './serviceTokens/createServiceTokenRouter';
import { createOverviewRouter } from './overview/createOverviewRouter';
import { createVersionRouter } from './versions/createVersionRouter';

/** Announcements go out at once; the interval only matters after a crash. */
const PUBLISH_INTERVAL_MILLIS = 1000;

/** How soon a push to the environments repository is seen. */
const RECONCILE_INTERVAL_MILLIS = 2000;

const DAILY = {
  frequency: { hours: 24 },
  initialDelay: { minutes: 10 },
  timeout: { hours: 1 },
};

/** What models exist, in which versions, and which of them is meant to run where. */
export const aiRegistryPlugin = createBackendPlugin({
  pluginId: 'ai-registry',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        issuedTokens: issuedTokensServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auditor, httpAuth, lifecycle, logger } = deps;
        const config = readRegistryConfig(deps.config);
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: '@greenroom/plugin-ai-registry-backend',
        });
        const permissions = scopedPermissions(deps);
        const services = await createServices({
          ...deps,
          knex,
          config,
          declaredTokens: readServiceTokens(deps.config),
          permissions,
          pages: readPortalPages(deps.config),
          claims: new OwnershipClaims(deps),
        });
        const { changes, reconciler, promotionWorker, trials } = services;

        const reconciling = new PollingLoop({
          name: 'applying the environments repository',
          intervalMillis: RECONCILE_INTERVAL_MILLIS,
          logger,
          run: async () => {
            await reconciler.reconcile();
          },
        });
        const notifying = new PollingLoop({
          name: 'telling of manifests that are not applied',
          intervalMillis: RECONCILE_INTERVAL_MILLIS,
          logger,
          run: () => services.manifestNotifier.run(),
        });
        const publisher = new OutboxPublisher({
          knex,
          send: createAnnouncer(deps),
          logger,
        });
        const publishing = new PollingLoop({
          name: 'publishing registry events',
          intervalMillis: PUBLISH_INTERVAL_MILLIS,
          logger,
          run: signal => publisher.publishPending(signal),
        });
        changes.onCommit(() => publishing.wake());
        lifecycle.addStartupHook(() => {
          reconciling.start();
          notifying.start();
          promotionWorker.start();
          trials.start();
          publishing.start();
        });
        lifecycle.addShutdownHook(async () => {
          await Promise.all([
            reconciling.stop(),
            notifying.stop(),
            promotionWorker.stop(),
            trials.stop(),
            publishing.stop(),
          ]);
        });

        const partitions = new MonthlyPartitions({
          knex,
          table: AUDIT_TABLE,
          ...config.audit,
        });
        await partitions.maintain();
        await deps.scheduler.scheduleTask({
          id: 'ai-registry-tidy',
          ...DAILY,
          fn: async signal => {
            await partitions.maintain();
            await services.artifactStore.removeLeftovers();
            await services.collector.collect({ dryRun: false, signal });
          },
        });

        registerActions({ ...services, ...deps });
        deps.httpRouter.addAuthPolicy({
          path: SCHEMAS_PATH,
          allow: 'unauthenticated',
        });
        const edge = { ...services, auditor, httpAuth };
        deps.httpRouter.use(
          await createRouter({
            environments: config.environments.names,
            features: [
              createArtifactRouter({
                ...edge,
                maxBytes: config.artifacts.maxBytes,
              }),
              createModelRouter(edge),
              createVersionRouter(edge),
              createAliasRouter(edge),
              createPromotionRouter(edge),
              createEnvironmentRouter(edge),
              createSchemaRouter(),
              createOverviewRouter(edge),
              createServiceTokenRouter({ ...edge, permissions }),
              createAuditRouter({
                ...edge,
                reader: new AuditReader({ knex }),
                permissions,
                permission: aiRegistryAuditReadPermission,
              }),
            ],
          }),
        );
      },
    });
  },
});
