import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  migrateDatabase,
  PollingLoop,
  scopedPermissions,
} from '@greenroom/ai-node';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { aiMonitoringPermissions } from '@greenroom/plugin-ai-monitoring-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { BaselineSource } from './baselines/BaselineSource';
import { readMonitoringConfig } from './config';
import { HealthReader } from './health/HealthReader';
import { RolloutSource } from './markers/RolloutSource';
import { AuthorizedMonitoringService } from './monitoring/AuthorizedMonitoringService';
import { DefaultMonitoringService } from './monitoring/DefaultMonitoringService';
import { AuthorizedRecordService } from './records/AuthorizedRecordService';
import { BatchStore } from './records/BatchStore';
import { LossStore } from './records/LossStore';
import { RecordRetention } from './records/RecordRetention';
import { RecordService } from './records/RecordService';
import { UpdateSignals } from './records/UpdateSignals';
import { createRouter, PACKAGE_NAME } from './router';
import { WindowCompactor } from './windows/WindowCompactor';
import { WindowStore } from './windows/WindowStore';

const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;

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
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        signals: signalsServiceRef,
      },
      async init(deps) {
        const { auth, discovery, lifecycle, logger } = deps;
        const permissions = scopedPermissions(deps);
        const { retention, health, maxClockOffsetMillis } =
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
        const baselines = new BaselineSource({
          registry: new AiRegistryClient({ discoveryApi: discovery }),
          auth,
        });
        const rollouts = new RolloutSource({
          inference: new AiInferenceClient({ discoveryApi: discovery }),
          auth,
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

        deps.permissionsRegistry.addPermissions(aiMonitoringPermissions);
        deps.httpRouter.use(
          await createRouter({
            httpAuth: deps.httpAuth,
            records: new AuthorizedRecordService({
              permissions,
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
            }),
            monitoring: new AuthorizedMonitoringService({
              permissions,
              monitoring: new DefaultMonitoringService({
                windows,
                batches,
                baselines,
                rollouts,
                losses,
                maxClockOffsetMillis,
                health: new HealthReader({
                  windows,
                  baselines,
                  rollouts,
                  thresholds: health,
                  clock,
                }),
                clock,
              }),
            }),
          }),
        );

        lifecycle.addStartupHook(() => housekeepingLoop.start());
        lifecycle.addShutdownHook(async () => {
          signals.stop();
          await housekeepingLoop.stop();
        });
      },
    });
  },
});
