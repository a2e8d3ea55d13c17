import { userRefOf } from '@greenroom/ai-node';
import type {
  Imported,
  ImportedLoggedModel,
  ImportedRun,
  LoggedModel,
  Run,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { checkLength, LIMITS, truncate } from '../limits';
import type { LoggedModelStore } from '../loggedModels/LoggedModelStore';
import { checkParam, toTags } from '../runs/checkEntries';
import { RUN_NAME_TAG, type RunStore } from '../runs/RunStore';
import type { ImportStore } from './ImportStore';

/**
 * Takes runs and logged models of another server, with the ids that they had there. Asks whether the caller may write
 * to the experiment. What is there already is answered as it is, and not changed.
 */
export class ImportService {
  readonly #imports: ImportStore;
  readonly #runs: Pick<RunStore, 'get'>;
  readonly #models: Pick<LoggedModelStore, 'get'>;
  readonly #guard: Pick<ExperimentGuard, 'requireWrite'>;

  constructor(options: {
    imports: ImportStore;
    runs: Pick<RunStore, 'get'>;
    models: Pick<LoggedModelStore, 'get'>;
    guard: Pick<ExperimentGuard, 'requireWrite'>;
  }) {
    this.#imports = options.imports;
    this.#runs = options.runs;
    this.#models = options.models;
    this.#guard = options.guard;
  }

  /** @throws ConflictError when the id is taken in another experiment */
  async importRun(
    experiment: string,
    run: ImportedRun,
    options: CallOptions,
  ): Promise<Imported<Run>> {
    const checked = {
      ...run,
      name: truncate(run.name, LIMITS.runName),
      userId: checkLength(run.userId, LIMITS.userId, 'userId'),
      params: checkParams(run.params),
      tags: toTags(
        toPairs({ ...run.tags, ...(run.name && { [RUN_NAME_TAG]: run.name }) }),
      ),
    };
    await this.#guard.requireWrite(experiment, options);
    const isNew = await this.#imports.insertRun(checked, {
      experiment,
      createdBy: userRefOf(options.credentials),
    });
    return { isNew, item: await this.#runs.get(run.id) };
  }

  /** @throws ConflictError when the id is taken in another experiment */
  async importLoggedModel(
    experiment: string,
    model: ImportedLoggedModel,
    options: CallOptions,
  ): Promise<Imported<LoggedModel>> {
    const checked = {
      ...model,
      name: checkLength(model.name, LIMITS.modelName, 'name'),
      params: checkParams(model.params),
      tags: toTags(toPairs(model.tags)),
    };
    await this.#guard.requireWrite(experiment, options);
    const isNew = await this.#imports.insertLoggedModel(checked, {
      experiment,
      createdBy: userRefOf(options.credentials),
    });
    const item = await this.#models.get(model.id, { withDeleted: true });
    return { isNew, item };
  }
}

function checkParams(params: Record<string, string> = {}) {
  return Object.fromEntries(
    toPairs(params).map((param, index) => {
      const { key, value } = checkParam(param, `params[${index}]`);
      return [key, value];
    }),
  );
}

function toPairs(values: Record<string, string> = {}) {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}
