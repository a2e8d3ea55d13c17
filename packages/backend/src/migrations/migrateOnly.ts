import { DefaultSchedulerService } from '@backstage/backend-defaults/scheduler';
import {
  type BackendFeature,
  coreServices,
  createServiceFactory,
  createServiceRef,
  type LifecycleService,
  type RootHttpRouterService,
  type RootLifecycleService,
  type SchedulerService,
} from '@backstage/backend-plugin-api';
import { metricsServiceRef } from '@backstage/backend-plugin-api/alpha';
import { migrationGateServiceRef } from './migrationGateServiceFactory';

/** Argument of the program that is to migrate the database, and to end then. */
export const MIGRATE_ONLY = '--migrate-only';

/** Nobody can call it. */
const rootHttpRouterFactory = createServiceFactory({
  service: coreServices.rootHttpRouter,
  deps: {},
  factory: (): RootHttpRouterService => ({ use() {} }),
});

/** Nothing that works in the background begins. */
const lifecycleFactory = createServiceFactory({
  service: coreServices.lifecycle,
  deps: {},
  factory(): LifecycleService & Record<'startup' | 'shutdown', () => void> {
    return {
      addStartupHook() {},
      addShutdownHook() {},
      startup() {},
      shutdown() {},
    };
  },
});

const idleScheduler: SchedulerService = {
  async triggerTask() {},
  async cancelTask() {},
  async scheduleTask() {},
  createScheduledTaskRunner: () => ({ async run() {} }),
  getScheduledTasks: async () => [],
};

/** Makes its tables for every plugin that has tasks, and runs none. */
const schedulerFactory = createServiceFactory({
  service: coreServices.scheduler,
  deps: {
    database: coreServices.database,
    logger: coreServices.logger,
    rootLifecycle: coreServices.rootLifecycle,
    httpRouter: coreServices.httpRouter,
    pluginMetadata: coreServices.pluginMetadata,
    metrics: metricsServiceRef,
  },
  async factory(deps) {
    // It migrates when it is first asked something; there is no such task.
    await DefaultSchedulerService.create(deps)
      .cancelTask('migrate-only')
      .catch(error => {
        if (error.name !== 'NotFoundError') throw error;
      });
    return idleScheduler;
  },
});

/**
 * Ends the program when all plugins have migrated, and others may know it; at once where the database is ahead.
 * Nothing else begins when the backend has started: plugins have much of what they do in the background wait for that.
 */
function endFactories(): BackendFeature[] {
  let end = async () => {};
  const rootLifecycleFactory = createServiceFactory({
    service: coreServices.rootLifecycle,
    deps: {},
    factory(): RootLifecycleService &
      Record<'startup' | 'beforeShutdown' | 'shutdown', () => Promise<void>> {
      return {
        addStartupHook() {},
        addBeforeShutdownHook() {},
        addShutdownHook() {},
        startup: () => end(),
        async beforeShutdown() {},
        async shutdown() {},
      };
    },
  });
  const endFactory = createServiceFactory({
    service: createServiceRef<object>({
      id: 'greenroom.migrate-only',
      scope: 'root',
    }),
    initialization: 'always',
    deps: {
      gate: migrationGateServiceRef,
      logger: coreServices.rootLogger,
    },
    factory({ gate, logger }) {
      if (gate.isAhead) process.exit(0);
      end = async () => {
        const code = await gate.finish().then(
          () => {
            logger.info('The database is migrated');
            return 0;
          },
          error => {
            logger.error(
              `The migrations of the database were not noted: ${error}`,
            );
            return 1;
          },
        );
        process.exit(code);
      };
      return {};
    },
  });
  return [rootLifecycleFactory, endFactory];
}

/** What a backend is made of that is started only for what its plugins do to the database first. */
export function migrateOnlyFeatures(): BackendFeature[] {
  // Set for the control planes that serve, by the same configuration.
  process.env.APP_CONFIG_backend_database_skipMigrations = 'false';
  // Plugins tell each other of nothing, and there is nobody to ask for it.
  process.env.APP_CONFIG_events_useEventBus = 'never';
  return [
    rootHttpRouterFactory,
    lifecycleFactory,
    schedulerFactory,
    ...endFactories(),
  ];
}
