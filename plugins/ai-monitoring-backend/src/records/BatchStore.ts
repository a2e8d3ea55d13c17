import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { IngestStatus } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';

const MOST_PRODUCERS = 200;

interface ProducerRow {
  producer: string;
  environment: string;
  /** bigint arrives as text, here and below. */
  last_sequence: string;
  dropped_total: string;
  lost_samples: string;
  refused_total: string;
  clock_offset_millis: string;
  last_received_at: Date;
}

/** A batch with what was found out about it on its arrival. */
export interface CountedBatch {
  batch: RecordBatch;
  now: Date;
  /** How far the producer's clock is ahead. */
  offsetMillis: number;
  /** Records of this batch that were not counted. */
  refused: number;
}

/** What a producer lost since it was heard of last. */
export interface Growth {
  records: number;
  samples: number;
  /** When it was heard of before; undefined for its first batch. */
  since?: Date;
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
   * @returns undefined when it was counted before, else what its producer has lost meanwhile
   */
  async markCounted(
    tx: Knex.Transaction,
    { batch, now, offsetMillis, refused }: CountedBatch,
  ): Promise<Growth | undefined> {
    const { producer, sequence, environment, lost } = batch;
    const counted = await tx('record_batches')
      .insert({ producer, sequence, received_at: now })
      .onConflict(['producer', 'sequence'])
      .ignore()
      .returning('sequence');
    if (counted.length === 0) return undefined;
    const before: ProducerRow | undefined = await tx<ProducerRow>('producers')
      .where({ producer })
      .forUpdate()
      .first();
    await tx.raw(
      `insert into producers (
         producer, environment, last_sequence, dropped_total, lost_samples, refused_total,
         clock_offset_millis, last_received_at
       )
       values (
         :producer, :environment, :sequence, :records, :samples, :refused, :offsetMillis, :now
       )
       on conflict (producer) do update set
         last_sequence = greatest(producers.last_sequence, excluded.last_sequence),
         dropped_total = greatest(producers.dropped_total, excluded.dropped_total),
         lost_samples = greatest(producers.lost_samples, excluded.lost_samples),
         refused_total = producers.refused_total + excluded.refused_total,
         clock_offset_millis = excluded.clock_offset_millis,
         last_received_at = greatest(producers.last_received_at, excluded.last_received_at)`,
      {
        producer,
        environment,
        sequence,
        records: lost.total,
        samples: lost.samples,
        refused,
        offsetMillis: Math.round(offsetMillis),
        now,
      },
    );
    return {
      records: growth(before?.dropped_total, lost.total),
      samples: growth(before?.lost_samples, lost.samples),
      since: before?.last_received_at,
    };
  }

  /** The newest 200, those heard of last first. */
  async listProducers(): Promise<IngestStatus['producers']> {
    const rows = await this.#knex<ProducerRow>('producers')
      .orderBy('last_received_at', 'desc')
      .limit(MOST_PRODUCERS);
    return rows.map((row: ProducerRow) => ({
      producer: row.producer,
      environment: row.environment,
      lastSequence: Number(row.last_sequence),
      droppedTotal: Number(row.dropped_total),
      lostSamples: Number(row.lost_samples),
      refusedTotal: Number(row.refused_total),
      clockOffsetMillis: Number(row.clock_offset_millis),
      lastReceivedAt: row.last_received_at.toISOString(),
    }));
  }
}

function growth(before: string | undefined, now: number): number {
  return Math.max(0, now - Number(before ?? 0));
}
