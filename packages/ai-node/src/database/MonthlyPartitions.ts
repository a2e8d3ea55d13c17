import type { Knex } from 'knex';

/** Partitions that are made before their month begins, so that a day without this job loses nothing. */
const MONTHS_AHEAD = 2;

export interface MonthlyPartitionsOptions {
  knex: Knex;
  /** A table that is partitioned by range of a timestamp, without a default partition. */
  table: string;
  /** Whole months that are kept besides the current one. */
  keepMonths: number;
  now?: () => Date;
}

/**
 * Keeps an append-only table in a partition for each month: what is too old is dropped
 * whole, which takes no time and leaves no holes behind, however large it is.
 */
export class MonthlyPartitions {
  readonly #knex: Knex;
  readonly #table: string;
  readonly #keepMonths: number;
  readonly #now: () => Date;

  constructor(options: MonthlyPartitionsOptions) {
    this.#knex = options.knex;
    this.#table = options.table;
    this.#keepMonths = options.keepMonths;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Makes the partitions of the months to come and drops those that are too old. May run
   * at any time, and in several processes at once.
   *
   * @returns names of the partitions that were dropped
   */
  async maintain(): Promise<string[]> {
    return this.#knex.transaction(async tx => {
      await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
        `partitions/${this.#table}`,
      ]);
      const now = this.#now();
      for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
        await createMonthlyPartition(tx, this.#table, addMonths(now, ahead));
      }
      const oldest = nameOf(this.#table, addMonths(now, -this.#keepMonths));
      const old = (await listPartitions(tx, this.#table)).filter(
        name => name < oldest,
      );
      for (const name of old) await tx.schema.dropTable(name);
      return old;
    });
  }
}

/** Makes the partition of the month in which a moment lies (UTC), unless it is there. */
export async function createMonthlyPartition(
  knex: Knex,
  table: string,
  moment: Date,
): Promise<void> {
  const from = addMonths(moment, 0).toISOString();
  const to = addMonths(moment, 1).toISOString();
  // Bounds cannot be parameters; they come from a date, not from a person.
  await knex.raw(
    `create table if not exists ?? partition of ?? for values from ('${from}') to ('${to}')`,
    [nameOf(table, moment), table],
  );
}

async function listPartitions(knex: Knex, table: string): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { name: string }[] }>(
    `select child.relname as name from pg_inherits
     join pg_class as child on child.oid = pg_inherits.inhrelid
     where pg_inherits.inhparent = to_regclass(?) order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** The first moment of a month, some months away. */
function addMonths(moment: Date, months: number): Date {
  return new Date(
    Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + months),
  );
}

/** Sorts by time: `events_2026_11`. */
function nameOf(table: string, moment: Date): string {
  return `${table}_${addMonths(moment, 0)
    .toISOString()
    .slice(0, 7)
    .replace('-', '_')}`;
}
