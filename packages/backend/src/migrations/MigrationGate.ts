import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of the lock of the database that whoever migrates holds, among all that anybody takes. */
const LOCK_NAME = 'greenroom migrations';
const TABLE = 'done_migrations';
const BEGUN_TABLE = 'begun_migrations';
const LOOK_AGAIN_MILLIS = 1_000;
/** So long a job of the same installation may take, before whoever started this is told. */
const LONGEST_WAIT_MILLIS = 60_000;
const SHOWN_MIGRATIONS = 3;

export interface MigrationGateOptions {
  /** To a schema, or a database, in which nothing but the gate's own table is. */
  knex: Knex;
  /** Of this program, as `listMigrations` names them. */
  migrations: string[];
  logger: LoggerService;
  longestWaitMillis?: number;
}

/**
 * Lets one program migrate at a time, and nobody serve before it is done.
 *
 * The programs may be on any machines: they meet in the database. A program that is killed gives its
 * turn back with its connection.
 */
export class MigrationGate {
  readonly #options: MigrationGateOptions;
  #turn: { check(): Promise<void>; end(): Promise<void> } | undefined;
  #finishing: Promise<void> | undefined;
  #isAhead = false;

  constructor(options: MigrationGateOptions) {
    this.#options = options;
  }

  /**
   * Whether a newer version has migrated what this program needs, and more. Plugins are not to migrate then: they
   * would refuse a database with migrations that they do not know.
   */
  get isAhead(): boolean {
    return this.#isAhead;
  }

  /**
   * Waits until nobody else migrates, and keeps others from it until `finish`; not where the database is ahead.
   */
  async takeTurn(): Promise<void> {
    const { knex, logger } = this.#options;
    const connection = await knex.client.acquireConnection();
    const lock = (ask: string) =>
      knex.raw(`select ${ask}(hashtext(?)) as done`, [LOCK_NAME]);
    const { rows } = await lock('pg_try_advisory_lock').connection(connection);
    if (!rows[0].done) {
      logger.info('Another program migrates the database: waiting for its end');
      await lock('pg_advisory_lock').connection(connection);
    }
    this.#turn = {
      check: async () => {
        await knex.raw('select 1').connection(connection);
      },
      end: async () => {
        try {
          await lock('pg_advisory_unlock').connection(connection);
        } finally {
          await knex.client.releaseConnection(connection);
        }
      },
    };
    await this.#freeWhatWasLeft();
    this.#isAhead = await this.#lookAhead();
    if (this.#isAhead) {
      logger.info(
        'A newer version has migrated the database: it serves this one as it is',
      );
      await this.#endTurn();
    } else {
      await this.#noteBegun();
    }
  }

  /** All plugins have migrated: others may serve, or have their turn. */
  finish(): Promise<void> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish(): Promise<void> {
    if (this.#isAhead) return;
    try {
      // Others may have migrated at the same time where it was lost.
      await this.#turn?.check();
      await this.#noteDone();
    } finally {
      await this.#endTurn();
    }
  }

  async #endTurn(): Promise<void> {
    const turn = this.#turn;
    this.#turn = undefined;
    await turn?.end();
  }

  /** Who is killed halfway has migrated some of it: a version that goes back has to know. */
  async #noteBegun(): Promise<void> {
    const { knex, migrations } = this.#options;
    await knex.raw(
      `create table if not exists ${BEGUN_TABLE} (name text primary key);
       comment on table ${BEGUN_TABLE} is 'Migrations that may be done, of all plugins: a control plane that does not know all of them leaves the database as it is.';
       comment on column ${BEGUN_TABLE}.name is 'Package and file.';`,
    );
    await knex(BEGUN_TABLE)
      .insert(migrations.map(name => ({ name })))
      .onConflict('name')
      .ignore();
  }

  async #noteDone(): Promise<void> {
    const { knex, migrations } = this.#options;
    await knex.raw(
      `create table if not exists ${TABLE} (
         name text primary key,
         done_at timestamptz not null default now()
       );
       comment on table ${TABLE} is 'Migrations that are known to be done, of all plugins: a control plane that does not migrate serves only when its own are among them.';
       comment on column ${TABLE}.name is 'Package and file.';
       comment on column ${TABLE}.done_at is 'When that was first noted.';`,
    );
    await knex(TABLE)
      .insert(migrations.map(name => ({ name })))
      .onConflict('name')
      .ignore();
  }

  /**
   * Waits until somebody else has migrated.
   *
   * @throws Error with what is missing, when that takes too long
   */
  async untilDone(): Promise<void> {
    const { logger, longestWaitMillis = LONGEST_WAIT_MILLIS } = this.#options;
    const endMillis = performance.now() + longestWaitMillis;
    let missing = await this.#missing();
    if (missing.length > 0) {
      logger.info(
        `Waiting until the database is migrated: ${describe(missing)} missing`,
      );
    }
    while (missing.length > 0) {
      if (performance.now() >= endMillis) {
        throw new Error(
          `The database is not as this version needs it, and backend.database.skipMigrations is set: ${describe(
            missing,
          )} missing. Run the same version with --migrate-only first`,
        );
      }
      await sleep(LOOK_AGAIN_MILLIS);
      missing = await this.#missing();
    }
  }

  async #missing(): Promise<string[]> {
    const done = new Set(await this.#namesIn(TABLE));
    return this.#options.migrations.filter(name => !done.has(name));
  }

  /** Folders of which this program has nothing are of plugins that it does not have, and no trouble. */
  async #lookAhead(): Promise<boolean> {
    const { migrations } = this.#options;
    const own = new Set(migrations);
    const folders = new Set(migrations.map(name => path.posix.dirname(name)));
    const all = [
      ...(await this.#namesIn(TABLE)),
      ...(await this.#namesIn(BEGUN_TABLE)),
    ];
    const hasMore = all.some(
      name => !own.has(name) && folders.has(path.posix.dirname(name)),
    );
    return hasMore && (await this.#missing()).length === 0;
  }

  async #namesIn(table: string): Promise<string[]> {
    const { knex } = this.#options;
    return (await knex.schema.hasTable(table)) ? knex(table).pluck('name') : [];
  }

  /**
   * Who was killed while it migrated has left its plugins' tables locked, and nobody else migrates now. Tables of
   * others in the same database are not ours to look after.
   */
  async #freeWhatWasLeft(): Promise<void> {
    const { knex, logger } = this.#options;
    const { rows } = await knex.raw(
      `select schemaname, tablename from pg_tables where tablename like '%knex\\_migrations\\_lock' and tableowner = current_user`,
    );
    for (const { schemaname, tablename } of rows) {
      const freed = await knex
        .withSchema(schemaname)
        .from(tablename)
        .where({ is_locked: 1 })
        .update({ is_locked: 0 });
      if (freed > 0) {
        logger.warn(
          `A migration of ${schemaname} was cut off and is made again: what it had not finished was taken back`,
        );
      }
    }
  }
}

function describe(missing: string[]): string {
  const shown = missing.slice(0, SHOWN_MIGRATIONS).join(', ');
  const more = missing.length - SHOWN_MIGRATIONS;
  return `${shown}${more > 0 ? ` and ${more} more` : ''} ${
    missing.length === 1 ? 'is' : 'are'
  }`;
}
