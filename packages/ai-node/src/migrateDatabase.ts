import {
  type DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/**
 * Connects to the plugin's database and runs the package's `migrations` folder,
 * unless the installation migrates by other means (`backend.database.skipMigrations`).
 */
export async function migrateDatabase(options: {
  database: DatabaseService;
  /** Name of the package that owns the `migrations` folder. */
  packageName: string;
}): Promise<Knex> {
  const { database, packageName } = options;
  const knex = await database.getClient();
  if (!database.migrations?.skip) {
    await knex.migrate.latest({
      directory: resolvePackagePath(packageName, 'migrations'),
    });
  }
  return knex;
}
