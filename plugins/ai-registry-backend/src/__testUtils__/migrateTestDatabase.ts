import { mockServices } from '@backstage/backend-test-utils';
import { migrateDatabase } from '@greenroom/ai-node';
import type { Knex } from 'knex';

/** Gives a test's empty database the plugin's tables. */
export async function migrateTestDatabase(knex: Knex): Promise<void> {
  await migrateDatabase({
    database: mockServices.database({ knex }),
    packageName: '@greenroom/plugin-ai-registry-backend',
  });
}
