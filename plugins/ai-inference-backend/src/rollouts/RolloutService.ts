import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ConflictError, NotAllowedError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  Rollout,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import {
  type CurrentDeployment,
  tidyDeployment,
} from '../deployments/deployment';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import { withVersion } from '../deployments/trafficSplit';
import type { InferenceChanges } from '../events/announcement';
import { followComparison } from './comparison';
import {
  isRunning,
  type RolloutRecord,
  versionsOf,
  withProblem,
} from './rollout';
import { rolloutChange } from './rolloutChange';
import type { RolloutStore } from './RolloutStore';
import {
  pauseRollout,
  rejectRollout,
  restartRollout,
  resumeRollout,
  skipAnalysis,
  type Steered,
  type Steering,
} from './steer';

export interface SteerOptions {
  credentials: BackstageCredentials;
}

export interface SteerRequest {
  act: SteeringAct;
  /** Needed to skip, to abort, and to restart. */
  reason?: string;
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

  /**
   * Pauses it, has it go on, also without its analysis, takes the version back, or begins anew
   * what was taken back.
   *
   * @throws ConflictError when it is not in a state for that
   * @throws NotAllowedError when who asked for the rollout would skip its analysis
   */
  steer(
    id: string,
    request: SteerRequest,
    options: SteerOptions,
  ): Promise<Rollout>;
}

const ACTS: Record<
  SteeringAct,
  {
    /** In the audit log. */
    action: string;
    apply(steered: Steered, steering: Steering): Steered;
  }
> = {
  pause: { action: 'rollout-paused', apply: pauseRollout },
  resume: { action: 'rollout-resumed', apply: resumeRollout },
  skip: { action: 'rollout-analysis-skipped', apply: skipAnalysis },
  abort: { action: 'rollout-aborted', apply: rejectRollout },
  restart: { action: 'rollout-restarted', apply: restartRollout },
};

export interface RolloutServiceOptions {
  changes: InferenceChanges;
  deployments: DeploymentStore;
  rollouts: RolloutStore;
  clock: () => Date;
  drainMillis: number;
  /** Called when there is something to do at once. */
  onSteered(): void;
}

export class DefaultRolloutService implements RolloutService {
  readonly #options: RolloutServiceOptions;

  constructor(options: RolloutServiceOptions) {
    this.#options = options;
  }

  async get(id: string): Promise<Rollout> {
    return toRollout(await this.#options.rollouts.get(id));
  }

  async retry(id: string, { credentials }: SteerOptions): Promise<Rollout> {
    const { deployments, rollouts, changes } = this.#options;
    return this.#change(id, async (tx, { rollout, deployment, now }) => {
      if (rollout.state.phase === 'rejected') {
        throw new ConflictError(
          `The rollout '${id}' was taken back (${rollout.state.reason}): begin it anew, or promote another version`,
        );
      }
      const at = now.toISOString();
      await deployments.save(tx, {
        ...deployment,
        loadAttempt: deployment.loadAttempt + 1,
        updatedAt: at,
      });
      await changes.record(tx, {
        action: 'rollout-retried',
        actor: userRefOf(credentials),
        model: rollout.model,
        environment: rollout.environment,
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
      await rollouts.save(tx, due);
      return due;
    });
  }

  async steer(
    id: string,
    { act, reason }: SteerRequest,
    { credentials }: SteerOptions,
  ): Promise<Rollout> {
    const { deployments, rollouts, changes, drainMillis } = this.#options;
    const { action, apply } = ACTS[act];
    const by = userRefOf(credentials);
    return this.#change(id, async (tx, { rollout, deployment, now }) => {
      if (act === 'skip' && rollout.requestedBy === by) {
        throw new NotAllowedError(
          `You asked for the rollout '${id}': its analysis is skipped by another reviewer`,
        );
      }
      const { split, provenVersion } = deployment;
      const steered = apply(
        { rollout, split, provenVersion },
        { by, reason, now },
      );
      const after = {
        ...steered,
        rollout: followComparison(steered.rollout, { ...steered, now }),
      };
      await deployments.save(
        tx,
        tidyDeployment(
          {
            rollout: after.rollout,
            deployment: {
              ...deployment,
              split: versionsOf(rollout).reduce(withVersion, after.split),
              updatedAt: now.toISOString(),
            },
          },
          { now, drainMillis },
        ),
      );
      await rollouts.save(tx, after.rollout);
      await changes.record(tx, {
        ...rolloutChange({
          before: rollout,
          rollout: after.rollout,
          actor: by,
        }),
        action,
      });
      return after.rollout;
    });
  }

  /** Under the lock of its deployment, as long as that is still at this rollout. */
  async #change(
    id: string,
    change: (
      tx: Knex.Transaction,
      current: CurrentDeployment & { now: Date },
    ) => Promise<RolloutRecord>,
  ): Promise<Rollout> {
    const { changes, deployments, rollouts, clock, onSteered } = this.#options;
    const { environment, model } = await rollouts.get(id);
    const changed = await changes.transaction(async tx => {
      const deployment = await deployments.claim(tx, { environment, model });
      if (
        deployment?.rolloutId !== id ||
        deployment.withdrawnAt !== undefined
      ) {
        throw new ConflictError(
          `The rollout '${id}' is over: the deployment of '${model}' in ${environment} has a newer one, or has ended`,
        );
      }
      const rollout = await rollouts.get(id, tx);
      return change(tx, { rollout, deployment, now: clock() });
    });
    onSteered();
    return toRollout(changed);
  }
}

/** Leaves out what only the control plane needs to know. */
export function toRollout(record: RolloutRecord): Rollout {
  const {
    toDigest: _toDigest,
    startSplit: _startSplit,
    requestedBy: _requestedBy,
    hasOwnAnalysis: _hasOwnAnalysis,
    firstComparison: _firstComparison,
    analysisSeenAt: _analysisSeenAt,
    ...rollout
  } = record;
  return rollout;
}
