import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  createChanges,
  issuedTokensServiceRef,
  migrateDatabase,
  OwnedModels,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  runLoops,
  scopedPermissions,
} from '@greenroom/ai-node';
import {
  aiMonitoringAuditReadPermission,
  aiMonitoringPermissions,
} from '@greenroom/plugin-ai-monitoring-common';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import { readMonitoringConfig } from './config';
import { createAnnouncer } from './events/announcement';
import { createComparisons } from './comparisons/createComparisons';
import { createHealth } from './health/createHealth';
import { createMonitoringRouter } from './monitoring/createMonitoringRouter';
import { MonitoringService } from './monitoring/MonitoringService';
import { type MonitoringParts, openSources } from './monitoringParts';
import { createOutcomes } from './outcomes/createOutcomes';
import { createRecentRows } from './recentRows/createRecentRows';
import { createRecords } from './records/createRecords';
import { createRouter, PACKAGE_NAME } from './router';

const RETENTION_INTERVAL_MILLIS = 60 * 60_000;

/** How served models do: records, windows, traffic, drift, health. */
export const aiMonitoringPlugin = createBackendPlugin({
  pluginId: 'ai-monitoring',
  register(env) {
    env.registerInit({
      deps: {
        auth: coreServices.auth,
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
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { logger } = deps;
        const config = readMonitoringConfig(deps.config);
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });
        const { changes, announcing, maintainAudit, createAuditRouter } =
          await createChanges({
            knex,
            announce: createAnnouncer(deps),
            audit: config.audit,
            logger,
          });
        const parts: MonitoringParts = {
          ...deps,
          ...openSources({ ...deps, knex }),
          changes,
          clock: () => new Date(),
          config,
          knex,
          pages: readPortalPages(deps.config),
          permissions: scopedPermissions(deps),
        };

        deps.permissionsRegistry.addPermissions(aiMonitoringPermissions);
        const health = createHealth(parts);
        const comparisons = createComparisons(parts);
        const outcomes = createOutcomes(parts);
        const recentRows = createRecentRows({
          ...parts,
          settings: outcomes.settings,
        });
        const records = createRecords({
          ...parts,
          recentRows: recentRows.keeper,
          comparisons: comparisons.counter,
          outcomes: outcomes.counter,
        });
        const monitoring = new MonitoringService({
          ...parts,
          maxClockOffsetMillis: config.maxClockOffsetMillis,
          health: health.service,
        });
        const owned = new OwnedModels({
          ...parts,
          claims: new OwnershipClaims(deps),
        });

        deps.httpRouter.use(
          await createRouter({
            environments: Environments.fromConfig(deps.config).names,
            features: [
              records.router,
              comparisons.router,
              outcomes.router,
              recentRows.router,
              createMonitoringRouter({ ...parts, monitoring }),
              createAuditRouter({
                ...parts,
                permission: aiMonitoringAuditReadPermission,
                owned: credentials => owned.of(credentials),
              }),
            ],
          }),
        );
        deps.lifecycle.addShutdownHook(records.stop);
        runLoops(deps.lifecycle, [
          records.loop,
          comparisons.loop,
          outcomes.loop,
          recentRows.loop,
          health.loop,
          announcing,
          new PollingLoop({
            name: 'Forgetting old audit entries',
            intervalMillis: RETENTION_INTERVAL_MILLIS,
            logger,
            run: () => maintainAudit(),
          }),
        ]);
      },
    });
  },
});
