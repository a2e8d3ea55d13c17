import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelReadPermission,
  aiModelUpdatePermission,
  type Model,
  type ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import type { DeletionService } from './DeletionService';

/** Asks whether the caller may, then delegates. Whoever may change a model may delete it and bring it back. */
export class AuthorizedDeletionService implements DeletionService {
  readonly #deletions: DeletionService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    deletions: DeletionService;
    permissions: PermissionsService;
  }) {
    this.#deletions = options.deletions;
    this.#permissions = options.permissions;
  }

  async deleteModel(model: string, options: CallOptions): Promise<void> {
    await this.#requireUpdate(model, options);
    await this.#deletions.deleteModel(model, options);
  }

  async restoreModel(model: string, options: CallOptions): Promise<Model> {
    await this.#requireUpdate(model, options);
    return this.#deletions.restoreModel(model, options);
  }

  async deleteVersion(ref: VersionRef, options: CallOptions): Promise<void> {
    await this.#requireUpdate(ref.model, options);
    await this.#deletions.deleteVersion(ref, options);
  }

  async restoreVersion(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<ModelVersion> {
    await this.#requireUpdate(ref.model, options);
    return this.#deletions.restoreVersion(ref, options);
  }

  /** Reading is asked for, too, since what is deleted cannot be read first. */
  async #requireUpdate(model: string, options: CallOptions): Promise<void> {
    for (const permission of [aiModelReadPermission, aiModelUpdatePermission]) {
      await requirePermission(this.#permissions, {
        ...options,
        permission,
        resourceRef: model,
      });
    }
  }
}
