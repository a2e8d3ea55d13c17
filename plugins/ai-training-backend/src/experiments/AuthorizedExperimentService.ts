import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  checkEntityRef,
  isPermitted,
  type OwnershipClaims,
  requirePermission,
} from '@greenroom/ai-node';
import {
  aiExperimentCreateForOthersPermission,
  aiExperimentCreatePermission,
  type Experiment,
  type ExperimentChanges,
  type ExperimentPage,
  type ExperimentQuery,
  type NewExperiment,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from './ExperimentGuard';
import type { ExperimentService } from './ExperimentService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedExperimentService implements ExperimentService {
  readonly #experiments: ExperimentService;
  readonly #guard: ExperimentGuard;
  readonly #permissions: PermissionsService;
  readonly #claims: Pick<OwnershipClaims, 'of'>;

  constructor(options: {
    experiments: ExperimentService;
    guard: ExperimentGuard;
    permissions: PermissionsService;
    claims: Pick<OwnershipClaims, 'of'>;
  }) {
    this.#experiments = options.experiments;
    this.#guard = options.guard;
    this.#permissions = options.permissions;
    this.#claims = options.claims;
  }

  async list(
    query: ExperimentQuery,
    options: CallOptions,
  ): Promise<ExperimentPage> {
    const visible = await this.#guard.visible(options);
    return visible === 'nothing'
      ? { items: [] }
      : this.#experiments.list({ ...query, visible }, options);
  }

  async get(id: string, options: CallOptions): Promise<Experiment> {
    await this.#guard.requireRead([id], options);
    return this.#experiments.get(id, options);
  }

  async getByName(name: string, options: CallOptions): Promise<Experiment> {
    const experiment = await this.#experiments.getByName(name, options);
    await this.#guard.requireRead([experiment.id], options);
    return experiment;
  }

  async create(
    experiment: NewExperiment,
    options: CallOptions,
  ): Promise<Experiment> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiExperimentCreatePermission,
    });
    if (experiment.owner !== undefined) {
      await this.#requireBelongingTo(experiment.owner, options);
    }
    return this.#experiments.create(experiment, options);
  }

  async update(
    id: string,
    changes: ExperimentChanges,
    options: CallOptions,
  ): Promise<Experiment> {
    await this.#guard.requireUpdate(id, options);
    if (changes.owner !== undefined) {
      await this.#requireBelongingTo(changes.owner, options);
    }
    return this.#experiments.update(id, changes, options);
  }

  async setTag(
    id: string,
    tag: { key: string; value: string },
    options: CallOptions,
  ): Promise<void> {
    await this.#guard.requireUpdate(id, options);
    return this.#experiments.setTag(id, tag, options);
  }

  async deleteTag(
    id: string,
    key: string,
    options: CallOptions,
  ): Promise<void> {
    await this.#guard.requireUpdate(id, options);
    return this.#experiments.deleteTag(id, key, options);
  }

  async delete(id: string, options: CallOptions): Promise<void> {
    await this.#guard.requireUpdate(id, options);
    return this.#experiments.delete(id, options);
  }

  async restore(id: string, options: CallOptions): Promise<void> {
    await this.#guard.requireUpdate(id, options);
    return this.#experiments.restore(id, options);
  }

  async #requireBelongingTo(
    owner: string,
    options: CallOptions,
  ): Promise<void> {
    const claims = await this.#claims.of(options.credentials);
    if (claims.includes(checkEntityRef('owner', owner))) return;
    const mayForOthers = await isPermitted(this.#permissions, {
      ...options,
      permission: aiExperimentCreateForOthersPermission,
    });
    if (mayForOthers) return;
    throw new NotAllowedError(
      `owner: you do not belong to '${owner}': name yourself or a group that you are a member of, or ask somebody with the permission '${aiExperimentCreateForOthersPermission.name}'`,
    );
  }
}
