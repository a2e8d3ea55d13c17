import {
  type AiRegistryClient,
  type DesiredDeployment,
  type Environment,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { appendEvent, type DomainEvent } from '../events/appendEvent';
import {
  applyRolloutAction,
  isRunning,
  type RolloutRecord,
  supersedeRollout,
} from '../rollouts/rollout';
import { toRolloutChangedEvent } from '../rollouts/RolloutPublisher';
import type { RolloutStore } from '../rollouts/RolloutStore';
import { findServedVersion } from '../snapshots/findServedVersion';
import type { ServedVersionStore } from '../snapshots/ServedVersionStore';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from './deployment';
import type { DeploymentStore } from './DeploymentStore';

const ACTOR = 'service:ai-inference';

export interface DeploymentChangerOptions {
  registry: AiRegistryClient;
  deployments: DeploymentStore;
  rollouts: RolloutStore;
  servedVersions: ServedVersionStore;
  clock: () => Date;
  drainMillis: number;
}

/** Carries out what a manifest, or its absence, asks of a deployment. */
export class DeploymentChanger {
  readonly #options: DeploymentChangerOptions;

  constructor(options: DeploymentChangerOptions) {
    this.#options = options;
  }

  /** @returns the rollouts that were started or superseded */
  async apply(
    tx: Knex.Transaction,
    desired: DesiredDeployment,
    call: RequestOptions,
  ): Promise<RolloutRecord[]> {
    const current = await this.#current(tx, desired);
    switch (decideDeploymentChange(current, desired).kind) {
      case 'note':
        await this.#note(tx, current as CurrentDeployment, desired);
        return [];
      case 'roll-out':
        return this.#rollOut(tx, current, desired, call);
      default:
        return [];
    }
  }

  /** Ends the deployments of an environment whose manifests are gone. */
  async withdraw(
    tx: Knex.Transaction,
    environment: Environment,
    options: { wanted: Set<string> },
  ): Promise<RolloutRecord[]> {
    const { deployments } = this.#options;
    const superseded: RolloutRecord[] = [];
    for (const key of await deployments.list({ environment }, tx)) {
      const current = await this.#current(tx, key);
      if (!current || options.wanted.has(key.model)) continue;
      await deployments.remove(tx, key);
      if (isRunning(current.rollout)) {
        const ended = supersedeRollout(current.rollout, [], {
          now: this.#options.clock(),
          note: 'The manifest was removed: the model is no longer served',
        });
        await this.#saveRollout(tx, ended, ACTOR);
        superseded.push(ended);
      }
      await this.#append(tx, {
        actor: ACTOR,
        type: 'deployment-withdrawn',
        subject: `${environment}/${key.model}`,
        payload: { version: key.version },
      });
    }
    return superseded;
  }

  async #current(
    tx: Knex.Transaction,
    key: { environment: string; model: string },
  ): Promise<CurrentDeployment | undefined> {
    const { deployments, rollouts } = this.#options;
    const deployment = await deployments.claim(tx, key);
    return (
      deployment && {
        deployment,
        rollout: await rollouts.get(deployment.rolloutId, tx),
      }
    );
  }

  async #note(
    tx: Knex.Transaction,
    { deployment, rollout }: CurrentDeployment,
    { commit, rollbackTo, changedBy, version }: DesiredDeployment,
  ): Promise<void> {
    const { deployments, clock, drainMillis } = this.#options;
    const now = clock();
    const noted = {
      ...deployment,
      commit,
      rollbackTo: rollbackTo?.version,
      updatedAt: now.toISOString(),
    };
    await deployments.save(
      tx,
      tidyDeployment({ deployment: noted, rollout }, { now, drainMillis }),
    );
    await this.#append(tx, {
      actor: changedBy,
      type: 'deployment-noted',
      subject: `${deployment.environment}/${deployment.model}`,
      payload: { commit, version },
    });
  }

  async #rollOut(
    tx: Knex.Transaction,
    current: CurrentDeployment | undefined,
    desired: DesiredDeployment,
    call: RequestOptions,
  ): Promise<RolloutRecord[]> {
    const { registry, deployments, servedVersions, clock } = this.#options;
    const found = await findServedVersion({ registry, desired, call });
    const now = clock();
    const started = startRollout({
      current,
      desired,
      rolloutId: randomUUID(),
      now,
    });
    let { rollout, deployment } = started;
    if ('error' in found) {
      const action = { kind: 'fail', error: found.error } as const;
      const { split } = deployment;
      const failed = applyRolloutAction({ rollout, split, action, now });
      rollout = failed.rollout;
      deployment = { ...deployment, split: failed.split };
    } else {
      await servedVersions.save(tx, found);
    }
    const changed = [
      ...(started.superseded ? [started.superseded] : []),
      rollout,
    ];
    for (const item of changed) {
      await this.#saveRollout(tx, item, desired.changedBy);
    }
    await deployments.save(tx, deployment);
    return changed;
  }

  async #saveRollout(
    tx: Knex.Transaction,
    rollout: RolloutRecord,
    actor: string,
  ): Promise<void> {
    await this.#options.rollouts.save(tx, rollout);
    await this.#append(tx, {
      actor,
      type: 'rollout-changed',
      subject: rollout.id,
      payload: { ...toRolloutChangedEvent(rollout) },
    });
  }

  async #append(
    tx: Knex.Transaction,
    event: Omit<DomainEvent, 'at'>,
  ): Promise<void> {
    const at = this.#options.clock().toISOString();
    await appendEvent({ tx, event: { ...event, at } });
  }
}
