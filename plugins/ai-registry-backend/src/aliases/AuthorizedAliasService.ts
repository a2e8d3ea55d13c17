import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  type AliasChange,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions, ModelService } from '../models/ModelService';
import type { AliasRef, AliasService } from './AliasService';
import type { HistoryPage } from './AliasStore';

/** Asks whether the caller may, then delegates. */
export class AuthorizedAliasService implements AliasService {
  readonly #aliases: AliasService;
  readonly #models: ModelService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    aliases: AliasService;
    /** Asks for the permission to read. */
    models: ModelService;
    permissions: PermissionsService;
  }) {
    this.#aliases = options.aliases;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  async history(
    model: string,
    options: CallOptions & HistoryPage,
  ): Promise<{ items: AliasChange[]; nextCursor?: string }> {
    await this.#models.get(model, options);
    return this.#aliases.history(model, options);
  }

  async get(
    ref: AliasRef & { at?: Date },
    options: CallOptions,
  ): Promise<AliasChange> {
    await this.#models.get(ref.model, options);
    return this.#aliases.get(ref, options);
  }

  async set(
    change: AliasRef & { version: number; reason: string },
    options: CallOptions,
  ): Promise<AliasChange> {
    await this.#requireUpdate(change.model, options);
    return this.#aliases.set(change, options);
  }

  async remove(
    change: AliasRef & { reason: string },
    options: CallOptions,
  ): Promise<void> {
    await this.#requireUpdate(change.model, options);
    await this.#aliases.remove(change, options);
  }

  async #requireUpdate(model: string, options: CallOptions): Promise<void> {
    await this.#models.get(model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: model,
    });
  }
}
