import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { createMonthlyPartition, MonthlyPartitions } from './MonthlyPartitions';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('MonthlyPartitions', () => {
  let knex: Knex;

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    await knex.raw(
      `create table log (at timestamptz not null, line text) partition by range (at)`,
    );
  });
  afterEach(() => knex.destroy());

  const maintain = (now: string, keepMonths = 2) =>
    new MonthlyPartitions({
      knex,
      table: 'log',
      keepMonths,
      now: () => new Date(now),
    }).maintain();
  const add = (at: string) => knex('log').insert({ at, line: at });

  it('makes room for the months to come, across the end of a year', async () => {
    expect(await maintain('2026-11-25T12:00:00Z')).toEqual([]);
    await add('2026-11-01T00:00:00Z');
    await add('2026-12-31T23:59:59.999999Z');
    await add('2027-01-31T00:00:00Z');
    await expect(add('2027-02-01T00:00:00Z')).rejects.toThrow('no partition');
    await expect(add('2026-10-31T23:59:59Z')).rejects.toThrow('no partition');
  });

  it('drops whole months that are too old, and nothing else', async () => {
    await createMonthlyPartition(knex, 'log', new Date('2026-08-31T00:00:00Z'));
    await maintain('2026-09-30T23:59:59Z');
    await add('2026-08-15T00:00:00Z');
    await add('2026-09-15T00:00:00Z');
    expect(await maintain('2026-10-01T00:00:00Z')).toEqual([]);
    expect(await maintain('2026-11-30T00:00:00Z')).toEqual(['log_2026_08']);
    expect(await knex('log').pluck('line')).toEqual(['2026-09-15T00:00:00Z']);
  });

  it('may run in several processes at once', async () => {
    await Promise.all([1, 2, 3].map(() => maintain('2026-11-25T12:00:00Z')));
    await add('2026-11-26T00:00:00Z');
    expect(await knex('log').pluck('line')).toHaveLength(1);
  });
});
