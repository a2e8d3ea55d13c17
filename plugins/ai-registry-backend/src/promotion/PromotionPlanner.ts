import { InputError } from '@backstage/errors';
import type {
  DesiredDeployment,
  ExperimentPlan,
  ExperimentVariant,
  NewExperimentVariant,
  NewPromotion,
  NewRolloutPlan,
  PromotionPlan,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { checkPlan, parseRolloutPlan } from '@greenroom/manifest';
import type { VersionStore } from '../versions/VersionStore';

export interface PromotionPlannerOptions {
  settings: { defaultRollout: RolloutPlan };
  versions: Pick<VersionStore, 'get'>;
}

/** Makes of what somebody asks for a plan that a manifest can have. */
export class PromotionPlanner {
  readonly #options: PromotionPlannerOptions;

  constructor(options: PromotionPlannerOptions) {
    this.#options = options;
  }

  /**
   * @param now - what the environment runs
   * @throws InputError that names the field
   */
  async plan(
    request: NewPromotion,
    options: { digest: string; now: DesiredDeployment | undefined },
  ): Promise<PromotionPlan> {
    const { analysis, outcomes, version } = request;
    const { digest, now } = options;
    const rollout = request.rollout
      ? parseRolloutPlan(
          await this.#withDigests(request.rollout, request, now),
          'rollout',
        )
      : this.#options.settings.defaultRollout;
    checkPlan(
      {
        rollout,
        analysis: analysis ?? now?.analysis,
        outcomes: outcomes ?? now?.outcomes,
      },
      { version, digest },
    );
    return {
      rollout,
      ...(analysis && { analysis }),
      ...(outcomes && { outcomes }),
    };
  }

  async #withDigests(
    rollout: NewRolloutPlan,
    request: NewPromotion,
    now: DesiredDeployment | undefined,
  ): Promise<NewRolloutPlan> {
    if (rollout.strategy !== 'experiment') return rollout;
    const { control, treatments } = requireExperiment(rollout);
    requireControl(control, request, now);
    return {
      ...rollout,
      control: await this.#named(control, 'control', request.model),
      treatments: await Promise.all(
        treatments.map((treatment, index) =>
          this.#named(treatment, `treatments.${index}`, request.model),
        ),
      ),
    };
  }

  /** The version with the digest that it was registered with. */
  async #named(
    variant: NewExperimentVariant,
    field: string,
    model: string,
  ): Promise<ExperimentVariant> {
    const { digest } = await this.#options.versions.get(model, variant.version);
    if (variant.digest !== undefined && variant.digest !== digest) {
      throw new InputError(
        `rollout.${field}.digest: expected ${digest}, which version ${variant.version} was registered with, got ${variant.digest}: leave it out`,
      );
    }
    return { ...variant, digest };
  }
}

/** A request may lack what only the schema of an experiment asks for. */
function requireExperiment(
  rollout: Partial<ExperimentPlan<NewExperimentVariant>>,
): Pick<ExperimentPlan<NewExperimentVariant>, 'control' | 'treatments'> {
  const { control, treatments } = rollout;
  if (!control) {
    throw new InputError(
      'rollout.control: expected the version that runs now, with its sharePercent',
    );
  }
  if (!treatments) {
    throw new InputError(
      'rollout.treatments: expected the versions that are compared with the control, each with its sharePercent',
    );
  }
  return { control, treatments };
}

/** What is compared is compared with what runs. */
function requireControl(
  control: NewExperimentVariant,
  { environment }: NewPromotion,
  now: DesiredDeployment | undefined,
): void {
  if (!now) {
    throw new InputError(
      `rollout.control: nothing runs in ${environment} yet that versions could be compared with: choose another strategy`,
    );
  }
  if (control.version !== now.version) {
    throw new InputError(
      `rollout.control.version: expected ${now.version}, which ${environment} runs now, got ${control.version}`,
    );
  }
}

/** Versions that a plan gives traffic, besides what runs. */
export function plannedVersions(
  { rollout }: PromotionPlan,
  version: number,
): number[] {
  const others =
    rollout.strategy === 'experiment'
      ? rollout.treatments.map(treatment => treatment.version)
      : [];
  return [...new Set([version, ...others])];
}
