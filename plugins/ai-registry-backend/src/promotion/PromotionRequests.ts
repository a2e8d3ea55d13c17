import { ConflictError } from '@backstage/errors';
import type {
  Environments,
  NewPromotion,
  Promotion,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { AliasStore } from '../aliases/AliasStore';
import { parseRolloutPlan } from '../manifests';
import type { CallOptions } from '../models/ModelService';
import type { VersionStore } from '../versions/VersionStore';
import type { PromotionOpener } from './PromotionOpener';
import type { WantedState } from './WantedState';

export interface PromotionRequestsOptions {
  environments: Environments;
  settings: { defaultRollout: RolloutPlan };
  versions: VersionStore;
  /** Knows what ran where: environments are aliases. */
  aliases: AliasStore;
  wanted: WantedState;
  opener: PromotionOpener;
}

/** Asks for versions to run in environments. */
export class PromotionRequests {
  readonly #options: PromotionRequestsOptions;

  constructor(options: PromotionRequestsOptions) {
    this.#options = options;
  }

  async promote(
    request: NewPromotion,
    options: CallOptions,
  ): Promise<Promotion> {
    const { versions, environments, wanted, settings, opener } = this.#options;
    const { model, version, environment, reason } = request;
    const { promotesFrom, requiredApprovals } = environments.get(environment);
    const { digest } = await versions.get(model, version);
    if (promotesFrom !== undefined) {
      await this.#requireToHaveRun({ model, version, alias: promotesFrom });
    }
    const now = await wanted.find({ model, environment });
    if (now?.version === version && now.digest === digest) {
      throw new ConflictError(await wanted.describe(now));
    }
    return opener.open(
      {
        kind: 'promotion',
        model,
        version,
        environment,
        reason,
        fromVersion: now?.version,
        rollout: request.rollout
          ? parseRolloutPlan(request.rollout, 'rollout')
          : settings.defaultRollout,
        requiredApprovals,
      },
      options,
    );
  }

  /** Versions go from one environment to the next. */
  async #requireToHaveRun(place: {
    model: string;
    version: number;
    alias: string;
  }): Promise<void> {
    const ran = await this.#options.aliases.versionsOf(place);
    if (ran.includes(place.version)) return;
    throw new ConflictError(
      `Version ${place.version} of '${place.model}' has not run in ${place.alias}: promote it there first`,
    );
  }
}
