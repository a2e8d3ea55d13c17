import type { Run } from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { RunRequest, RunService } from './RunService';
import type {
  LogEntries,
  LoggedPoint,
  Pair,
  RunChanges,
  RunPlace,
  RunStore,
} from './RunStore';

/** Asks whether the caller may, then delegates. What may be done with a run depends on its experiment. */
export class AuthorizedRunService implements RunService {
  readonly #runs: RunService;
  readonly #store: Pick<RunStore, 'findPlace'>;
  readonly #guard: ExperimentGuard;

  constructor(options: {
    runs: RunService;
    store: Pick<RunStore, 'findPlace'>;
    guard: ExperimentGuard;
  }) {
    this.#runs = options.runs;
    this.#store = options.store;
    this.#guard = options.guard;
  }

  async create(run: RunRequest, options: CallOptions): Promise<Run> {
    await this.#guard.requireWrite(run.experiment, options);
    return this.#runs.create(run, options);
  }

  async get(runId: string, options: CallOptions): Promise<Run> {
    const { experiment } = await this.#store.findPlace(runId);
    await this.#guard.requireRead([experiment], options);
    return this.#runs.get(runId, options);
  }

  async findReadable(
    runIds: readonly string[],
    options: CallOptions,
  ): Promise<(RunPlace | undefined)[]> {
    const places = await this.#runs.findReadable(runIds, options);
    await this.#guard.requireRead(
      places.flatMap(place => place?.experiment ?? []),
      options,
    );
    return places;
  }

  async update(
    runId: string,
    changes: RunChanges,
    options: CallOptions,
  ): Promise<Run> {
    await this.#requireWrite(runId, options);
    return this.#runs.update(runId, changes, options);
  }

  async logParam(
    runId: string,
    param: Pair,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.logParam(runId, param, options);
  }

  async logMetric(
    runId: string,
    metric: LoggedPoint,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.logMetric(runId, metric, options);
  }

  async setTag(runId: string, tag: Pair, options: CallOptions): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.setTag(runId, tag, options);
  }

  async logBatch(
    runId: string,
    entries: LogEntries,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.logBatch(runId, entries, options);
  }

  async recordModel(
    runId: string,
    model: object,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.recordModel(runId, model, options);
  }

  async deleteTag(
    runId: string,
    key: string,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    return this.#runs.deleteTag(runId, key, options);
  }

  async delete(runId: string, options: CallOptions): Promise<void> {
    const { experiment } = await this.#store.findPlace(runId);
    await this.#guard.requireUpdate(experiment, options);
    return this.#runs.delete(runId, options);
  }

  async restore(runId: string, options: CallOptions): Promise<void> {
    const { experiment } = await this.#store.findPlace(runId);
    await this.#guard.requireUpdate(experiment, options);
    return this.#runs.restore(runId, options);
  }

  async #requireWrite(runId: string, options: CallOptions): Promise<void> {
    const { experiment } = await this.#store.findPlace(runId);
    await this.#guard.requireWrite(experiment, options, {
      kind: 'run',
      id: runId,
    });
  }
}
