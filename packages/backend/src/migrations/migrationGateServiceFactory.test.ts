import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { programOf } from '../workflows/__testUtils__/act';
import {
  gatedDatabaseServiceFactory,
  migrationGateServiceFactory,
} from './migrationGateServiceFactory';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const PACKAGE = '@greenroom/plugin-ai-registry-backend';
const NEWER = '99990101_of_a_newer_version.js';

/** Serves with the migrations of one plugin, and ends. */
async function serve(connection: string): Promise<{ skips: boolean }> {
  let skips = false;
  const plugin = createBackendPlugin({
    pluginId: 'ai-registry',
    register(reg) {
      reg.registerInit({
        deps: { database: coreServices.database },
        async init({ database }) {
          skips = database.migrations?.skip ?? false;
          await migrateDatabase({ database, packageName: PACKAGE });
        },
      });
    },
  });
  const backend = await startTestBackend({
    features: [
      migrationGateServiceFactory,
      gatedDatabaseServiceFactory,
      plugin,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database: {
              client: 'pg',
              pluginDivisionMode: 'schema',
              connection,
            },
          },
        },
      }),
    ],
  });
  await backend.stop();
  return { skips };
}

describe('a version before the one that has migrated', () => {
  let knex: Knex;
  let connection: string;

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    const { rows } = await knex.raw('select current_database() as name');
    const url = new URL(
      programOf('BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING'),
    );
    url.pathname = `/${rows[0].name}`;
    connection = url.toString();
    await serve(connection);
    await knex('knex_migrations')
      .withSchema('ai-registry')
      .insert({ name: NEWER, batch: 99, migration_time: new Date() });
  });

  it('serves with the database as it is', async () => {
    await knex('done_migrations')
      .withSchema('greenroom')
      .insert({ name: `${PACKAGE}/${NEWER}` });
    expect(await serve(connection)).toEqual({ skips: true });
  });

  it('would not start without knowing of it', async () => {
    await expect(serve(connection)).rejects.toThrow(
      'migration directory is corrupt',
    );
  });
});
