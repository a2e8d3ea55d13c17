import { ConflictError } from '@backstage/errors';
import type {
  Promotion,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { AliasStore } from '../aliases/AliasStore';
import type { CallOptions } from '../models/ModelService';
import type { VersionStore } from '../versions/VersionStore';
import type { PromotionOpener } from './PromotionOpener';
import type { NewRollback } from './PromotionService';
import type { PromotionStore } from './PromotionStore';
import type { WantedState } from './WantedState';

export interface RollbacksOptions {
  store: PromotionStore;
  settings: { rollbackApprovals: number };
  versions: VersionStore;
  /** Knows what ran where: environments are aliases. */
  aliases: AliasStore;
  wanted: WantedState;
  opener: PromotionOpener;
}

const IMMEDIATE: RolloutPlan = { strategy: 'immediate', steps: [] };

/** Goes back to what ran before. */
export class Rollbacks {
  readonly #options: RollbacksOptions;

  constructor(options: RollbacksOptions) {
    this.#options = options;
  }

  async rollBack(
    request: NewRollback,
    options: CallOptions,
  ): Promise<Promotion> {
    const { versions, aliases, wanted, settings, opener } = this.#options;
    const { model, environment, reason } = request;
    const now = await wanted.find({ model, environment });
    const ranBefore = await aliases.versionsOf({ model, alias: environment });
    // What was just taken back is no way back, unless somebody asks for it by number.
    const last =
      now?.kind === 'rollback'
        ? undefined
        : ranBefore.find(candidate => candidate !== now?.version);
    const version = request.version ?? now?.rollbackTo?.version ?? last;
    if (!now || version === undefined) {
      throw new ConflictError(
        `${environment} has no version of '${model}' to go back to: promote the version that should run, or name one that ran there before`,
      );
    }
    if (version === now.version) {
      throw new ConflictError(await wanted.describe(now));
    }
    const { digest } = await versions.get(model, version);
    const isOther =
      version === now.rollbackTo?.version && digest !== now.rollbackTo.digest;
    if (!ranBefore.includes(version) || isOther) {
      throw new ConflictError(
        `Version ${version} of '${model}' never ran in ${environment}: promote it instead of rolling back to it`,
      );
    }
    return opener.open(
      {
        kind: 'rollback',
        model,
        version,
        environment,
        reason,
        fromVersion: now.version,
        rollout: IMMEDIATE,
        rollbackTo: await this.#findNextWayBack(
          { model, environment, version },
          now.version,
        ),
        requiredApprovals: settings.rollbackApprovals,
      },
      options,
    );
  }

  /** What ran before the version that is gone back to; undefined when that is what runs now. */
  async #findNextWayBack(
    place: { model: string; environment: string; version: number },
    runsNow: number,
  ): Promise<{ version: number; digest: string } | undefined> {
    const { store, versions } = this.#options;
    const before = await store.lastMerged(place);
    const previous = before?.fromVersion;
    if (previous === undefined || previous === runsNow) return undefined;
    const { digest } = await versions.get(place.model, previous);
    return { version: previous, digest };
  }
}
