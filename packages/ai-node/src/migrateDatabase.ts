import {
  type DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';

/**
 * Connects to the plugin's database and runs the package's `migrations` folder,
 * unless the installation migrates by other means (`backend.database.skipMigrations`).
 *
 * @throws {InputError} the database is not PostgreSQL, the only one whose SQL is spoken here
 */
export async function migrateDatabase(options: {
  database: DatabaseService;
  /** Name of the package that owns the `migrations` folder. */
  packageName: string;
}): Promise<Knex> {
  const { database, packageName } = options;
  const knex = await database.getClient();
  // A name of knex itself, whichever of its clients for PostgreSQL is in use.
  const { dialect } = knex.client;
  if (dialect !== 'postgresql') {
    throw new InputError(
      `${packageName} needs PostgreSQL, and backend.database is ${dialect}: set backend.database.client to pg and its connection to that of a PostgreSQL server (14 or newer), or set them for this plugin alone in backend.database.plugin`,
    );
  }
  if (!database.migrations?.skip) {
    await knex.migrate.latest({
      directory: resolvePackagePath(packageName, 'migrations'),
    });
  }
  return knex;
}
