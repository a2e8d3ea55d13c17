import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  type AliasChange,
  type Environment,
  type Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import type { VersionStore } from '../versions/VersionStore';
import type { AliasMove, AliasStore, HistoryPage } from './AliasStore';

export interface AliasRef {
  model: string;
  alias: string;
}

/** What can be done with aliases. */
export interface AliasService {
  /** Newest change first, a page at a time. */
  history(
    model: string,
    options: CallOptions & HistoryPage,
  ): Promise<{ items: AliasChange[]; nextCursor?: string }>;
  /**
   * The change that says where the alias points, or pointed at a moment. Throws a
   * NotFoundError when it pointed nowhere then.
   */
  get(
    ref: AliasRef & { at?: Date },
    options: CallOptions,
  ): Promise<AliasChange>;
  /** Points the alias at a version; does nothing when it points there already. */
  set(
    change: AliasRef & { version: number; reason: string },
    options: CallOptions,
  ): Promise<AliasChange>;
  /** Throws a NotFoundError when the alias points nowhere. */
  remove(
    change: AliasRef & { reason: string },
    options: CallOptions,
  ): Promise<void>;
}

/** Does what it is asked; {@link AuthorizedAliasService} asks whether it may. */
export class DefaultAliasService implements AliasService {
  readonly #aliases: AliasStore;
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #changes: RegistryChanges;
  readonly #environments: Environments;

  constructor(options: {
    aliases: AliasStore;
    models: ModelStore;
    versions: VersionStore;
    changes: RegistryChanges;
    environments: Environments;
  }) {
    this.#aliases = options.aliases;
    this.#models = options.models;
    this.#versions = options.versions;
    this.#changes = options.changes;
    this.#environments = options.environments;
  }

  async history(
    model: string,
    page: HistoryPage = {},
  ): Promise<{ items: AliasChange[]; nextCursor?: string }> {
    await this.#models.get(model);
    return this.#aliases.history(model, page);
  }

  async get(ref: AliasRef & { at?: Date }): Promise<AliasChange> {
    await this.#models.get(ref.model);
    const change = await this.#aliases.changeInForce(ref);
    if (change?.version === undefined) {
      const when = ref.at ? ` at ${ref.at.toISOString()}` : '';
      throw new NotFoundError(
        `The alias '${ref.alias}' of model '${ref.model}' points at no version${when}`,
      );
    }
    return change;
  }

  async set(
    change: AliasRef & { version: number; reason: string },
    options: CallOptions,
  ): Promise<AliasChange> {
    this.#refuseEnvironment(change.alias);
    refuseReserved(change.alias);
    const changedBy = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      await this.#move(tx, { ...change, changedBy });
      return (await this.#aliases.changeInForce(change, tx))!;
    });
  }

  async remove(
    change: AliasRef & { reason: string },
    options: CallOptions,
  ): Promise<void> {
    this.#refuseEnvironment(change.alias);
    const { model, alias, reason } = change;
    const changedBy = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      const moved = await this.#move(tx, { model, alias, reason, changedBy });
      if (!moved) {
        throw new NotFoundError(
          `The alias '${alias}' of model '${model}' points at no version`,
        );
      }
    });
  }

  /**
   * Follows a commit on the environments repository: the only way in which an
   * environment's alias moves. Belongs to the caller's transaction and may be
   * repeated; tells whether the alias moved.
   */
  async moveByGit(
    tx: Knex.Transaction,
    move: Omit<AliasMove, 'alias' | 'previousVersion'> & {
      environment: Environment;
    },
  ): Promise<boolean> {
    const { environment, ...rest } = move;
    return this.#move(tx, { ...rest, alias: environment });
  }

  /**
   * Takes the aliases of a version away, or all those of a model, in the transaction that deletes it. None of
   * them is an environment's.
   */
  async removeAll(
    tx: Knex.Transaction,
    removal: {
      model: string;
      aliases: string[];
      changedBy: string;
      reason: string;
    },
  ): Promise<void> {
    const { aliases, ...move } = removal;
    for (const alias of aliases) {
      this.#refuseEnvironment(alias);
      await this.#move(tx, { ...move, alias });
    }
  }

  /** In whatever case: `Production` beside `production` would be taken for it. */
  #refuseEnvironment(alias: string): void {
    const environment = alias.toLowerCase();
    if (this.#environments.has(environment)) {
      throw new NotAllowedError(
        `The alias '${alias}' follows Git: promote a version to ${environment}, or change its manifest in the environments repository`,
      );
    }
  }

  async #move(
    tx: Knex.Transaction,
    move: Omit<AliasMove, 'previousVersion'>,
  ): Promise<boolean> {
    const { model, alias, version } = move;
    await this.#models.lock(tx, model);
    if (version !== undefined) {
      await this.#versions.mustExist(tx, model, version);
    }
    const before = await this.#aliases.changeInForce({ model, alias }, tx);
    if (before?.version === version) return false;
    await this.#aliases.move(tx, {
      ...move,
      previousVersion: before?.version,
    });
    await this.#models.touch(tx, model);
    await this.#changes.record(tx, {
      action: version === undefined ? 'alias-removed' : 'alias-moved',
      model,
      subject: alias,
      actor: move.changedBy,
      before:
        before?.version === undefined
          ? undefined
          : { alias, version: before.version },
      after:
        version === undefined
          ? undefined
          : {
              alias,
              version,
              reason: move.reason,
              promotionId: move.promotionId,
            },
      announce: [{ type: 'model-changed', model, action: 'alias-moved' }],
    });
    return true;
  }
}

/** Names that mean something else already; those that exist from before may be read and taken away. */
function refuseReserved(alias: string): void {
  if (alias.toLowerCase() === 'latest') {
    throw new InputError(
      `alias: '${alias}' means the newest version and never another one: choose a name for what the version is good for, such as champion`,
    );
  }
  if (/^v?[0-9]+$/i.test(alias)) {
    throw new InputError(
      `alias: '${alias}' reads like a version's number: choose a name for what the version is good for, such as champion`,
    );
  }
}
