import type { LoggerService } from '@backstage/backend-plugin-api';
import { isError, toError } from '@backstage/errors';
import {
  LeaseLostError,
  PollingLoop,
  type WorkQueue,
} from '@greenroom/ai-node';
import type {
  DatasetRow,
  Evaluation,
  MeasurementResult,
  ReferenceValue,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import type { DatasetSource } from '../evaluationRuns/PromptSets';
import type { RegistryChanges } from '../events/announcement';
import type { ModelStore } from '../models/ModelStore';
import type { PromotionStore } from '../promotion/PromotionStore';
import type { Trials } from '../trials/Trials';
import { TrialUnavailableError } from '../trials/TrialRunner';
import type { EvaluationStore } from '../versions/EvaluationStore';
import { checkEvaluation } from '../versions/checkEvaluation';
import { MAX_EVALUATIONS } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import { AnswerCollector, featuresOf } from './collectAnswers';
import { measure, type Measured } from './measure/measure';
import { MeasurementImpossible } from './measure/MeasurementImpossible';
import {
  MAX_ATTEMPTS,
  type MeasurementEnd,
  type MeasurementRecord,
} from './measurement';
import type { MeasurementStore } from './MeasurementStore';

const POLL_INTERVAL_MILLIS = 2_000;
/** Others wait in line meanwhile, and a trial that takes much longer is broken off. */
const PART_MILLIS = 8_000;
const FIRST_PART_ROWS = 50;
const MOST_PART_ROWS = 5_000;
const MOST_PART_CHARACTERS = 4 * 1024 * 1024;
/** What measurements are called in the history. */
const ACTOR = 'service:greenroom';
/** Errors of what was asked; others are ours, and pass. */
const HOPELESS = ['InputError', 'NotFoundError', 'ConflictError'];

export interface MeasurementWorkerOptions {
  store: MeasurementStore;
  queue: Pick<WorkQueue, 'workOnNext'>;
  versions: Pick<VersionStore, 'get'>;
  models: Pick<ModelStore, 'lock' | 'touch'>;
  evaluations: Pick<EvaluationStore, 'add' | 'count'>;
  datasets: Pick<DatasetSource, 'readRows'>;
  trials: Pick<Trials, 'answer' | 'mostRowsCharacters'>;
  promotions: Pick<PromotionStore, 'enqueue'>;
  changes: RegistryChanges;
  logger: LoggerService;
}

/** Somebody has cancelled it, or begun it anew. */
class NotOursError extends Error {}

/**
 * Makes measurements, one at a time: the version answers the rows in parts, each in a process of its own, and before
 * each part others get their turn. Whoever is killed in the middle leaves it to the next one, who begins at the first
 * row.
 */
export class MeasurementWorker {
  readonly #options: MeasurementWorkerOptions;
  readonly #loop: PollingLoop;

  constructor(options: MeasurementWorkerOptions) {
    this.#options = options;
    this.#loop = new PollingLoop({
      name: 'measuring versions',
      intervalMillis: POLL_INTERVAL_MILLIS,
      logger: options.logger,
      run: signal => this.runOnce(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Makes every measurement that waits for it. */
  async runOnce(signal: AbortSignal): Promise<void> {
    let worked = true;
    while (worked && !signal.aborted) {
      worked = await this.#options.queue.workOnNext(async (id, until) => {
        await this.#make(id, until);
        return undefined;
      }, signal);
    }
  }

  async #make(id: string, signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#options;
    const attempt = randomUUID();
    const attempts = await store.begin(id, attempt);
    if (attempts === undefined) return;
    const record = await store.get(id);
    if (attempts > MAX_ATTEMPTS) {
      await this.#end(record, attempt, {
        phase: 'failed',
        reason: `It was begun ${MAX_ATTEMPTS} times, and never came to an end: see the log of the control plane, then ask for it again`,
      });
      return;
    }
    try {
      await this.#measure(record, attempt, signal);
    } catch (error) {
      if (error instanceof NotOursError) return;
      // Whoever has it now, or comes next, goes on.
      if (signal.aborted || error instanceof LeaseLostError) throw error;
      const isHopeless =
        error instanceof MeasurementImpossible ||
        error instanceof TrialUnavailableError ||
        (isError(error) && HOPELESS.includes(error.name));
      const { message } = toError(error);
      logger.warn(`Measurement '${id}' has not come to an end`, { message });
      if (!isHopeless) throw error;
      await this.#end(record, attempt, { phase: 'failed', reason: message });
    }
  }

  async #measure(
    record: MeasurementRecord,
    attempt: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, versions } = this.#options;
    const { model, version } = record;
    const { schema } = await versions.get(model, version);
    if (!schema) throw new MeasurementImpossible('The version has no schema');
    const collector = new AnswerCollector({ schema, question: record });
    let runtime = '';
    let done = 0;
    const parts = this.#parts(record, schema.features, signal);
    let step = await parts.next();
    while (!step.done) {
      const { rows, features } = step.value;
      const started = performance.now();
      const said = await this.#options.trials.answer(record, {
        rows: features,
        signal,
      });
      if ('why' in said) {
        throw new MeasurementImpossible(
          `The version gave no answers: ${said.why}`,
        );
      }
      runtime = said.runtime;
      collector.add(rows, said.rehearsal);
      done += rows.length;
      if (!(await store.advance(record.id, attempt, done))) {
        await parts.return(undefined);
        throw new NotOursError();
      }
      step = await parts.next(performance.now() - started);
    }
    const measured = measure(collector.end());
    const reasons = measured.result.unanswered > 0 ? collector.left : [];
    await this.#finish(record, attempt, {
      ...measured,
      result: {
        ...measured.result,
        runtime,
        remarks: [
          ...measured.result.remarks,
          ...reasons.slice(0, 3).map(left => `Not answered: ${left}.`),
        ],
      },
    });
  }

  /** Rows in parts that take about as long as each other; each is told how long the one before took. */
  async *#parts(
    { dataset, features: columns, rows: limit }: MeasurementRecord,
    features: Parameters<typeof featuresOf>[1],
    signal: AbortSignal,
  ): AsyncGenerator<
    { rows: DatasetRow[]; features: ReferenceValue[][] },
    void,
    number | undefined
  > {
    const { datasets, trials } = this.#options;
    const mostCharacters = Math.min(
      MOST_PART_CHARACTERS,
      trials.mostRowsCharacters,
    );
    const source = await datasets.readRows(
      { dataset: dataset.name, version: dataset.version },
      { limit },
    );
    let most = FIRST_PART_ROWS;
    let part = { rows: [] as DatasetRow[], features: [] as ReferenceValue[][] };
    let characters = 0;
    for await (const row of source) {
      signal.throwIfAborted();
      const values = featuresOf(row, features, columns);
      const length = JSON.stringify(values).length + 1;
      const isFull = part.rows.length >= most;
      if (
        part.rows.length > 0 &&
        (isFull || characters + length > mostCharacters)
      ) {
        const tookMillis = yield part;
        most = nextPart(part.rows.length, tookMillis ?? PART_MILLIS);
        part = { rows: [], features: [] };
        characters = 0;
      }
      part.rows.push(row);
      part.features.push(values);
      characters += length;
    }
    if (part.rows.length > 0) yield part;
  }

  async #finish(
    record: MeasurementRecord,
    attempt: string,
    measured: Omit<Measured, 'result'> & { result: MeasurementResult },
  ): Promise<void> {
    const { evaluations, models, logger } = this.#options;
    const { id, model, dataset, target } = record;
    const { result } = measured;
    const evaluation: Evaluation = {
      ...measured.evaluation,
      dataset: {
        name: dataset.name,
        digest: dataset.digest,
        rows: result.rows,
      },
    };
    checkEvaluation(evaluation);
    const { perRow } = evaluation;
    await this.#end(
      record,
      attempt,
      { phase: 'done', result, perRow },
      async tx => {
        await models.lock(tx, model);
        const count = await evaluations.count(record, tx);
        if (count >= MAX_EVALUATIONS) {
          logger.info(
            `Measurement '${id}' adds no evaluation: version ${record.version} of '${model}' has ${count}, and no version may have more`,
          );
          return;
        }
        await evaluations.add(tx, record, {
          evaluation,
          addedBy: record.requestedBy,
          measured: {
            measurement: id,
            datasetVersion: dataset.version,
            target,
          },
        });
        await models.touch(tx, model);
      },
    );
  }

  async #end(
    record: MeasurementRecord,
    attempt: string,
    end: MeasurementEnd,
    also: (
      tx: Parameters<Parameters<RegistryChanges['transaction']>[0]>[0],
    ) => Promise<void> = async () => {},
  ): Promise<void> {
    const { store, changes, promotions } = this.#options;
    const { id, model, version, promotion } = record;
    await changes.transaction(async tx => {
      const ended = await store.end(tx, id, end, attempt);
      if (!ended) return;
      await also(tx);
      if (promotion !== undefined) await promotions.enqueue(tx, promotion);
      await changes.record(tx, {
        action: `measurement-${end.phase}`,
        actor: ACTOR,
        model,
        subject: id,
        after:
          end.phase === 'done'
            ? {
                version,
                rows: end.result.rows,
                metrics: Object.fromEntries(
                  end.result.metrics.map(({ name, value }) => [name, value]),
                ),
              }
            : { version, ...end },
        announce: [
          { type: 'measurement-changed', measurement: id, model, version },
          { type: 'model-changed', model, action: 'version-changed' },
        ],
      });
    });
  }
}

/** As many as take about {@link PART_MILLIS}; never much more than were tried before. */
export function nextPart(rows: number, tookMillis: number): number {
  const wanted = (rows * PART_MILLIS) / Math.max(1, tookMillis);
  return Math.round(Math.min(MOST_PART_ROWS, 4 * rows, Math.max(10, wanted)));
}
