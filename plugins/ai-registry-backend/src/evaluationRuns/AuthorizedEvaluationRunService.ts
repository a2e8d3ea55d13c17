import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiDatasetDownloadPermission,
  aiModelUpdatePermission,
  type EvaluationAnswers,
  type EvaluationAnswersQuery,
  type EvaluationRun,
  type NewEvaluationRun,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions, ModelService } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import type { EvaluationRunService } from './EvaluationRunService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedEvaluationRunService implements EvaluationRunService {
  readonly #runs: EvaluationRunService;
  readonly #models: Pick<ModelService, 'get'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    runs: EvaluationRunService;
    /** Asks for the permission to read. */
    models: Pick<ModelService, 'get'>;
    permissions: PermissionsService;
  }) {
    this.#runs = options.runs;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  /** Who may change the model, and read the rows that leave for its provider. */
  async create(
    ref: VersionRef,
    run: NewEvaluationRun,
    options: CallOptions,
  ): Promise<EvaluationRun> {
    await this.#requireUpdate(ref.model, options);
    await this.#requireRows(run.dataset.name, options);
    return this.#runs.create(ref, run, options);
  }

  async list(
    ref: VersionRef,
    query: { limit?: number },
    options: CallOptions,
  ): Promise<EvaluationRun[]> {
    await this.#models.get(ref.model, options);
    return this.#runs.list(ref, query, options);
  }

  async get(id: string, options: CallOptions): Promise<EvaluationRun> {
    const run = await this.#runs.get(id, options);
    await this.#models.get(run.model, options);
    return run;
  }

  /** The rows of the dataset are in it. */
  async listAnswers(
    id: string,
    query: EvaluationAnswersQuery,
    options: CallOptions,
  ): Promise<EvaluationAnswers> {
    const run = await this.get(id, options);
    await this.#requireRows(run.dataset.name, options);
    return this.#runs.listAnswers(id, query, options);
  }

  async cancel(id: string, options: CallOptions): Promise<EvaluationRun> {
    const run = await this.#runs.get(id, options);
    await this.#requireUpdate(run.model, options);
    return this.#runs.cancel(id, options);
  }

  async #requireUpdate(model: string, options: CallOptions): Promise<void> {
    await this.#models.get(model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: model,
    });
  }

  #requireRows(dataset: string, options: CallOptions): Promise<void> {
    return requirePermission(this.#permissions, {
      ...options,
      permission: aiDatasetDownloadPermission,
      resourceRef: dataset,
    });
  }
}
