import type { Knex } from 'knex';
import { dayOf } from './outcome';

const DAY_MILLIS = 24 * 3_600_000;
/** How long an outcome waits for its request to be told of. */
const WAITING_MILLIS = 15 * 60_000;
/** Made before they begin, so that no batch has to. */
const DAYS_AHEAD = 2;
const ROWS_A_STATEMENT = 10_000;

/** Makes room for the days to come, and forgets those that are over. */
export class OutcomeRetention {
  readonly #knex: Knex;
  /** Days whose partition is known to be there. */
  readonly #made = new Set<string>();

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Makes the partition of a day, unless it is there. */
  async makeRoom(now: Date): Promise<void> {
    await this.#makePartition(now);
  }

  async run(options: {
    now: Date;
    /** Days that requests of any model are kept. */
    keepDays: number;
    sumsBefore: Date;
    signal: AbortSignal;
  }): Promise<void> {
    const { now, keepDays, sumsBefore, signal } = options;
    const nowMillis = now.getTime();
    for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
      await this.#makePartition(new Date(nowMillis + ahead * DAY_MILLIS));
    }
    // One day more: what arrived yesterday may be of the day before.
    const oldest = new Date(nowMillis - (keepDays + 1) * DAY_MILLIS);
    await this.#dropBefore(oldest);
    await this.#giveUpWaiting(now, signal);
    for (const table of ['outcome_days', 'outcome_losses', 'prediction_days']) {
      await this.#knex(table).where('day', '<', dayOf(sumsBefore)).delete();
    }
  }

  /** Deletes what is kept of a model's requests from before a day. */
  async forgetModel(options: {
    environment: string;
    model: string;
    before: Date;
  }): Promise<void> {
    const { environment, model, before } = options;
    await this.#knex('predictions')
      .where({ environment, model })
      .where('arrived_on', '<', dayOf(before))
      .delete();
  }

  async #makePartition(moment: Date): Promise<void> {
    const day = dayOf(moment);
    if (this.#made.has(day)) return;
    const next = dayOf(new Date(moment.getTime() + DAY_MILLIS));
    await this.#knex.transaction(async tx => {
      await lockPartitions(tx);
      // It would lock the table if it were there, too.
      const { rows } = await tx.raw<{ rows: { found: string | null }[] }>(
        'select to_regclass(?) as found',
        [nameOf(day)],
      );
      if (rows[0].found) return;
      // Bounds cannot be parameters; they come from a date, not from a person.
      await tx.raw(
        `create table ?? partition of predictions for values from ('${day}') to ('${next}')`,
        [nameOf(day)],
      );
    });
    if (this.#made.size > 100) this.#made.clear();
    this.#made.add(day);
  }

  async #dropBefore(oldest: Date): Promise<void> {
    await this.#knex.transaction(async tx => {
      await lockPartitions(tx);
      const { rows } = await tx.raw<{ rows: { name: string }[] }>(
        `select child.relname as name from pg_inherits
         join pg_class as child on child.oid = pg_inherits.inhrelid
         where pg_inherits.inhparent = 'predictions'::regclass and child.relname < ?`,
        [nameOf(dayOf(oldest))],
      );
      for (const { name } of rows) await tx.schema.dropTable(name);
    });
  }

  /** Their requests were not sampled, or are not known. */
  async #giveUpWaiting(now: Date, signal: AbortSignal): Promise<void> {
    const before = new Date(now.getTime() - WAITING_MILLIS);
    let removed = ROWS_A_STATEMENT;
    while (removed === ROWS_A_STATEMENT && !signal.aborted) {
      const { rows } = await this.#knex.raw<{ rows: { gone: string }[] }>(
        `with gone as (
           delete from waiting_outcomes where ctid = any(array(
             select ctid from waiting_outcomes where arrived_at < ? limit ?
           )) returning environment, model
         ), counted as (
           insert into outcome_losses
             (environment, model, day, duplicate, unmatched, late, kept, shed)
           select environment, model, ?::date, 0, count(*), 0, 0, 0 from gone
           group by environment, model order by environment, model
           on conflict (environment, model, day) do update set
             unmatched = outcome_losses.unmatched + excluded.unmatched
         ) select count(*) as gone from gone`,
        [before, ROWS_A_STATEMENT, dayOf(now)],
      );
      removed = Number(rows[0].gone);
    }
  }
}

async function lockPartitions(tx: Knex.Transaction): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    'partitions/predictions',
  ]);
}

/** Sorts by time: `predictions_2026_11_29`. */
function nameOf(day: string): string {
  return `predictions_${day.replaceAll('-', '_')}`;
}
