import { ConflictError, NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  Environments,
  Model,
  ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { DefaultAliasService } from '../aliases/AliasService';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import { plannedVersions } from '../promotion/PromotionPlanner';
import type { PromotionStore } from '../promotion/PromotionStore';
import type { VersionRef } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import { type Uses, whyKept } from './whyKept';

/** What can be hidden and brought back. All throw a NotFoundError when there is no such thing. */
export interface DeletionService {
  /** Throws a ConflictError, which says why, while an environment wants one of its versions. */
  deleteModel(model: string, options: CallOptions): Promise<void>;
  /** Throws a ConflictError when its external name was taken meanwhile. */
  restoreModel(model: string, options: CallOptions): Promise<Model>;
  /** Throws a ConflictError, which says why, while an environment wants it. */
  deleteVersion(ref: VersionRef, options: CallOptions): Promise<void>;
  restoreVersion(ref: VersionRef, options: CallOptions): Promise<ModelVersion>;
}

/** Does what it is asked; {@link AuthorizedDeletionService} asks whether it may. Nothing is thrown away. */
export class DefaultDeletionService implements DeletionService {
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #aliases: Pick<DefaultAliasService, 'removeAll'>;
  readonly #deployments: DesiredDeploymentStore;
  readonly #promotions: PromotionStore;
  readonly #environments: Environments;
  readonly #changes: RegistryChanges;

  constructor(options: {
    models: ModelStore;
    versions: VersionStore;
    aliases: Pick<DefaultAliasService, 'removeAll'>;
    deployments: DesiredDeploymentStore;
    promotions: PromotionStore;
    environments: Environments;
    changes: RegistryChanges;
  }) {
    this.#models = options.models;
    this.#versions = options.versions;
    this.#aliases = options.aliases;
    this.#deployments = options.deployments;
    this.#promotions = options.promotions;
    this.#environments = options.environments;
    this.#changes = options.changes;
  }

  async deleteModel(model: string, options: CallOptions): Promise<void> {
    const actor = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const before = await this.#models.get(model, tx);
      await this.#refuseUsed(tx, before);
      await this.#aliases.removeAll(tx, {
        model,
        aliases: before.aliases.map(({ alias }) => alias),
        changedBy: actor,
        reason: 'The model was deleted.',
      });
      await this.#models.setDeleted(tx, model, actor);
      await this.#changes.record(tx, {
        action: 'model-deleted',
        model,
        actor,
        before,
        announce: [{ type: 'model-changed', model, action: 'deleted' }],
      });
    });
  }

  async restoreModel(model: string, options: CallOptions): Promise<Model> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model, { withDeleted: true });
      const [there] = await this.#models.getMany([model], tx);
      if (there) return there;
      await this.#models.setDeleted(tx, model, undefined);
      const after = await this.#models.get(model, tx);
      await this.#changes.record(tx, {
        action: 'model-restored',
        model,
        actor,
        after,
        announce: [{ type: 'model-changed', model, action: 'created' }],
      });
      return after;
    });
  }

  async deleteVersion(ref: VersionRef, options: CallOptions): Promise<void> {
    const actor = userRefOf(options.credentials);
    const { model, version } = ref;
    await this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      await this.#versions.get(model, version, tx);
      const before = await this.#versions.getSummary(tx, model, version);
      await this.#refuseUsed(tx, await this.#models.get(model, tx), version);
      await this.#aliases.removeAll(tx, {
        model,
        aliases: before.aliases,
        changedBy: actor,
        reason: `Version ${version} was deleted.`,
      });
      await this.#versions.setDeleted(tx, ref, actor);
      await this.#models.touch(tx, model);
      await this.#changes.record(tx, {
        action: 'version-deleted',
        model,
        subject: String(version),
        actor,
        before,
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
    });
  }

  async restoreVersion(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<ModelVersion> {
    const actor = userRefOf(options.credentials);
    const { model, version } = ref;
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const isDeleted = await this.#versions.isDeleted(tx, ref);
      if (isDeleted === undefined) {
        throw new NotFoundError(
          `There is no version ${version} of model '${model}'`,
        );
      }
      if (isDeleted) {
        await this.#versions.setDeleted(tx, ref, undefined);
        await this.#models.touch(tx, model);
      }
      const after = await this.#versions.getSummary(tx, model, version);
      if (isDeleted) {
        await this.#changes.record(tx, {
          action: 'version-restored',
          model,
          subject: String(version),
          actor,
          after,
          announce: [
            { type: 'model-changed', model, action: 'version-changed' },
          ],
        });
      }
      return after;
    });
  }

  /** The caller holds the model's lock, which whoever moves an environment's alias waits for. */
  async #refuseUsed(
    tx: Knex.Transaction,
    { name, aliases }: Model,
    version?: number,
  ): Promise<void> {
    const why = whyKept(await this.#usesOf(tx, name, aliases), {
      version,
      environments: this.#environments,
    });
    if (why) {
      const what =
        version === undefined
          ? `The model '${name}'`
          : `Version ${version} of model '${name}'`;
      throw new ConflictError(`${what} cannot be deleted: ${why}`);
    }
  }

  async #usesOf(
    tx: Knex.Transaction,
    model: string,
    aliases: Model['aliases'],
  ): Promise<Uses> {
    const applied = await this.#deployments.list({ model }, tx);
    const promotions = await this.#promotions.listUnderWay([model]);
    return {
      aliases,
      wanted: applied.map(({ environment, ...deployment }) => ({
        environment,
        versions: [
          ...plannedVersions(deployment, deployment.version),
          ...[deployment.rollbackTo, deployment.ranBefore].flatMap(
            back => back?.version ?? [],
          ),
        ],
      })),
      promotions: promotions.flatMap(promotion =>
        plannedVersions(promotion, promotion.version).map(planned => ({
          id: promotion.id,
          environment: promotion.environment,
          version: planned,
        })),
      ),
    };
  }
}
