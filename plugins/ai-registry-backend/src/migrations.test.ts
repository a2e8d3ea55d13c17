import { TestDatabases } from '@backstage/backend-test-utils';
import { resolve } from 'node:path';
import { migrateTestDatabase } from './__testUtils__/migrateTestDatabase';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('migrations', () => {
  it('say what every table and column is for, and can be taken back', async () => {
    const knex = await databases.init('POSTGRES_18');
    await migrateTestDatabase(knex);
    const undescribed = await knex
      .select('c.relname as table', 'a.attname as column')
      .from('pg_class as c')
      .join('pg_attribute as a', 'a.attrelid', 'c.oid')
      .whereRaw(`c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`)
      .whereRaw(`c.relname not like 'knex_migrations%'`)
      .whereRaw('not a.attisdropped')
      .whereRaw(
        `((a.attnum > 0 and col_description(c.oid, a.attnum) is null)
         or (a.attnum = -6 and obj_description(c.oid) is null))`,
      );
    expect(undescribed).toEqual([]);

    const directory = resolve(__dirname, '../migrations');
    await knex.migrate.rollback({ directory }, true);
    const left = await knex('pg_tables')
      .where({ schemaname: 'public' })
      .whereNot('tablename', 'like', 'knex_migrations%')
      .pluck('tablename');
    expect(left).toEqual([]);
    await migrateTestDatabase(knex);
  });
});
