import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelReadPermission,
  aiModelUpdatePermission,
  type ModelAsOf,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import type { AsOfQuery, AsOfReader } from './AsOfReader';

/** Asks whether the caller may, then delegates. Of a deleted model, those may ask who may bring it back. */
export class AuthorizedAsOfReader {
  readonly #reader: AsOfReader;
  readonly #models: Pick<ModelStore, 'getMany'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    reader: AsOfReader;
    models: Pick<ModelStore, 'getMany'>;
    permissions: PermissionsService;
  }) {
    this.#reader = options.reader;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  async read(query: AsOfQuery, options: CallOptions): Promise<ModelAsOf> {
    const [there] = await this.#models.getMany([query.model]);
    for (const permission of there
      ? [aiModelReadPermission]
      : [aiModelReadPermission, aiModelUpdatePermission]) {
      await requirePermission(this.#permissions, {
        ...options,
        permission,
        resourceRef: query.model,
      });
    }
    return this.#reader.read(query);
  }
}
