import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import type { InferenceChanges } from '../events/announcement';
import { isRunning, type RolloutRecord, withProblem } from './rollout';
import type { RolloutStore } from './RolloutStore';

export interface SteerOptions {
  credentials: BackstageCredentials;
}

/** Steers rollouts inside the plan that was approved; where they lead is Git's business. */
export interface RolloutService {
  /** @throws NotFoundError */
  get(id: string): Promise<Rollout>;

  /**
   * Tries at once what would be tried later: data planes load anew, and the registry is asked again.
   *
   * @throws ConflictError when a newer rollout took over, or the model is no longer served
   */
  retry(id: string, options: SteerOptions): Promise<Rollout>;
}

export class DefaultRolloutService implements RolloutService {
  readonly #changes: InferenceChanges;
  readonly #deployments: DeploymentStore;
  readonly #rollouts: RolloutStore;
  readonly #clock: () => Date;
  readonly #onSteered: () => void;

  constructor(options: {
    changes: InferenceChanges;
    deployments: DeploymentStore;
    rollouts: RolloutStore;
    clock: () => Date;
    /** Called when there is something to do at once. */
    onSteered(): void;
  }) {
    this.#changes = options.changes;
    this.#deployments = options.deployments;
    this.#rollouts = options.rollouts;
    this.#clock = options.clock;
    this.#onSteered = options.onSteered;
  }

  async get(id: string): Promise<Rollout> {
    return toRollout(await this.#rollouts.get(id));
  }

  async retry(id: string, { credentials }: SteerOptions): Promise<Rollout> {
    const { environment, model } = await this.#rollouts.get(id);
    const retried = await this.#changes.transaction(async tx => {
      const deployment = await this.#deployments.claim(tx, {
        environment,
        model,
      });
      if (
        deployment?.rolloutId !== id ||
        deployment.withdrawnAt !== undefined
      ) {
        throw new ConflictError(
          `The rollout '${id}' is over: the deployment of '${model}' in ${environment} has a newer one, or has ended`,
        );
      }
      const rollout = await this.#rollouts.get(id, tx);
      if (rollout.state.phase === 'rejected') {
        throw new ConflictError(
          `The rollout '${id}' was rejected (${rollout.state.reason}): a new commit starts it anew`,
        );
      }
      const at = this.#clock().toISOString();
      await this.#deployments.save(tx, {
        ...deployment,
        loadAttempt: deployment.loadAttempt + 1,
        updatedAt: at,
      });
      await this.#changes.record(tx, {
        action: 'rollout-retried',
        actor: userRefOf(credentials),
        model,
        environment,
        subject: id,
        after: { version: rollout.toVersion },
        announce: [],
      });
      if (!isRunning(rollout) || !rollout.state.problem) return rollout;
      const due = {
        ...rollout,
        state: withProblem(rollout.state, {
          ...rollout.state.problem,
          nextTryAt: at,
        }),
      };
      await this.#rollouts.save(tx, due);
      return due;
    });
    this.#onSteered();
    return toRollout(retried);
  }
}

/** Leaves out what only the control plane needs to know. */
export function toRollout(record: RolloutRecord): Rollout {
  const { toDigest: _toDigest, startSplit: _startSplit, ...rollout } = record;
  return rollout;
}
