import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  type BundleFile,
  type Evaluation,
  type FoundVersion,
  type ModelVersion,
  type ModelVersionDetail,
  type NewVersion,
  type Page,
  type SearchPage,
  type Servability,
  type VersionChanges,
  type VersionComparison,
  type VersionEvaluation,
  type VersionSearch,
} from '@greenroom/plugin-ai-registry-common';
import type { AuthorizedModelService } from '../models/AuthorizedModelService';
import type { CallOptions } from '../models/ModelService';
import { VersionRights } from './VersionRights';
import type { VersionRef, VersionService } from './VersionService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedVersionService implements VersionService {
  readonly #versions: VersionService;
  readonly #models: AuthorizedModelService;
  readonly #permissions: PermissionsService;
  readonly #rights: VersionRights;

  constructor(options: {
    versions: VersionService;
    /** Asks for the permission to read. */
    models: AuthorizedModelService;
    permissions: PermissionsService;
  }) {
    this.#versions = options.versions;
    this.#models = options.models;
    this.#permissions = options.permissions;
    this.#rights = new VersionRights(options);
  }

  async list(
    query: { model: string; limit?: number; cursor?: string },
    options: CallOptions,
  ): Promise<Page<ModelVersion>> {
    await this.#models.get(query.model, options);
    return this.#versions.list(query, options);
  }

  async search(
    search: VersionSearch,
    options: CallOptions,
  ): Promise<SearchPage<FoundVersion>> {
    const visible = await this.#models.visibleTo(options);
    if (visible === 'none') return { items: [] };
    return this.#versions.search({ ...search, ...visible }, options);
  }

  async get(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<ModelVersionDetail> {
    await this.#models.get(ref.model, options);
    return this.#versions.get(ref, options);
  }

  async listFiles(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<BundleFile[]> {
    await this.#models.get(ref.model, options);
    return this.#versions.listFiles(ref, options);
  }

  async create(
    model: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<ModelVersion> {
    await this.#models.get(model, options);
    await this.#rights.requireRegister(model, options);
    return this.#versions.create(model, version, options);
  }

  /**
   * Makes a version of the model that other tools call so.
   *
   * @throws NotFoundError where there is no such model, or the caller may not know of it
   */
  async createOf(
    externalName: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<FoundVersion> {
    const model = await this.#models.findExternal(externalName, options);
    await this.#rights.requireRegister(model.name, options);
    const created = await this.#versions.create(model.name, version, options);
    return { ...created, externalName, updatedAt: created.createdAt };
  }

  async update(
    ref: VersionRef,
    changes: VersionChanges,
    options: CallOptions,
  ): Promise<ModelVersion> {
    await this.#requireChange(ref, options);
    return this.#versions.update(ref, changes, options);
  }

  async compare(
    versions: { model: string; base: number; candidate: number },
    options: CallOptions,
  ): Promise<VersionComparison> {
    await this.#models.get(versions.model, options);
    return this.#versions.compare(versions, options);
  }

  async listEvaluations(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<VersionEvaluation[]> {
    await this.#models.get(ref.model, options);
    return this.#versions.listEvaluations(ref, options);
  }

  async addEvaluation(
    ref: VersionRef,
    evaluation: Evaluation,
    options: CallOptions,
  ): Promise<VersionEvaluation> {
    await this.#requireChange(ref, options);
    return this.#versions.addEvaluation(ref, evaluation, options);
  }

  async tryToLoad(ref: VersionRef, options: CallOptions): Promise<Servability> {
    await this.#models.get(ref.model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: ref.model,
    });
    return this.#versions.tryToLoad(ref, options);
  }

  async #requireChange(ref: VersionRef, options: CallOptions): Promise<void> {
    await this.#models.get(ref.model, options);
    await this.#rights.requireChange(ref, options);
  }
}
