import type { Knex } from 'knex';

const ROWS_A_STATEMENT = 10_000;

/**
 * Forgets batches that nobody will send again, producers that are long gone, and holes in a
 * history that is gone itself.
 *
 * Each run deletes what has become too old since the last one: by an index, a minute's worth,
 * which is far less than a partition would hold. After a long pause it is done in portions.
 */
export class RecordRetention {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async forget(options: {
    batchesBefore: Date;
    lossesBefore: Date;
    signal: AbortSignal;
  }): Promise<void> {
    const { batchesBefore, lossesBefore, signal } = options;
    const tables: [string, string, Date][] = [
      ['record_batches', 'received_at', batchesBefore],
      ['producers', 'last_received_at', batchesBefore],
      ['losses', 'ends_at', lossesBefore],
    ];
    for (const [table, column, before] of tables) {
      let removed = ROWS_A_STATEMENT;
      while (removed === ROWS_A_STATEMENT && !signal.aborted) {
        const result = await this.#knex.raw<{ rowCount: number }>(
          `delete from ?? where ctid = any(array(select ctid from ?? where ?? < ? limit ?))`,
          [table, table, column, before, ROWS_A_STATEMENT],
        );
        removed = result.rowCount;
      }
    }
  }
}
