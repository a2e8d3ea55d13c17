import { DatabaseManager } from '@backstage/backend-defaults/database';
import {
  coreServices,
  createServiceFactory,
  createServiceRef,
  type LifecycleService,
} from '@backstage/backend-plugin-api';
import { listMigrations } from './listMigrations';
import { MigrationGate } from './MigrationGate';

/** Of its schema, or of its database where each plugin has one. */
const PLACE = 'greenroom';

export const migrationGateServiceRef = createServiceRef<MigrationGate>({
  id: 'greenroom.migration-gate',
  scope: 'root',
});

/**
 * Before any plugin starts, it is this program's turn to migrate, or somebody else has done it
 * (`backend.database.skipMigrations`).
 */
export const migrationGateServiceFactory = createServiceFactory({
  service: migrationGateServiceRef,
  initialization: 'always',
  deps: {
    config: coreServices.rootConfig,
    logger: coreServices.rootLogger,
    lifecycle: coreServices.rootLifecycle,
  },
  async factory({ config, logger, lifecycle }) {
    const knex = await DatabaseManager.fromConfig(config, {
      rootLogger: logger,
      rootLifecycle: lifecycle,
    })
      .forPlugin(PLACE, { logger, lifecycle: lifecycle as LifecycleService })
      .getClient();
    const gate = new MigrationGate({
      knex,
      migrations: listMigrations(),
      logger,
    });
    if (config.getOptionalBoolean('backend.database.skipMigrations')) {
      await gate.untilDone();
    } else {
      await gate.takeTurn();
      lifecycle.addStartupHook(() => gate.finish());
    }
    return gate;
  },
});

/** The database as plugins have it, who leave it as it is where a newer version has migrated it. */
export const gatedDatabaseServiceFactory = createServiceFactory({
  service: coreServices.database,
  deps: {
    config: coreServices.rootConfig,
    gate: migrationGateServiceRef,
    lifecycle: coreServices.lifecycle,
    logger: coreServices.logger,
    pluginMetadata: coreServices.pluginMetadata,
    rootLifecycle: coreServices.rootLifecycle,
    rootLogger: coreServices.rootLogger,
  },
  async createRootContext({ config, gate, rootLifecycle, rootLogger }) {
    return DatabaseManager.fromConfig(config, {
      rootLifecycle,
      rootLogger,
      ...(gate.isAhead && { migrations: { skip: true } }),
    });
  },
  async factory({ pluginMetadata, lifecycle, logger }, manager) {
    return manager.forPlugin(pluginMetadata.getId(), { lifecycle, logger });
  },
});
