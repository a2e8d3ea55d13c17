import { mockServices } from '@backstage/backend-test-utils';
import knexFactory from 'knex';
import { migrateDatabase } from './migrateDatabase';

describe('migrateDatabase', () => {
  it('says what is needed where the database is not PostgreSQL', async () => {
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    await expect(
      migrateDatabase({
        database: mockServices.database.mock({ getClient: async () => knex }),
        packageName: '@greenroom/plugin-ai-registry-backend',
      }),
    ).rejects.toThrow(
      '@greenroom/plugin-ai-registry-backend needs PostgreSQL, and backend.database is sqlite3: set backend.database.client to pg',
    );
    await knex.destroy();
  });
});
