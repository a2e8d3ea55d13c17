import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { ComparisonSource } from './ComparisonSource';
import type { ComparisonStore } from './ComparisonStore';
import type { MatchedOutcome } from './additionsOf';
import { additionsOf } from './additionsOf';

/** Counts what batches tell of versions that are compared. */
export class ComparisonCounter {
  readonly #source: ComparisonSource;
  readonly #store: ComparisonStore;

  constructor(options: { source: ComparisonSource; store: ComparisonStore }) {
    this.#source = options.source;
    this.#store = options.store;
  }

  /** Before the transaction: asks for plans that are not known. */
  async prepare(batch: RecordBatch): Promise<void> {
    const ids = batch.groups.flatMap(({ comparison, copies }) =>
      [comparison, copies?.comparison].flatMap(id => id ?? []),
    );
    const ofPredictions = batch.predictions?.flatMap(
      ({ comparison }) => comparison ?? [],
    );
    await this.#source.learn([...ids, ...(ofPredictions ?? [])]);
  }

  /** In the transaction of the batch. */
  async count(
    tx: Knex.Transaction,
    counted: {
      batch: RecordBatch;
      /** Records that were refused, by comparison. */
      refused: Map<string, number>;
      matched: MatchedOutcome[];
      now: Date;
    },
  ): Promise<void> {
    const { additions, models } = additionsOf(counted);
    const { environment } = counted.batch;
    await this.#store.count(tx, additions, {
      environment,
      models,
      now: counted.now,
    });
  }
}
