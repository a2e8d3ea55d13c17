import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  isPermitted,
  type OwnershipClaims,
  requirePermission,
  userRefOf,
} from '@greenroom/ai-node';
import {
  aiTemplateReadPermission,
  aiTemplateRegisterForOthersPermission,
  aiTemplateRegisterPermission,
  aiTemplateUpdatePermission,
  type TemplateLocation,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type {
  DefaultTemplateService,
  TemplateService,
} from './TemplateService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedTemplateService implements TemplateService {
  readonly #templates: DefaultTemplateService;
  readonly #permissions: PermissionsService;
  readonly #claims: Pick<OwnershipClaims, 'of'>;

  constructor(options: {
    templates: DefaultTemplateService;
    permissions: PermissionsService;
    claims: Pick<OwnershipClaims, 'of'>;
  }) {
    this.#templates = options.templates;
    this.#permissions = options.permissions;
    this.#claims = options.claims;
  }

  async list(options: CallOptions): Promise<TrainingTemplate[]> {
    await this.#requireRead(options);
    return this.#templates.list();
  }

  async get(name: string, options: CallOptions): Promise<TrainingTemplate> {
    await this.#requireRead(options);
    return this.#templates.get(name);
  }

  async register(
    location: TemplateLocation,
    options: CallOptions,
  ): Promise<TrainingTemplate> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiTemplateRegisterPermission,
    });
    const read = await this.#templates.read(location);
    await this.#requireBelongingTo(read.spec.owner, options);
    return this.#templates.keep(read, location, userRefOf(options.credentials));
  }

  async refresh(name: string, options: CallOptions): Promise<TrainingTemplate> {
    await this.#requireUpdate(name, options);
    return this.#templates.refresh(name, options);
  }

  async delete(name: string, options: CallOptions): Promise<void> {
    await this.#requireUpdate(name, options);
    return this.#templates.delete(name, options);
  }

  async #requireRead(options: CallOptions): Promise<void> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiTemplateReadPermission,
    });
  }

  async #requireUpdate(name: string, options: CallOptions): Promise<void> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiTemplateUpdatePermission,
      resourceRef: name,
    });
  }

  async #requireBelongingTo(
    owner: string,
    options: CallOptions,
  ): Promise<void> {
    const claims = await this.#claims.of(options.credentials);
    if (claims.includes(owner)) return;
    const permission = aiTemplateRegisterForOthersPermission;
    if (await isPermitted(this.#permissions, { ...options, permission })) {
      return;
    }
    throw new NotAllowedError(
      `spec.owner: you do not belong to '${owner}', whose quota its jobs would use: name a group that you belong to, or ask for the permission '${permission.name}'`,
    );
  }
}
