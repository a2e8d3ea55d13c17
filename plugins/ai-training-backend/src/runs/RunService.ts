import { InputError, NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { randomBytes } from 'node:crypto';
import type { CallOptions } from '../callOptions';
import type { TrainingChanges } from '../events/announcement';
import { deletedExperiment, unknownExperiment } from '../experiments/failures';
import type { ExperimentStore } from '../experiments/ExperimentStore';
import type { RunNotices } from '../notices/RunNotices';
import { checkLength, LIMITS, truncate } from '../limits';
import {
  checkBatch,
  checkMetric,
  checkParam,
  checkTag,
  toTags,
  withoutEmptyName,
} from './checkEntries';
import { randomName } from './randomName';
import {
  type LogEntries,
  type LoggedPoint,
  type Pair,
  RUN_NAME_TAG,
  type RunChanges,
  type RunPlace,
  type RunStore,
} from './RunStore';

export interface RunRequest {
  experiment: string;
  name?: string;
  /** As the client says; who is asked for unless it does. */
  userId?: string;
  /** Milliseconds since 1970; now where nothing is said. */
  startedAt?: number;
  tags?: readonly Pair[];
}

/** What can be done with runs. All of it fails with a NotFoundError when there is no such run. */
export interface RunService {
  create(run: RunRequest, options: CallOptions): Promise<Run>;
  get(runId: string, options: CallOptions): Promise<Run>;
  /** Where runs are that may be read; undefined where there is no such run. */
  findReadable(
    runIds: readonly string[],
    options: CallOptions,
  ): Promise<(RunPlace | undefined)[]>;
  /** @returns the run without what was logged to it */
  update(
    runId: string,
    changes: RunChanges,
    options: CallOptions,
  ): Promise<Run>;
  /** One param, with the message that goes with one. */
  logParam(runId: string, param: Pair, options: CallOptions): Promise<void>;
  /** One point. */
  logMetric(
    runId: string,
    metric: LoggedPoint,
    options: CallOptions,
  ): Promise<void>;
  setTag(runId: string, tag: Pair, options: CallOptions): Promise<void>;
  /** All of it or nothing. */
  logBatch(
    runId: string,
    entries: LogEntries,
    options: CallOptions,
  ): Promise<void>;
  /** What old clients say of a model that the run made. */
  recordModel(
    runId: string,
    model: object,
    options: CallOptions,
  ): Promise<void>;
  deleteTag(runId: string, key: string, options: CallOptions): Promise<void>;
  /** Deleting twice changes nothing. */
  delete(runId: string, options: CallOptions): Promise<void>;
  /** Restoring twice changes nothing. */
  restore(runId: string, options: CallOptions): Promise<void>;
}

/** Does what it is asked; `AuthorizedRunService` asks whether it may. */
export class DefaultRunService implements RunService {
  readonly #runs: RunStore;
  readonly #experiments: ExperimentStore;
  readonly #changes: TrainingChanges;
  readonly #notices: Pick<RunNotices, 'failed'>;
  readonly #clock: () => Date;

  constructor(options: {
    runs: RunStore;
    experiments: ExperimentStore;
    changes: TrainingChanges;
    /** Has owners told of runs that failed. */
    notices: Pick<RunNotices, 'failed'>;
    clock: () => Date;
  }) {
    this.#runs = options.runs;
    this.#experiments = options.experiments;
    this.#changes = options.changes;
    this.#notices = options.notices;
    this.#clock = options.clock;
  }

  async create(request: RunRequest, options: CallOptions): Promise<Run> {
    const tags = toTags(request.tags ?? []);
    const name = nameOf(request.name, tags[RUN_NAME_TAG]);
    const actor = userRefOf(options.credentials);
    return this.#runs.insert({
      id: randomBytes(16).toString('hex'),
      experiment: request.experiment,
      name,
      userId: checkLength(request.userId || actor, LIMITS.userId, 'user_id'),
      startedAt: request.startedAt ?? this.#clock().getTime(),
      tags: { ...tags, [RUN_NAME_TAG]: name },
      createdBy: actor,
    });
  }

  get(runId: string): Promise<Run> {
    return this.#runs.get(runId);
  }

  findReadable(runIds: readonly string[]): Promise<(RunPlace | undefined)[]> {
    return this.#runs.findPlaces(runIds);
  }

  async update(
    runId: string,
    changes: RunChanges,
    options: CallOptions,
  ): Promise<Run> {
    const { name, ...rest } = changes;
    const said = {
      ...rest,
      // An empty name is none: the old one stays.
      ...(name && { name: truncate(name, LIMITS.runName) }),
    };
    if (said.status !== 'FAILED') return this.#runs.update(runId, said);
    return this.#changes.transaction(async tx => {
      const hasFailed = await this.#runs.lockHasFailed(tx, runId);
      const run = await this.#runs.update(runId, said, tx);
      if (!hasFailed) {
        await this.#notices.failed(tx, {
          experiment: await this.#experiments.get(run.experiment, tx),
          run,
          actor: userRefOf(options.credentials),
        });
      }
      return run;
    });
  }

  async logParam(runId: string, param: Pair): Promise<void> {
    await this.#runs.log(
      runId,
      { params: [checkParam(param)] },
      { isBatch: false },
    );
  }

  async logMetric(runId: string, metric: LoggedPoint): Promise<void> {
    await this.#runs.log(runId, { metrics: [checkMetric(metric)] });
  }

  async setTag(runId: string, tag: Pair): Promise<void> {
    await this.#runs.log(runId, {
      tags: withoutEmptyName([checkTag(tag)]),
    });
  }

  async logBatch(runId: string, entries: LogEntries): Promise<void> {
    await this.#runs.log(runId, checkBatch(entries));
  }

  async recordModel(runId: string, model: object): Promise<void> {
    await this.#runs.addToModelHistory(runId, model);
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    if (await this.#runs.deleteTag(runId, key)) return;
    throw new NotFoundError(`No tag with name: ${key} in run with id ${runId}`);
  }

  async delete(runId: string, options: CallOptions): Promise<void> {
    await this.#setLifecycle(runId, 'deleted', options);
  }

  async restore(runId: string, options: CallOptions): Promise<void> {
    await this.#setLifecycle(runId, 'active', options);
  }

  async #setLifecycle(
    runId: string,
    lifecycle: 'active' | 'deleted',
    options: CallOptions,
  ): Promise<void> {
    const { experiment } = await this.#runs.findPlace(runId);
    await this.#changes.transaction(async tx => {
      const [parent] = await this.#experiments.getMany([experiment], tx);
      if (!parent) throw unknownExperiment(experiment);
      // What is deleted with its experiment comes back with it.
      if (parent.lifecycle === 'deleted') throw deletedExperiment(experiment);
      if (!(await this.#runs.setLifecycle(tx, runId, lifecycle))) return;
      await this.#changes.record(tx, {
        action: lifecycle === 'deleted' ? 'run-deleted' : 'run-restored',
        actor: userRefOf(options.credentials),
        subject: runId,
        owner: parent.owner,
        after: { experiment, lifecycle },
        announce: [{ type: 'experiment-changed', experiment }],
      });
    });
  }
}

/**
 * What a run is called: clients say it as a field, as a tag or both.
 *
 * @throws InputError when they say different things
 */
export function nameOf(
  name: string | undefined,
  tag: string | undefined,
): string {
  if (name && tag && name !== tag) {
    throw new InputError(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
    );
  }
  return truncate(name || tag || randomName(), LIMITS.runName);
}
