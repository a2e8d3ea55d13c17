import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { ServingState } from '../environments/ServingState';
import type { TakeBack } from './takeBack';

/** Looked at in one pass, those looked at longest ago first; the others have their turn in the next one. */
const MOST_AT_ONCE = 50;

/**
 * Follows the rollouts of manifests that somebody pushed, until they have ended: one whose version
 * was judged and taken back gets its way back opened, as a promotion's does.
 */
export class PushFollower {
  readonly #deployments: DesiredDeploymentStore;
  readonly #serving: ServingState;
  readonly #takeBack: TakeBack;
  readonly #logger: LoggerService;

  constructor(options: {
    deployments: DesiredDeploymentStore;
    serving: ServingState;
    takeBack: TakeBack;
    logger: LoggerService;
  }) {
    this.#deployments = options.deployments;
    this.#serving = options.serving;
    this.#takeBack = options.takeBack;
    this.#logger = options.logger;
  }

  async look(signal: AbortSignal): Promise<void> {
    const pushed = await this.#deployments.listUnfollowed(MOST_AT_ONCE);
    for (const deployment of pushed) {
      if (signal.aborted) return;
      await this.#lookAt(deployment);
    }
  }

  async #lookAt(deployment: DesiredDeployment): Promise<void> {
    const { environment, model } = deployment;
    let hasEnded = false;
    try {
      hasEnded = await this.#follow(deployment);
    } catch (error) {
      this.#logger.warn(
        `The rollout of '${model}' in ${environment} could not be followed, and will be looked at again`,
        toError(error),
      );
    }
    await this.#deployments.noteLook(deployment, { hasEnded });
  }

  /** @returns whether there is nothing more to follow */
  async #follow(deployment: DesiredDeployment): Promise<boolean> {
    const { environment, model, version, commit } = deployment;
    const serving = await this.#serving.find({ environment, model });
    if (serving?.commit !== commit) return false;
    // Degraded: it has all traffic, on some data planes; what holds the others is told elsewhere.
    if (serving.state !== 'rejected') {
      return serving.state === 'serving' || serving.state === 'degraded';
    }
    const reason = serving.reason ?? `Version ${version} was taken back`;
    const wayBack = await this.#takeBack(
      { model, environment, version },
      `${reason} (commit ${commit.slice(0, 12)})`,
    );
    this.#logger.info(`${reason}. ${wayBack}`, { environment, model, commit });
    return true;
  }
}
