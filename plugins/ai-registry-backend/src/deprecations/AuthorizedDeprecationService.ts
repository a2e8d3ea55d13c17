import type { PermissionsService } from '@backstage/backend-plugin-api';
import { isPermitted, requirePermission } from '@greenroom/ai-node';
import {
  aiModelReadPermission,
  aiModelUpdatePermission,
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
  type NewDeprecation,
} from '@greenroom/plugin-ai-registry-common';
import { InputError } from '@backstage/errors';
import type { CallOptions, ModelService } from '../models/ModelService';
import type { DeprecationService } from './DeprecationService';

/** Asks whether the caller may change the model, and see what is named in its place; then delegates. */
export class AuthorizedDeprecationService implements DeprecationService {
  readonly #deprecations: DeprecationService;
  readonly #models: Pick<ModelService, 'get'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    deprecations: DeprecationService;
    /** Asks for the permission to read. */
    models: Pick<ModelService, 'get'>;
    permissions: PermissionsService;
  }) {
    this.#deprecations = options.deprecations;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  async put(
    thing: DeprecatedThing,
    deprecation: NewDeprecation,
    options: CallOptions,
  ): Promise<Deprecation> {
    await this.#requireUpdate(thing, options);
    const { replacement } = deprecation;
    if (replacement) {
      const maySee = await isPermitted(this.#permissions, {
        ...options,
        permission: aiModelReadPermission,
        resourceRef: replacement.model,
      });
      if (!maySee) {
        throw new InputError(
          `replacement: there is no ${describeDeprecated(
            replacement,
          )} that you may see: check the name and the version`,
        );
      }
    }
    return this.#deprecations.put(thing, deprecation, options);
  }

  async withdraw(thing: DeprecatedThing, options: CallOptions): Promise<void> {
    await this.#requireUpdate(thing, options);
    return this.#deprecations.withdraw(thing, options);
  }

  async #requireUpdate(
    { model }: DeprecatedThing,
    options: CallOptions,
  ): Promise<void> {
    // Tells an absent model from a forbidden one.
    await this.#models.get(model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: model,
    });
  }
}
