import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { DataPlaneRun } from '@greenroom/plugin-ai-inference-common';
import { randomUUID } from 'node:crypto';
import { asleep, type AsleepBecause, runOf } from './dataPlaneRun';
import { decideDataPlane } from './decideDataPlane';
import type { Deployer } from './Deployer';
import type {
  EnvironmentDataPlaneStore,
  KeptEnvironment,
} from './EnvironmentDataPlaneStore';

/** Well before a lease of 30 seconds ends. */
const RENEW_AFTER_MILLIS = 5_000;

export interface DataPlaneKeeperOptions {
  store: EnvironmentDataPlaneStore;
  /** By environment; those without a deployer that manages are left out. */
  deployers: Map<string, { deployer: Deployer; idleMillis: number }>;
  logger: LoggerService;
  clock: () => Date;
  /** Called when a data plane is another way than before. */
  onChanged(environment: string): void;
}

/** What this process holds of an environment. */
interface Held {
  takenAtMillis: number;
  /** What was saved last, as JSON. */
  saved: string;
}

/**
 * Looks after the data planes that the control plane runs: starts what is needed, lets sleep what
 * is not. Of several processes one has each environment, by a lease; it stops what it runs itself when
 * it finds that another one has taken over. While the database is away, what runs goes on.
 */
export class DataPlaneKeeper {
  readonly #options: DataPlaneKeeperOptions;
  readonly #id = randomUUID();
  readonly #held = new Map<string, Held>();

  constructor(options: DataPlaneKeeperOptions) {
    this.#options = options;
  }

  /** One pass over all environments. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, deployers, logger } = this.#options;
    const environments = [...deployers.keys()];
    if (environments.length === 0) return;
    for (const kept of await store.list(environments)) {
      if (signal.aborted) return;
      try {
        await this.#keep(kept);
      } catch (error) {
        logger.error(
          `The data plane of ${kept.environment} could not be looked after and will be later`,
          toError(error),
        );
      }
    }
  }

  /** Stops what this process runs, and leaves the environments to others. Called when no pass is under way. */
  async stop(): Promise<void> {
    const { deployers, store, clock } = this.#options;
    const all = new Set([...deployers.values()].map(one => one.deployer));
    await Promise.all([...all].map(deployer => deployer.stop()));
    for (const [environment, { saved }] of this.#held) {
      const goesOn = deployers.get(environment)!.deployer.outlivesControlPlane;
      await store.save({
        environment,
        holder: this.#id,
        run:
          goesOn && saved !== ''
            ? (JSON.parse(saved) as DataPlaneRun)
            : asleep('handed-over', clock()),
        release: true,
      });
    }
    this.#held.clear();
  }

  async #keep(kept: KeptEnvironment): Promise<void> {
    const { clock, deployers } = this.#options;
    const { environment, situation } = kept;
    const { deployer, idleMillis } = deployers.get(environment)!;
    const decision = decideDataPlane({
      ...situation,
      now: clock(),
      idleMillis,
    });
    const because = decision.wanted ? 'idle' : decision.because;
    // What outlives its process is there until somebody has seen it end.
    const mayRun = deployer.outlivesControlPlane && kept.run.state !== 'asleep';
    if (!decision.wanted && !mayRun && !this.#held.has(environment)) {
      await this.#tidy(kept, because);
      return;
    }
    if (!(await this.#take(environment))) {
      await this.#letGo(environment, deployer);
      return;
    }
    const deployed = await deployer.reconcile({
      environment,
      wanted: decision.wanted,
    });
    const run = runOf(deployed, { before: kept.run, because, now: clock() });
    await this.#save(environment, {
      run,
      release: !decision.wanted && deployed.state === 'stopped',
    });
  }

  /** @returns whether this process has the environment */
  async #take(environment: string): Promise<boolean> {
    const held = this.#held.get(environment);
    const nowMillis = performance.now();
    if (held && nowMillis - held.takenAtMillis < RENEW_AFTER_MILLIS) {
      return true;
    }
    if (!(await this.#options.store.take(environment, this.#id))) return false;
    this.#held.set(environment, {
      takenAtMillis: nowMillis,
      saved: held?.saved ?? '',
    });
    return true;
  }

  async #save(
    environment: string,
    { run, release }: { run: DataPlaneRun; release: boolean },
  ): Promise<void> {
    const held = this.#held.get(environment);
    const saved = JSON.stringify(run);
    if (!held || (held.saved === saved && !release)) return;
    const { store, onChanged } = this.#options;
    const isStillHeld = await store.save({
      environment,
      holder: this.#id,
      run,
      release,
    });
    if (!isStillHeld) {
      // Seen at the next pass, by the lease that is not given.
      held.takenAtMillis = Number.NEGATIVE_INFINITY;
      return;
    }
    if (release) this.#held.delete(environment);
    else held.saved = saved;
    onChanged(environment);
  }

  /** Another process has it: what this one still runs is stopped. */
  async #letGo(environment: string, deployer: Deployer): Promise<void> {
    if (!this.#held.has(environment)) return;
    if (deployer.outlivesControlPlane) {
      this.#held.delete(environment);
      return;
    }
    const { state } = await deployer.reconcile({ environment, wanted: false });
    if (state === 'stopped') this.#held.delete(environment);
  }

  /** Says how it is where nobody does any more: its holder has vanished, and its data plane with it. */
  async #tidy(kept: KeptEnvironment, because: AsleepBecause): Promise<void> {
    const { environment, isHeld, run } = kept;
    const { store, clock, onChanged } = this.#options;
    const isRight = run.state === 'asleep' && run.because === because;
    if (isHeld || (isRight && kept.holder === undefined)) return;
    if (!(await store.take(environment, this.#id))) return;
    await store.save({
      environment,
      holder: this.#id,
      run: asleep(because, clock()),
      release: true,
    });
    onChanged(environment);
  }
}
