import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { tidyDeployment } from '../deployments/deployment';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import { appendEvent } from '../events/appendEvent';
import { applyRolloutAction, nextRolloutAction } from './rollout';
import {
  type RolloutPublisher,
  toRolloutChangedEvent,
} from './RolloutPublisher';
import type { RolloutStore } from './RolloutStore';

export interface RolloutControllerOptions {
  knex: Knex;
  deployments: DeploymentStore;
  rollouts: RolloutStore;
  dataPlanes: DataPlaneStore;
  publisher: RolloutPublisher;
  logger: LoggerService;
  clock: () => Date;
  drainMillis: number;
}

/**
 * Moves running rollouts on, step by step, and drops versions that have drained.
 *
 * Each step is one transaction under the lock of its deployment: several controllers may
 * run, and one that is killed leaves the step either done or not begun.
 */
export class RolloutController {
  readonly #options: RolloutControllerOptions;

  constructor(options: RolloutControllerOptions) {
    this.#options = options;
  }

  /** One pass over the deployments that have something due. One that fails holds up no other. */
  async run(signal: AbortSignal): Promise<void> {
    const { deployments, clock, logger } = this.#options;
    for (const key of await deployments.listDue(clock())) {
      if (signal.aborted) return;
      try {
        await this.#advance(key);
      } catch (error) {
        logger.error(
          `The rollout of '${key.model}' in ${key.environment} could not be moved on and will be tried again`,
          toError(error),
        );
      }
    }
  }

  async #advance(key: { environment: string; model: string }): Promise<void> {
    const { knex, deployments, rollouts, dataPlanes, publisher } =
      this.#options;
    const changed = await knex.transaction(async tx => {
      const deployment = await deployments.claim(tx, key, { skipLocked: true });
      if (!deployment) return undefined;
      const now = this.#options.clock();
      const rollout = await rollouts.get(deployment.rolloutId, tx);
      const seen = await dataPlanes.list({
        environment: key.environment,
        now,
      });
      const action = nextRolloutAction(rollout, now, seen);
      const after =
        action.kind === 'wait'
          ? { rollout, split: deployment.split }
          : applyRolloutAction({
              rollout,
              split: deployment.split,
              action,
              now,
            });
      const tidied = tidyDeployment(
        {
          rollout: after.rollout,
          deployment: { ...deployment, split: after.split },
        },
        { now, drainMillis: this.#options.drainMillis },
      );
      if (
        action.kind === 'wait' &&
        JSON.stringify(tidied.split) === JSON.stringify(deployment.split)
      ) {
        return undefined;
      }
      await deployments.save(tx, { ...tidied, updatedAt: now.toISOString() });
      if (action.kind === 'wait') return undefined;
      await rollouts.save(tx, after.rollout);
      await appendEvent({
        tx,
        event: {
          at: now.toISOString(),
          actor: 'service:ai-inference',
          type: 'rollout-changed',
          subject: rollout.id,
          payload: { ...toRolloutChangedEvent(after.rollout) },
        },
      });
      return after.rollout;
    });
    if (changed) {
      await publisher.publish([changed]);
    }
  }
}
