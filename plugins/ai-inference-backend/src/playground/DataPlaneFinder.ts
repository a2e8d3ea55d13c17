import { setTimeout } from 'node:timers/promises';
import { ServiceUnavailableError } from '@backstage/errors';
import { hasFailed, runsAll } from '../dataPlanes/dataPlane';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import type { EnvironmentService } from '../deployers/EnvironmentService';
import type { DeploymentStore } from '../deployments/DeploymentStore';

/** What somebody tries. */
export interface PlaygroundTarget {
  environment: string;
  model: string;
  /** Left to the deployment's split when undefined. */
  version?: number;
}

export interface DataPlaneFinderOptions {
  dataPlanes: DataPlaneStore;
  deployments: DeploymentStore;
  environments: Pick<EnvironmentService, 'wake'>;
  clock: () => Date;
  /** Longest time to wait for a data plane that slept. */
  wakeMillis: number;
}

/** How often it is looked whether a data plane is awake by now. */
const LOOK_AGAIN_MILLIS = 250;

/** Finds a data plane that runs a model. */
export class DataPlaneFinder {
  readonly #options: DataPlaneFinderOptions;

  constructor(options: DataPlaneFinderOptions) {
    this.#options = options;
  }

  /**
   * The address to ask, once there is one: a data plane that sleeps is woken, and waited for until it
   * has loaded the model.
   *
   * @throws ServiceUnavailableError when no data plane is online in time
   */
  async find(target: PlaygroundTarget, signal: AbortSignal): Promise<string> {
    const { environments, wakeMillis } = this.#options;
    const { environment } = target;
    const deadlineMillis = performance.now() + wakeMillis;
    for (;;) {
      const run = await environments.wake(environment);
      const chosen = await this.#choose(target);
      const isLate = performance.now() >= deadlineMillis;
      if (run.state === 'unmanaged' || isLate) {
        if (chosen) return chosen.publicUrl;
        throw new ServiceUnavailableError(
          run.state === 'unmanaged'
            ? `No data plane of ${environment} is online: start one, or try again in a few seconds`
            : `The data plane of ${environment} was not awake within ${
                wakeMillis / 1_000
              } seconds: try again`,
        );
      }
      if (chosen && chosen.isSettled) return chosen.publicUrl;
      if (run.state === 'failing') {
        throw new ServiceUnavailableError(
          `The data plane of ${environment} does not run: ${run.reason}`,
        );
      }
      await setTimeout(LOOK_AGAIN_MILLIS, undefined, { signal });
    }
  }

  /** Rather one that runs the model already than one that is still loading it. */
  async #choose(
    target: PlaygroundTarget,
  ): Promise<{ publicUrl: string; isSettled: boolean } | undefined> {
    const { environment, model } = target;
    const { dataPlanes, deployments, clock } = this.#options;
    const [seen, [deployment]] = await Promise.all([
      dataPlanes.list({ environment, models: [model], now: clock() }),
      deployments.list({ environment, model }),
    ]);
    const online = seen.filter(dataPlane => dataPlane.online);
    const ready = online.find(dataPlane =>
      runsAll(dataPlane, model, deployment?.split ?? []),
    );
    if (ready) return { publicUrl: ready.publicUrl, isSettled: true };
    const [first] = online;
    // What it answers by now is the answer where it cannot load all of the model.
    return (
      first && {
        publicUrl: first.publicUrl,
        isSettled: hasFailed(first, model),
      }
    );
  }
}
