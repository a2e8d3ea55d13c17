import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import knexFactory from 'knex';
import { MigrationGate } from './MigrationGate';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const MIGRATIONS = ['plugin-a/1_init.js', 'plugin-a/2_more.js'];

describe('MigrationGate', () => {
  const logger = mockServices.logger.mock();
  let knex: Knex;
  let other: Knex;

  const gateOf = (
    options: {
      of?: Knex;
      migrations?: string[];
      longestWaitMillis?: number;
    } = {},
  ) =>
    new MigrationGate({
      knex: options.of ?? knex,
      migrations: options.migrations ?? MIGRATIONS,
      logger,
      longestWaitMillis: options.longestWaitMillis,
    });
  const heldBack = async (promise: Promise<unknown>) => {
    const first = await Promise.race([
      promise.then(() => 'done'),
      new Promise(done => setTimeout(() => done('waits'), 200)),
    ]);
    return first === 'waits';
  };

  beforeEach(async () => {
    jest.clearAllMocks();
    knex = await databases.init('POSTGRES_18');
    other = knexFactory(knex.client.config);
  });
  afterEach(() => other.destroy());

  it('gives one program its turn after the other', async () => {
    const first = gateOf();
    const second = gateOf({ of: other });
    await first.takeTurn();
    const turn = second.takeTurn();
    expect(await heldBack(turn)).toBe(true);
    await first.finish();
    await turn;
    await second.finish();
    expect(await knex('done_migrations').orderBy('name').pluck('name')).toEqual(
      MIGRATIONS,
    );
  });

  it('gives the turn of a program that was killed to the next', async () => {
    const killed = gateOf({ of: other });
    await killed.takeTurn();
    const next = gateOf();
    const turn = next.takeTurn();
    expect(await heldBack(turn)).toBe(true);
    await knex.raw(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`,
    );
    await turn;
    await expect(killed.finish()).rejects.toThrow();
    expect(await knex.schema.hasTable('done_migrations')).toBe(false);
    await next.finish();
  });

  it('frees the tables of plugins that a killed migration has left locked', async () => {
    await knex.raw('create schema catalog');
    await knex.raw(
      'create table catalog.own_knex_migrations_lock (index serial primary key, is_locked int)',
    );
    await knex.raw(
      'insert into catalog.own_knex_migrations_lock (is_locked) values (1)',
    );
    const gate = gateOf();
    await gate.takeTurn();
    await gate.finish();
    const { rows } = await knex.raw(
      'select is_locked from catalog.own_knex_migrations_lock',
    );
    expect(rows).toEqual([{ is_locked: 0 }]);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('A migration of catalog was cut off'),
    );
  });

  it('leaves what somebody else has in the same database', async () => {
    await knex.raw('create schema theirs');
    await knex.raw(
      'create table theirs.knex_migrations_lock (index serial primary key, is_locked int)',
    );
    await knex.raw(
      'insert into theirs.knex_migrations_lock (is_locked) values (1)',
    );
    await knex.raw('alter table theirs.knex_migrations_lock owner to ??', [
      'pg_monitor',
    ]);
    const gate = gateOf();
    await gate.takeTurn();
    await gate.finish();
    const { rows } = await knex.raw(
      'select is_locked from theirs.knex_migrations_lock',
    );
    expect(rows).toEqual([{ is_locked: 1 }]);
  });

  describe('where a newer version has migrated', () => {
    const older = (of?: Knex) =>
      gateOf({ of, migrations: MIGRATIONS.slice(0, 1) });

    it('has nobody migrate, and holds nobody up', async () => {
      const newer = gateOf();
      await newer.takeTurn();
      await newer.finish();
      const back = older();
      await back.takeTurn();
      expect(back.isAhead).toBe(true);
      const beside = older(other);
      await beside.takeTurn();
      expect(beside.isAhead).toBe(true);
      await back.finish();
      await beside.finish();
      const again = gateOf();
      await again.takeTurn();
      expect(again.isAhead).toBe(false);
      await again.finish();
    });

    it('knows it of one that was killed halfway', async () => {
      const before = older();
      await before.takeTurn();
      await before.finish();
      const killed = gateOf({ of: other });
      await killed.takeTurn();
      await knex.raw(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted`,
      );
      const back = older();
      await back.takeTurn();
      expect(back.isAhead).toBe(true);
      await expect(killed.finish()).rejects.toThrow();
    });

    it('migrates what it needs and the newer one did not have', async () => {
      const newer = gateOf();
      await newer.takeTurn();
      await newer.finish();
      const split = gateOf({
        migrations: [MIGRATIONS[0], 'plugin-b/1_init.js'],
      });
      await split.takeTurn();
      expect(split.isAhead).toBe(false);
      await split.finish();
    });

    it('goes on as always without a plugin that was taken out', async () => {
      const withIt = gateOf({ migrations: [...MIGRATIONS, 'gone/1_init.js'] });
      await withIt.takeTurn();
      await withIt.finish();
      const without = gateOf();
      await without.takeTurn();
      expect(without.isAhead).toBe(false);
      await without.finish();
    });
  });

  it('lets nobody serve before all migrations are done', async () => {
    const serving = gateOf({ of: other });
    const done = serving.untilDone();
    expect(await heldBack(done)).toBe(true);
    const older = gateOf({ migrations: MIGRATIONS.slice(0, 1) });
    await older.takeTurn();
    await older.finish();
    expect(await heldBack(done)).toBe(true);
    const newer = gateOf();
    await newer.takeTurn();
    await newer.finish();
    await done;
  });

  it('lets a version serve that knows fewer migrations', async () => {
    const newer = gateOf();
    await newer.takeTurn();
    await newer.finish();
    const older = gateOf({ migrations: MIGRATIONS.slice(0, 1) });
    await expect(older.untilDone()).resolves.toBeUndefined();
  });

  it('says what is missing, when nobody migrates', async () => {
    const migrations = ['1', '2', '3', '4', '5'].map(
      name => `plugin-a/${name}`,
    );
    const gate = gateOf({ migrations, longestWaitMillis: 0 });
    await expect(gate.untilDone()).rejects.toThrow(
      'plugin-a/1, plugin-a/2, plugin-a/3 and 2 more are missing. Run the same version with --migrate-only first',
    );
  });
});
