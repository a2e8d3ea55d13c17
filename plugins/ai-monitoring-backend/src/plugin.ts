import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  AUDIT_TABLE,
  AuditReader,
  ChangeLog,
  createAuditRouter,
  issuedTokensServiceRef,
  migrateDatabase,
  MonthlyPartitions,
  OutboxPublisher,
  OwnedModels,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  scopedPermissions,
} from '@greenroom/ai-node';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import {
  aiMonitoringAuditReadPermission,
  aiMonitoringPermissions,
} from '@greenroom/plugin-ai-monitoring-common';
import {
  AiRegistryClient,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import { BaselineSource } from './baselines/BaselineSource';
import { readMonitoringConfig } from './config';
import { type Announcement, createAnnouncer } from './events/announcement';
import { HealthJudge } from './health/HealthJudge';
import { HealthReader } from './health/HealthReader';
import { HealthService } from './health/HealthService';
import { JudgingTurn } from './health/JudgingTurn';
import { RecentStore } from './health/RecentStore';
import { VerdictStore } from './health/VerdictStore';
import { RolloutSource } from './markers/RolloutSource';
import { MonitoringService } from './monitoring/MonitoringService';
import { OwnerNotifier } from './notices/OwnerNotifier';
import { BatchStore } from './records/BatchStore';
import { LossStore } from './records/LossStore';
import { RecordRetention } from './records/RecordRetention';
import { RecordService } from './records/RecordService';
import { UpdateSignals } from './records/UpdateSignals';
import { createRouter, PACKAGE_NAME } from './router';
import { WindowCompactor } from './windows/WindowCompactor';
import { WindowStore } from './windows/WindowStore';

const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;
/** Announcements go out at once; the interval only matters after a crash. */
const PUBLISH_INTERVAL_MILLIS = 1_000;
const RETENTION_INTERVAL_MILLIS = 60 * 60_000;
const JUDGING_INTERVAL_MILLIS = 1_000;
const JUDGING_REST_MILLIS = 5_000;

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
        const { auth, discovery, lifecycle, logger } = deps;
        const permissions = scopedPermissions(deps);
        const { audit, retention, health, notices, maxClockOffsetMillis } =
          readMonitoringConfig(deps.config);
        const clock = () => new Date();
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });

        const windows = new WindowStore({ knex });
        const batches = new BatchStore({ knex });
        const losses = new LossStore({ knex });
        const recordRetention = new RecordRetention({ knex });
        const registry = new AiRegistryClient({ discoveryApi: discovery });
        const baselines = new BaselineSource({ registry, auth });
        const rollouts = new RolloutSource({
          inference: new AiInferenceClient({ discoveryApi: discovery }),
          auth,
        });
        const changes = new ChangeLog<Announcement>({ knex });
        const verdicts = new VerdictStore({ knex, changes });
        const reader = new HealthReader({
          recent: new RecentStore({ knex }),
          baselines,
          thresholds: health,
          clock,
        });
        const judge = new HealthJudge({
          reader,
          verdicts,
          rollouts,
          notifier: new OwnerNotifier({
            registry,
            notifications: deps.notifications,
            pages: readPortalPages(deps.config),
            auth,
          }),
          turn: new JudgingTurn({ knex }),
          rules: notices,
          restMillis: JUDGING_REST_MILLIS,
          logger,
          clock,
        });
        const judgingLoop = new PollingLoop({
          name: 'Judging the health of the models',
          intervalMillis: JUDGING_INTERVAL_MILLIS,
          logger,
          run: signal => judge.run(signal),
        });
        const signals = new UpdateSignals({
          signals: deps.signals,
          logger,
          clock,
        });
        const compactor = new WindowCompactor({
          knex,
          windows,
          retention,
          clock,
        });
        const publisher = new OutboxPublisher({
          knex,
          send: createAnnouncer(deps),
          logger,
        });
        const publishingLoop = new PollingLoop({
          name: 'Telling of changes',
          intervalMillis: PUBLISH_INTERVAL_MILLIS,
          logger,
          run: signal => publisher.publishPending(signal),
        });
        changes.onCommit(() => publishingLoop.wake());
        const partitions = new MonthlyPartitions({
          knex,
          table: AUDIT_TABLE,
          ...audit,
        });
        await partitions.maintain();
        const retentionLoop = new PollingLoop({
          name: 'Forgetting old audit entries',
          intervalMillis: RETENTION_INTERVAL_MILLIS,
          logger,
          run: async () => {
            await partitions.maintain();
          },
        });
        const housekeepingLoop = new PollingLoop({
          name: 'Merging windows',
          intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
          logger,
          run: async signal => {
            await compactor.run(signal);
            const nowMillis = clock().getTime();
            await recordRetention.forget({
              batchesBefore: new Date(nowMillis - retention.batchMillis),
              lossesBefore: new Date(nowMillis - retention.hourMillis),
              signal,
            });
          },
        });

        const owned = new OwnedModels({
          registry,
          auth,
          claims: new OwnershipClaims(deps),
        });
        deps.permissionsRegistry.addPermissions(aiMonitoringPermissions);
        deps.httpRouter.use(
          await createRouter({
            httpAuth: deps.httpAuth,
            permissions,
            audit: createAuditRouter({
              reader: new AuditReader({ knex }),
              httpAuth: deps.httpAuth,
              permissions,
              permission: aiMonitoringAuditReadPermission,
              owned: credentials => owned.of(credentials),
            }),
            environments: Environments.fromConfig(deps.config).names,
            records: new RecordService({
              knex,
              batches,
              windows,
              losses,
              baselines,
              signals,
              logger,
              clock,
              maxClockOffsetMillis,
              keepMillis: retention.hourMillis,
            }),
            monitoring: new MonitoringService({
              windows,
              batches,
              baselines,
              rollouts,
              losses,
              maxClockOffsetMillis,
              health: new HealthService({ reader, verdicts, rollouts }),
              clock,
            }),
          }),
        );

        const loops = [
          housekeepingLoop,
          judgingLoop,
          publishingLoop,
          retentionLoop,
        ];
        lifecycle.addStartupHook(() => loops.forEach(loop => loop.start()));
        lifecycle.addShutdownHook(async () => {
          signals.stop();
          await Promise.all(loops.map(loop => loop.stop()));
        });
      },
    });
  },
});
