import type { LoggerService } from '@backstage/backend-plugin-api';
import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  RecordBatch,
  RecordReceipt,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { BaselineSource } from '../baselines/BaselineSource';
import type { WindowStore } from '../windows/WindowStore';
import type { BatchStore } from './BatchStore';
import { checkRecordBatch, rollUp } from './rollUp';
import type { UpdateSignals } from './UpdateSignals';

export interface RecordServiceOptions {
  knex: Knex;
  batches: BatchStore;
  windows: WindowStore;
  baselines: BaselineSource;
  signals: UpdateSignals;
  logger: LoggerService;
  clock: () => Date;
}

/** Counts what data planes tell, each batch once. */
export class RecordService {
  readonly #options: RecordServiceOptions;

  constructor(options: RecordServiceOptions) {
    this.#options = options;
  }

  /** @throws InputError when the columns of a group do not belong together */
  async receive(batch: RecordBatch): Promise<RecordReceipt> {
    checkRecordBatch(batch);
    const { knex, batches, windows, signals, logger, clock } = this.#options;
    const baselines = await this.#findBaselines(batch);
    const rolledUp = rollUp(batch, (model, version) =>
      baselines.get(`${model}/${version}`),
    );
    const counted = await knex.transaction(async tx => {
      const isNew = await batches.markCounted(tx, batch, clock());
      if (isNew) await windows.add(tx, rolledUp.windows);
      return isNew;
    });
    if (!counted) {
      return { accepted: 0, duplicate: true };
    }
    if (rolledUp.unusableSamples > 0) {
      logger.warn(
        `${rolledUp.unusableSamples} sampled rows from '${batch.producer}' have another number of features than their version's baseline and were left out`,
      );
    }
    for (const { model, version } of batch.groups) {
      signals.notify({ environment: batch.environment, model, version });
    }
    return {
      accepted: batch.groups.reduce((sum, { at }) => sum + at.length, 0),
      duplicate: false,
    };
  }

  async #findBaselines(
    batch: RecordBatch,
  ): Promise<Map<string, BaselineProfile>> {
    const baselines = new Map<string, BaselineProfile>();
    for (const { model, version, samples } of batch.groups) {
      if (version === 0 || samples.length === 0) continue;
      const baseline = await this.#options.baselines.find(model, version);
      if (baseline) baselines.set(`${model}/${version}`, baseline);
    }
    return baselines;
  }
}
