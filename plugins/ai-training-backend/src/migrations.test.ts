import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import { PACKAGE_NAME } from './router';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const directory = resolvePackagePath(PACKAGE_NAME, 'migrations');

describe('migrations', () => {
  it('can be taken back and run again', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    await knex.migrate.rollback({ directory }, true);
    const left = await knex('pg_tables')
      .where('schemaname', 'public')
      .whereNot('tablename', 'like', 'knex_%');
    expect(left).toEqual([]);
    await knex.migrate.latest({ directory });
  });

  it('explain every table and column', async () => {
    const knex = await databases.init('POSTGRES_18');
    await knex.migrate.latest({ directory });
    const { rows } = await knex.raw(
      `select c.relname || '.' || a.attname as name
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'knex_%'
         and col_description(c.oid, a.attnum) is null
       union all
       select c.relname from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
       where c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'knex_%'
         and obj_description(c.oid) is null`,
    );
    expect(rows).toEqual([]);
  });
});
