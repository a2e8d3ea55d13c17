import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelReadPermission,
  aiModelUpdatePermission,
} from '@greenroom/plugin-ai-registry-common';
import {
  aiJobSubmitPermission,
  type Conversion,
  conversionTemplateOf,
  type NewConversion,
} from '@greenroom/plugin-ai-training-common';
import type { RegistryCall } from '../registry/registryTokenOf';
import type {
  ConversionService,
  DefaultConversionService,
  VersionRef,
} from './ConversionService';

/**
 * Asks whether the caller may, then delegates. Who has a version converted may change the model, and run jobs of its owner:
 * what the model's author put into it is run.
 */
export class AuthorizedConversionService implements ConversionService {
  readonly #conversions: DefaultConversionService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    conversions: DefaultConversionService;
    permissions: PermissionsService;
  }) {
    this.#conversions = options.conversions;
    this.#permissions = options.permissions;
  }

  async find(
    ref: VersionRef,
    call: RegistryCall,
  ): Promise<Conversion | undefined> {
    await this.#require(aiModelReadPermission, ref.model, call);
    return this.#conversions.find(ref, call);
  }

  async start(
    ref: VersionRef,
    wanted: NewConversion,
    call: RegistryCall,
  ): Promise<Conversion> {
    const { model } = ref;
    await this.#require(aiModelReadPermission, model, call);
    await this.#require(aiModelUpdatePermission, model, call).catch(
      async refusal => {
        // Of a model that is not there, nobody has the right to change it: it is said that it is not there, to who may know.
        const missing: unknown = await this.#conversions
          .requireVersion(ref, call)
          .catch(error => error);
        throw missing instanceof NotFoundError ? missing : refusal;
      },
    );
    const template = conversionTemplateOf(model);
    await this.#require(aiJobSubmitPermission, template, call);
    return this.#conversions.start(ref, wanted, call);
  }

  async #require(
    permission:
      | typeof aiModelReadPermission
      | typeof aiModelUpdatePermission
      | typeof aiJobSubmitPermission,
    resourceRef: string,
    { credentials }: RegistryCall,
  ): Promise<void> {
    await requirePermission(this.#permissions, {
      permission,
      resourceRef,
      credentials,
    });
  }
}
