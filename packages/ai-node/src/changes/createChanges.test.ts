import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { createChanges } from './createChanges';
import { createChangeTables } from './tables';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('createChanges', () => {
  it('is ready to be written, and tells of each commit at once', async () => {
    const knex = await databases.init('POSTGRES_18');
    await createChangeTables(knex);
    // As after months in which the plugin did not run.
    await knex.raw(
      `do $$ declare part regclass; begin
         for part in select inhrelid::regclass from pg_inherits
           where inhparent = 'audit_entries'::regclass
         loop execute format('drop table %s', part); end loop; end $$`,
    );
    const told: { name: string }[] = [];
    let tell = () => {};
    const isTold = new Promise<void>(resolve => {
      tell = resolve;
    });
    const { changes, announcing, maintainAudit } = await createChanges<{
      name: string;
    }>({
      knex,
      logger: mockServices.logger.mock(),
      audit: { keepMonths: 2 },
      async announce(announcement) {
        told.push(announcement);
        tell();
      },
    });
    const write = () =>
      changes.transaction(tx =>
        changes.record(tx, {
          action: 'thing-changed',
          actor: 'user:default/ada',
          announce: [{ name: 'a' }],
        }),
      );

    announcing.start();
    await write();
    await isTold;
    await announcing.stop();
    expect(told).toEqual([{ name: 'a' }]);
    expect(await knex('audit_entries').pluck('action')).toEqual([
      'thing-changed',
    ]);
    await maintainAudit();
    expect(await knex('audit_entries').count()).toEqual([{ count: '1' }]);
    await knex.destroy();
  });
});
