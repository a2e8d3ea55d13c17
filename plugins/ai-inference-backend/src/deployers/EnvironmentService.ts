import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  DataPlaneRun,
  EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';
import type {
  Environments,
  Flavor,
} from '@greenroom/plugin-ai-registry-common';
import type { InferenceChanges } from '../events/announcement';
import type { EnvironmentDataPlaneStore } from './EnvironmentDataPlaneStore';
import { machinesOf } from './machinesOf';

/** A playground asks at each key stroke of a drawing: once in a while is enough. */
const DEMAND_AGAIN_MILLIS = 10_000;

export interface EnvironmentCallOptions {
  credentials: BackstageCredentials;
}

/** The data planes that the control plane runs for environments. */
export class EnvironmentService {
  readonly #environments: Environments;
  readonly #flavors: readonly Flavor[];
  readonly #store: EnvironmentDataPlaneStore;
  readonly #changes: InferenceChanges;
  readonly #clock: () => Date;
  readonly #onAsked: () => void;
  readonly #demandedMillis = new Map<string, number>();

  constructor(options: {
    environments: Environments;
    flavors: readonly Flavor[];
    store: EnvironmentDataPlaneStore;
    changes: InferenceChanges;
    clock: () => Date;
    /** Called when something was asked. */
    onAsked(): void;
  }) {
    this.#environments = options.environments;
    this.#flavors = options.flavors;
    this.#store = options.store;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#onAsked = options.onAsked;
  }

  /** All environments, in the order of promotion. */
  async list(): Promise<EnvironmentDataPlane[]> {
    const runs = await this.runs();
    return this.#environments.all.map(({ name, deployer }) => ({
      environment: name,
      deployer: deployer.kind,
      run: runs.get(name) ?? { state: 'unmanaged' },
      ...machinesOf(deployer, this.#flavors),
    }));
  }

  /** How the data planes are that the control plane runs, by environment. */
  async runs(): Promise<Map<string, DataPlaneRun>> {
    return this.#store.listRuns(
      this.#environments.all
        .filter(({ deployer }) => deployer.kind !== 'none')
        .map(({ name }) => name),
    );
  }

  /**
   * Asks that an environment's data plane runs, or stops. What is asked happens within seconds.
   *
   * @throws ConflictError where whoever runs the portal starts data planes
   */
  async setWanted(
    { environment, wanted }: { environment: string; wanted: boolean },
    { credentials }: EnvironmentCallOptions,
  ): Promise<EnvironmentDataPlane> {
    const { deployer } = this.#environments.get(environment);
    if (deployer.kind === 'none') {
      throw new ConflictError(
        `The data planes of ${environment} are started by whoever runs the portal: give it a deployer in greenroom.environments to start them here`,
      );
    }
    const now = this.#clock();
    const asked = wanted ? 'start' : 'stop';
    await this.#changes.transaction(async tx => {
      if (wanted) await this.#store.demand(environment, now, tx);
      else await this.#store.askToStop(tx, environment, now);
      await this.#changes.record(tx, {
        action: wanted ? 'data-plane-start-asked' : 'data-plane-stop-asked',
        actor: userRefOf(credentials),
        environment,
        after: { wanted },
        announce: [
          {
            type: 'data-plane-changed',
            environment,
            asked,
            at: now.toISOString(),
          },
        ],
      });
    });
    this.#onAsked();
    const all = await this.list();
    return all.find(one => one.environment === environment)!;
  }

  /**
   * Somebody needs a model of the environment now.
   *
   * @returns how its data plane is
   */
  async wake(environment: string): Promise<DataPlaneRun> {
    const run = (await this.runs()).get(environment);
    if (run === undefined) return { state: 'unmanaged' };
    const now = this.#clock();
    const nowMillis = now.getTime();
    const demandedMillis = this.#demandedMillis.get(environment) ?? -Infinity;
    const isRunning = run.state === 'running' || run.state === 'starting';
    if (!isRunning || nowMillis - demandedMillis >= DEMAND_AGAIN_MILLIS) {
      this.#demandedMillis.set(environment, nowMillis);
      await this.#store.demand(environment, now);
      if (!isRunning) this.#onAsked();
    }
    return run;
  }
}
