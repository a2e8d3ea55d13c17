import type { Hole } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';

/** Losses of a producer that follow each other within this are one hole. */
const SAME_HOLE_MILLIS = 60_000;
const MOST_HOLES = 200;

export interface Loss {
  environment: string;
  producer: string;
  fromMillis: number;
  toMillis: number;
  records: number;
  samples: number;
  reason: string;
}

interface LossRow {
  environment: string;
  producer: string;
  starts_at: Date;
  ends_at: Date;
  /** bigint arrives as text. */
  records: string;
  samples: string;
  reason: string;
}

/** Records that are missing in the windows, and of which time. */
export class LossStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Notes a loss in the transaction that counts it; one that goes on makes its hole longer. */
  async add(tx: Knex.Transaction, loss: Loss): Promise<void> {
    const values = {
      ...loss,
      from: new Date(loss.fromMillis),
      to: new Date(loss.toMillis),
      near: new Date(loss.fromMillis - SAME_HOLE_MILLIS),
    };
    const longer = await tx.raw<{ rowCount: number }>(
      `update losses set
         starts_at = least(starts_at, :from), ends_at = greatest(ends_at, :to),
         records = records + :records, samples = samples + :samples
       where id = (
         select id from losses
         where producer = :producer and reason = :reason
           and ends_at >= :near and starts_at <= :to
         order by ends_at desc limit 1
       )`,
      values,
    );
    if (longer.rowCount > 0) return;
    await tx('losses').insert({
      environment: loss.environment,
      producer: loss.producer,
      starts_at: values.from,
      ends_at: values.to,
      records: loss.records,
      samples: loss.samples,
      reason: loss.reason,
    });
  }

  /** The newest 200 that overlap a time, oldest first. */
  async list(query: {
    environment: string;
    fromMillis: number;
    toMillis: number;
  }): Promise<Hole[]> {
    const rows = await this.#knex<LossRow>('losses')
      .where('environment', query.environment)
      .where('ends_at', '>=', new Date(query.fromMillis))
      .where('starts_at', '<', new Date(query.toMillis))
      .orderBy('ends_at', 'desc')
      .limit(MOST_HOLES);
    return rows
      .map((row: LossRow) => ({
        from: row.starts_at.toISOString(),
        to: row.ends_at.toISOString(),
        producer: row.producer,
        records: Number(row.records),
        samples: Number(row.samples),
        reason: row.reason,
      }))
      .reverse();
  }
}
