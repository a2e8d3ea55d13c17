import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { IngestStatus } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';

interface ProducerRow {
  producer: string;
  environment: string;
  /** bigint arrives as text. */
  last_sequence: string;
  dropped_total: string;
  last_received_at: Date;
}

/** Which batches were counted, and who sent them. */
export class BatchStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Notes in the transaction of its roll-up that a batch is counted.
   *
   * @returns false when it was counted before
   */
  async markCounted(
    tx: Knex.Transaction,
    batch: RecordBatch,
    now: Date,
  ): Promise<boolean> {
    const { producer, sequence, environment, droppedTotal } = batch;
    const counted = await tx('record_batches')
      .insert({ producer, sequence, received_at: now })
      .onConflict(['producer', 'sequence'])
      .ignore()
      .returning('sequence');
    if (counted.length === 0) return false;
    await tx.raw(
      `insert into producers (producer, environment, last_sequence, dropped_total, last_received_at)
       values (:producer, :environment, :sequence, :droppedTotal, :now)
       on conflict (producer) do update set
         last_sequence = greatest(producers.last_sequence, excluded.last_sequence),
         dropped_total = greatest(producers.dropped_total, excluded.dropped_total),
         last_received_at = greatest(producers.last_received_at, excluded.last_received_at)`,
      { producer, environment, sequence, droppedTotal, now },
    );
    return true;
  }

  /** Those heard of last first. */
  async listProducers(): Promise<IngestStatus['producers']> {
    const rows = await this.#knex<ProducerRow>('producers').orderBy(
      'last_received_at',
      'desc',
    );
    return rows.map((row: ProducerRow) => ({
      producer: row.producer,
      environment: row.environment,
      lastSequence: Number(row.last_sequence),
      droppedTotal: Number(row.dropped_total),
      lastReceivedAt: row.last_received_at.toISOString(),
    }));
  }

  /** Forgets batches that nobody will send again, and producers that are long gone. */
  async forgetBefore(before: Date): Promise<void> {
    await this.#knex('record_batches')
      .where('received_at', '<', before)
      .delete();
    await this.#knex('producers')
      .where('last_received_at', '<', before)
      .delete();
  }
}
