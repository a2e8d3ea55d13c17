import { ConflictError, InputError } from '@backstage/errors';
import type {
  Environments,
  NewPromotion,
  NewVersionPolicy,
  Promotion,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { AliasStore } from '../aliases/AliasStore';
import type { CallOptions } from '../models/ModelService';
import { NOT_SERVED_YET } from '../versions/mlflow/notServed';
import type { VersionStore } from '../versions/VersionStore';
import type { PromotionOpener } from './PromotionOpener';
import { plannedVersions, PromotionPlanner } from './PromotionPlanner';
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
  readonly #planner: PromotionPlanner;

  constructor(options: PromotionRequestsOptions) {
    this.#options = options;
    this.#planner = new PromotionPlanner(options);
  }

  async promote(
    request: NewPromotion,
    options: CallOptions,
    { automation }: { automation?: NewVersionPolicy } = {},
  ): Promise<Promotion> {
    const { versions, environments, wanted, opener } = this.#options;
    const { model, version, environment, reason } = request;
    const { promotesFrom, requiredApprovals } = environments.get(environment);
    const { digest, format } = await versions.get(model, version);
    if (format === 'mlflow') {
      throw new InputError(`version: ${NOT_SERVED_YET}`);
    }
    const now = await wanted.find({ model, environment });
    if (now?.version === version && now.digest === digest) {
      throw new ConflictError(await wanted.describe(now));
    }
    const plan = await this.#planner.plan(request, { digest, now });
    if (promotesFrom !== undefined) {
      for (const planned of plannedVersions(plan, version)) {
        await this.#requireToHaveRun({
          model,
          version: planned,
          alias: promotesFrom,
        });
      }
    }
    return opener.open(
      {
        kind: 'promotion',
        model,
        version,
        environment,
        reason,
        fromVersion: now?.version,
        ...plan,
        automation,
        // Its policy was reviewed when the manifest, or the configuration, was.
        requiredApprovals: automation === 'merge' ? 0 : requiredApprovals,
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
