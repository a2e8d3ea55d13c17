import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { MatchedOutcome } from '../comparisons/additionsOf';
import type { DeployedSettings } from './DeployedSettings';
import type { OutcomeRetention } from './OutcomeRetention';
import type { OutcomeStore } from './OutcomeStore';

/** Counts what batches tell of requests and what became of them. */
export class OutcomeCounter {
  readonly #store: OutcomeStore;
  readonly #retention: OutcomeRetention;
  readonly #settings: DeployedSettings;

  constructor(options: {
    store: OutcomeStore;
    retention: OutcomeRetention;
    settings: DeployedSettings;
  }) {
    this.#store = options.store;
    this.#retention = options.retention;
    this.#settings = options.settings;
  }

  /** Before the transaction: there has to be a place for requests of the day. */
  async prepare({ predictions = [] }: RecordBatch, now: Date): Promise<void> {
    if (predictions.length > 0) await this.#retention.makeRoom(now);
  }

  /**
   * In the transaction of the batch.
   *
   * @returns outcomes that count for a comparison
   */
  async count(
    tx: Knex.Transaction,
    counted: {
      batch: RecordBatch;
      /** Requests that were refused, by model. */
      untimed: Map<string, number>;
      now: Date;
    },
  ): Promise<MatchedOutcome[]> {
    const { batch, untimed, now } = counted;
    const { environment, predictions = [], outcomes = [] } = batch;
    return this.#store.count(tx, {
      environment,
      predictions,
      outcomes,
      untimed,
      now,
      keepDaysOf: model => this.#settings.keepDaysOf(environment, model),
    });
  }
}
