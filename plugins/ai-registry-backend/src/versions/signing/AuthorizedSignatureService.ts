import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  type SigningBundle,
  type VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions, ModelService } from '../../models/ModelService';
import type { VersionRef } from '../VersionService';
import type { SignatureService } from './SignatureService';

/** Asks whether the caller may, then delegates: whoever may register versions may sign them. */
export class AuthorizedSignatureService implements SignatureService {
  readonly #signatures: SignatureService;
  readonly #models: ModelService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    signatures: SignatureService;
    /** Asks for the permission to read. */
    models: ModelService;
    permissions: PermissionsService;
  }) {
    this.#signatures = options.signatures;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  async get(ref: VersionRef, options: CallOptions): Promise<SigningBundle> {
    await this.#models.get(ref.model, options);
    return this.#signatures.get(ref, options);
  }

  async put(
    ref: VersionRef,
    bundle: SigningBundle,
    options: CallOptions,
  ): Promise<VersionSigning> {
    await this.#models.get(ref.model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: ref.model,
    });
    return this.#signatures.put(ref, bundle, options);
  }
}
