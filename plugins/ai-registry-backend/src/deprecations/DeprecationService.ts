import { NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  type DeprecatedThing,
  type Deprecation,
  describeDeprecated,
  type NewDeprecation,
  type Replacement,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import type { VersionStore } from '../versions/VersionStore';
import { checkDeprecation, type FoundReplacement } from './checkDeprecation';
import type { DeprecationStore } from './DeprecationStore';

/** What can be done about deprecations. All throw a NotFoundError when there is no such model or version. */
export interface DeprecationService {
  /** Deprecates, or changes what is said. Throws an InputError that names the field. */
  put(
    thing: DeprecatedThing,
    deprecation: NewDeprecation,
    options: CallOptions,
  ): Promise<Deprecation>;
  /** Throws a NotFoundError where there is nothing to take back. */
  withdraw(thing: DeprecatedThing, options: CallOptions): Promise<void>;
}

/** Does what it is asked; {@link AuthorizedDeprecationService} asks whether it may. */
export class DefaultDeprecationService implements DeprecationService {
  readonly #deprecations: DeprecationStore;
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #changes: RegistryChanges;
  readonly #clock: () => Date;

  constructor(options: {
    deprecations: DeprecationStore;
    models: ModelStore;
    versions: VersionStore;
    changes: RegistryChanges;
    clock: () => Date;
  }) {
    this.#deprecations = options.deprecations;
    this.#models = options.models;
    this.#versions = options.versions;
    this.#changes = options.changes;
    this.#clock = options.clock;
  }

  async put(
    thing: DeprecatedThing,
    asked: NewDeprecation,
    options: CallOptions,
  ): Promise<Deprecation> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      const { replacement } = asked;
      await this.#lock(tx, thing, replacement);
      await this.#mustExist(tx, thing);
      const before = await this.#deprecations.find(thing, tx);
      const checked = checkDeprecation(asked, {
        thing,
        before,
        found: replacement && (await this.#look(tx, replacement)),
        now: this.#clock(),
      });
      await this.#deprecations.put(tx, thing, {
        ...checked,
        deprecatedBy: actor,
      });
      const after = await this.#deprecations.find(thing, tx);
      if (!after)
        throw new Error('A deprecation is gone that was just written');
      await this.#record(tx, { thing, actor, before, after });
      return after;
    });
  }

  async withdraw(thing: DeprecatedThing, options: CallOptions): Promise<void> {
    const actor = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      await this.#lock(tx, thing);
      await this.#mustExist(tx, thing);
      const before = await this.#deprecations.find(thing, tx);
      if (!before) {
        throw new NotFoundError(
          `There is nothing to take back: ${describeDeprecated(
            thing,
          )} is not deprecated by itself`,
        );
      }
      await this.#deprecations.remove(tx, thing);
      await this.#record(tx, { thing, actor, before });
    });
  }

  /** In the order of the names, so that two that name each other do not wait for each other. */
  async #lock(
    tx: Knex.Transaction,
    thing: DeprecatedThing,
    replacement?: Replacement,
  ): Promise<void> {
    const names = new Set([thing.model, replacement?.model ?? thing.model]);
    for (const name of [...names].sort()) {
      const isThing = name === thing.model;
      const isThere = (await this.#models.getMany([name], tx))[0] !== undefined;
      if (isThing || isThere) await this.#models.lock(tx, name);
    }
  }

  async #mustExist(
    tx: Knex.Transaction,
    { model, version }: DeprecatedThing,
  ): Promise<void> {
    if (version !== undefined) await this.#versions.get(model, version, tx);
  }

  async #look(
    tx: Knex.Transaction,
    { model, version }: Replacement,
  ): Promise<FoundReplacement> {
    const [known] = await this.#models.getMany([model], tx);
    const exists =
      known !== undefined &&
      (version === undefined ||
        (await this.#versions.isDeleted(tx, { model, version })) === false);
    const own =
      version === undefined
        ? undefined
        : await this.#deprecations.find({ model, version }, tx);
    return {
      exists,
      isDeprecated: (own ?? known?.deprecation) !== undefined,
    };
  }

  async #record(
    tx: Knex.Transaction,
    change: {
      thing: DeprecatedThing;
      actor: string;
      before?: Deprecation;
      after?: Deprecation;
    },
  ): Promise<void> {
    const { thing, actor, before, after } = change;
    const { model, version } = thing;
    const of = (deprecation: Deprecation | undefined) =>
      deprecation && { ...(version && { version }), ...deprecation };
    await this.#models.touch(tx, model);
    await this.#changes.record(tx, {
      action: after ? actionOf(thing) : 'deprecation-withdrawn',
      model,
      actor,
      before: of(before),
      after: of(after),
      announce: [
        { type: 'model-changed', model, action: 'deprecation-changed' },
      ],
    });
  }
}

function actionOf({ version }: DeprecatedThing): string {
  return version === undefined ? 'model-deprecated' : 'version-deprecated';
}
