import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { isPermitted, requirePermission, userRefOf } from '@greenroom/ai-node';
import {
  aiModelUpdatePermission,
  aiVersionRegisterPermission,
  trainingJobOf,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { VersionRef, VersionService } from './VersionService';

/**
 * Who may make versions of a model, and change one: who may change the model, and programs that may register versions
 * alone, such as those of training jobs.
 */
export class VersionRights {
  readonly #versions: Pick<VersionService, 'get'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    versions: Pick<VersionService, 'get'>;
    permissions: PermissionsService;
  }) {
    this.#versions = options.versions;
    this.#permissions = options.permissions;
  }

  /** @throws NotAllowedError */
  async requireRegister(model: string, options: CallOptions): Promise<void> {
    if (await this.#mayUpdate(model, options)) return;
    if (await this.#mayRegister(model, options)) return;
    await this.#requireUpdate(model, options);
  }

  /** @throws NotAllowedError */
  async requireChange(ref: VersionRef, options: CallOptions): Promise<void> {
    const { model } = ref;
    if (await this.#mayUpdate(model, options)) return;
    if (!(await this.#mayRegister(model, options))) {
      await this.#requireUpdate(model, options);
    }
    const { version, createdBy } = await this.#versions.get(ref, options);
    if (isSame(createdBy, userRefOf(options.credentials))) return;
    throw new NotAllowedError(
      `You may change versions of model '${model}' that you have registered yourself, and version ${version} was registered by '${createdBy}': that needs the permission '${aiModelUpdatePermission.name}' on '${model}'`,
    );
  }

  async #mayUpdate(model: string, options: CallOptions): Promise<boolean> {
    return isPermitted(this.#permissions, updateOf(model, options));
  }

  async #mayRegister(model: string, options: CallOptions): Promise<boolean> {
    return isPermitted(this.#permissions, {
      ...options,
      permission: aiVersionRegisterPermission,
      resourceRef: model,
    });
  }

  async #requireUpdate(model: string, options: CallOptions): Promise<void> {
    await requirePermission(this.#permissions, updateOf(model, options));
  }
}

function updateOf(model: string, options: CallOptions) {
  return {
    ...options,
    permission: aiModelUpdatePermission,
    resourceRef: model,
  };
}

/** Attempts of a job have a token each. */
function isSame(one: string, other: string): boolean {
  const job = trainingJobOf(one);
  return one === other || (job !== undefined && job === trainingJobOf(other));
}
