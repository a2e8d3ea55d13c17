import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type {
  Environments,
  Gate,
  GateId,
} from '@greenroom/plugin-ai-registry-common';
import type { GateStepName, RecordedStep } from '../promotion';
import type { StepContext } from '../steps/PromotionStep';
import { GateConfig } from './GateConfig';
import { newGate } from './newGate';
import type { GateFinding, GateMode, PromotionGate } from './PromotionGate';

/** Which promotions settings are for. */
export interface GatePlace {
  environment: string;
  kind: 'promotion' | 'rollback';
}

/** A gate as it is asked of a promotion. */
export interface ConfiguredGate {
  gate: PromotionGate;
  mode: GateMode;
  check(context: StepContext): Promise<GateFinding>;
}

const FOR_ALL = 'aiRegistry.promotion.gates';

/** Of a gate whose settings leave nothing to ask. */
async function notAsked(): Promise<GateFinding> {
  return {
    status: 'not-asked',
    because: 'Not asked: its settings leave nothing to ask.',
  };
}

/** All gates, with what the configuration says of them in each environment. */
export class Gates {
  readonly all: readonly PromotionGate[];
  readonly #root: Config;
  readonly #environments: Environments;
  /** By environment; `undefined` is one that is not configured any more. */
  readonly #configured: Map<string | undefined, Map<GateId, ConfiguredGate>>;

  /**
   * @param options.all - in the order in which they are asked
   * @throws InputError that names the first setting that is wrong
   */
  constructor(options: {
    root: Config;
    all: readonly PromotionGate[];
    environments: Environments;
  }) {
    this.all = options.all;
    this.#root = options.root;
    this.#environments = options.environments;
    this.#checkNames(options.environments);
    this.#configured = new Map(
      [undefined, ...options.environments.names].map(environment => [
        environment,
        this.#configureAll(environment),
      ]),
    );
  }

  /** The gate of a promotion; undefined for one that there is not, or not any more. */
  find(id: GateId, place: GatePlace): ConfiguredGate | undefined {
    const configured =
      this.#configured.get(place.environment) ??
      this.#configured.get(undefined);
    const found = configured?.get(id);
    return (
      found && { ...found, mode: modeOf(found.gate, found.mode, place.kind) }
    );
  }

  /** What a promotion goes through that is opened now; in order, without what is switched off. */
  planOf(place: GatePlace): {
    steps: RecordedStep<GateStepName>[];
    gates: Gate[];
    verifies: boolean;
  } {
    const asked = this.all.filter(
      ({ id }) => this.find(id, place)?.mode !== 'off',
    );
    return {
      steps: asked.flatMap(({ id, step, prepare }) => [
        ...(prepare ? [newStep(prepare)] : []),
        { ...newStep(step), gate: id },
      ]),
      gates: asked
        .filter(({ isOnDemand }) => !isOnDemand)
        .map(({ id, title }) => newGate({ id, title })),
      verifies:
        place.kind === 'promotion' &&
        this.#environments.find(place.environment)?.verification !== undefined,
    };
  }

  /** Those that nobody overrides. */
  get absolute(): GateId[] {
    return this.all.filter(gate => gate.isAbsolute).map(({ id }) => id);
  }

  /** What is set for a gate in an environment. */
  configOf(id: GateId, environment: string | undefined): GateConfig {
    const own = this.#environmentConfig(environment);
    return new GateConfig([
      ...(own
        ? [
            {
              key: `${own.key}.gates.${id}`,
              config: own.config.getOptionalConfig(`gates.${id}`),
            },
          ]
        : []),
      {
        key: `${FOR_ALL}.${id}`,
        config: this.#root.getOptionalConfig(`${FOR_ALL}.${id}`),
      },
    ]);
  }

  #configureAll(environment: string | undefined): Map<GateId, ConfiguredGate> {
    const place = {
      environment:
        environment === undefined
          ? undefined
          : this.#environments.find(environment),
      key: this.#environmentConfig(environment)?.key ?? FOR_ALL,
    };
    return new Map(
      this.all.map(gate => {
        const config = this.configOf(gate.id, environment);
        const mode = config.mode({
          default: gate.defaultMode,
          isAbsolute: gate.isAbsolute,
        });
        const configured = gate.configure(config, place);
        config.checkNothingElse();
        return [
          gate.id,
          configured
            ? { gate, mode, check: configured.check }
            : { gate, mode: 'off', check: notAsked },
        ];
      }),
    );
  }

  #environmentConfig(
    environment: string | undefined,
  ): { key: string; config: Config } | undefined {
    const all =
      this.#root.getOptionalConfigArray('greenroom.environments') ?? [];
    const index = all.findIndex(
      one => one.getOptionalString('name') === environment,
    );
    return index < 0 || environment === undefined
      ? undefined
      : { key: `greenroom.environments[${index}]`, config: all[index] };
  }

  /** A misspelt gate would not be missed. */
  #checkNames(environments: Environments): void {
    const known = this.all.map(({ id }) => id as string);
    const check = (key: string, config: Config | undefined) => {
      const unknown = config?.keys().find(id => !known.includes(id));
      if (unknown === undefined) return;
      throw new InputError(
        `${key}.${unknown} is no gate: expected one of ${known.join(', ')}`,
      );
    };
    check(FOR_ALL, this.#root.getOptionalConfig(FOR_ALL));
    for (const { name, verification = [] } of environments.all) {
      const missing = verification.find(id => !known.includes(`own:${id}`));
      if (missing !== undefined) {
        throw new InputError(
          `${
            this.#environmentConfig(name)?.key
          }.verification names '${missing}': expected the id of a gate under aiRegistry.promotion.ownGates, or of a module`,
        );
      }
      const own = this.#environmentConfig(name);
      check(`${own?.key}.gates`, own?.config.getOptionalConfig('gates'));
    }
  }
}

function newStep<Name extends string>(step: {
  name: Name;
  title: string;
}): RecordedStep<Name> {
  const { name, title } = step;
  return { name, title, status: 'pending', attempts: 0 };
}

function modeOf(
  { ofRollback }: PromotionGate,
  mode: GateMode,
  kind: GatePlace['kind'],
): GateMode {
  if (kind !== 'rollback' || ofRollback === 'as-set' || mode === 'off') {
    return mode;
  }
  return ofRollback;
}
