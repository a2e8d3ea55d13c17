import { InputError, NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  type LoggedModel,
  type LoggedModelStatus,
  type LoggedModelSummary,
  MOST_RUN_MODELS,
  type Run,
} from '@greenroom/plugin-ai-training-common';
import { randomBytes } from 'node:crypto';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { checkKey, checkLength, LIMITS, truncate } from '../limits';
import { randomName } from '../runs/randomName';
import type { Pair } from '../runs/RunStore';
import type { LoggedModelStore } from './LoggedModelStore';

export interface LoggedModelRequest {
  experiment: string;
  name?: string;
  modelType?: string;
  /** Id of the run that made it. */
  sourceRun?: string;
  params: readonly Pair[];
  tags: readonly Pair[];
}

/** Characters that have a meaning where models are named by URIs. */
const BAD_CHARACTERS = ['/', ':', '.', '%', '"', "'"];

/**
 * Models that runs made. Asks whether the caller may write to, or read, their experiment. All of it fails with a
 * NotFoundError when there is no such logged model.
 */
export class LoggedModelService {
  readonly #models: LoggedModelStore;
  readonly #guard: Pick<
    ExperimentGuard,
    'readable' | 'requireRead' | 'requireWrite'
  >;

  constructor(options: {
    models: LoggedModelStore;
    guard: Pick<ExperimentGuard, 'readable' | 'requireRead' | 'requireWrite'>;
  }) {
    this.#models = options.models;
    this.#guard = options.guard;
  }

  async create(
    request: LoggedModelRequest,
    options: CallOptions,
  ): Promise<LoggedModel> {
    const { experiment, modelType, sourceRun } = request;
    const name = checkName(request.name ?? randomName());
    if (modelType !== undefined) {
      checkLength(modelType, LIMITS.modelType, 'model_type');
    }
    const params = toParams(request.params);
    const tags = toTags(request.tags);
    await this.#guard.requireWrite(experiment, options);
    const id = `m-${randomBytes(16).toString('hex')}`;
    await this.#models.insert({
      id,
      experiment,
      name,
      modelType: modelType || undefined,
      sourceRun: sourceRun || undefined,
      params,
      tags,
      createdBy: userRefOf(options.credentials),
    });
    return this.#models.get(id);
  }

  async get(
    id: string,
    options: CallOptions & { withDeleted?: boolean },
  ): Promise<LoggedModel> {
    const model = await this.#models.get(id, options);
    await this.#guard.requireRead([model.experiment], options);
    return model;
  }

  /** Those that a run made, then those that it read, without those that are not there or not for the caller to read. */
  async listOfRun(
    run: Pick<Run, 'outputs' | 'inputModels'>,
    options: CallOptions,
  ): Promise<LoggedModelSummary[]> {
    const made = [...run.outputs].sort((a, b) => a.step - b.step);
    const ids = new Set([
      ...made.map(({ modelId }) => modelId),
      ...run.inputModels,
    ]);
    const found = await this.#models.summarize(
      [...ids].slice(0, MOST_RUN_MODELS),
    );
    const readable = await this.#guard.readable(
      found.map(({ experiment }) => experiment),
      options,
    );
    return found.filter(({ experiment }) => readable.includes(experiment));
  }

  async logParams(
    id: string,
    params: readonly Pair[],
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(id, options);
    await this.#models.addParams(id, toParams(params));
  }

  async setTags(
    id: string,
    tags: readonly Pair[],
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(id, options);
    await this.#models.setTags(id, toTags(tags));
  }

  async deleteTag(
    id: string,
    key: string,
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(id, options);
    if (await this.#models.deleteTag(id, key)) return;
    throw new NotFoundError(
      `No tag with key '${key}' found for model with ID '${id}'.`,
    );
  }

  /** Says whether its files are all there. */
  async finalize(
    id: string,
    status: LoggedModelStatus,
    options: CallOptions,
  ): Promise<LoggedModel> {
    await this.#requireWrite(id, options);
    await this.#models.setStatus(id, status);
    return this.#models.get(id);
  }

  async delete(id: string, options: CallOptions): Promise<void> {
    await this.#requireWrite(id, options);
    await this.#models.delete(id);
  }

  async #requireWrite(id: string, options: CallOptions): Promise<void> {
    const experiment = await this.#models.findExperiment(id);
    await this.#guard.requireWrite(experiment, options, { kind: 'model', id });
  }
}

function checkName(name: string): string {
  if (name === '' || BAD_CHARACTERS.some(bad => name.includes(bad))) {
    throw new InputError(
      `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
    );
  }
  return checkLength(name, LIMITS.modelName, 'name');
}

/** Of a key that is given twice, the first value counts. */
function toParams(params: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    [...params]
      .reverse()
      .map(({ key, value }) => [
        checkLength(key, LIMITS.key, 'Param key'),
        truncate(value, LIMITS.paramValue),
      ]),
  );
}

/** Of a key that is given twice, the last value counts. */
function toTags(tags: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    tags.map(({ key, value }, index) => [
      checkKey(key, `tags[${index}].key`),
      truncate(value, LIMITS.runTagValue),
    ]),
  );
}
