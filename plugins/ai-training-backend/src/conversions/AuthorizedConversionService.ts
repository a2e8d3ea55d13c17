import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import { aiModelUpdatePermission } from '@greenroom/plugin-ai-registry-common';
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
 * Asks whether the caller may, then delegates. The registry is asked in the caller's name: who may not read the version knows
 * nothing of its conversion. Who has it converted may change the model, and run jobs of its owner: what the model's author
 * put into it is run.
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

  find(ref: VersionRef, call: RegistryCall): Promise<Conversion | undefined> {
    return this.#conversions.find(ref, call);
  }

  start(
    ref: VersionRef,
    wanted: NewConversion,
    call: RegistryCall,
  ): Promise<Conversion> {
    return this.#conversions.start(ref, wanted, call, async () => {
      const { credentials } = call;
      await requirePermission(this.#permissions, {
        permission: aiModelUpdatePermission,
        resourceRef: ref.model,
        credentials,
      });
      await requirePermission(this.#permissions, {
        permission: aiJobSubmitPermission,
        resourceRef: conversionTemplateOf(ref.model),
        credentials,
      });
    });
  }
}
