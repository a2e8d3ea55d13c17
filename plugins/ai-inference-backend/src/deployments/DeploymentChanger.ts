import {
  type AiRegistryClient,
  type DesiredDeployment,
  type Environment,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import type { InferenceChanges } from '../events/announcement';
import { noteProblem } from '../rollouts/applyRolloutAction';
import { analysisFor } from '../rollouts/analysis';
import {
  isRunning,
  problemAfterTry,
  proceed,
  type RolloutRecord,
  supersedeRollout,
  versionsOf,
  withProblem,
} from '../rollouts/rollout';
import { rolloutChange } from '../rollouts/rolloutChange';
import type { RolloutStore } from '../rollouts/RolloutStore';
import {
  findVersionCopy,
  type FoundVersion,
} from '../snapshots/findVersionCopy';
import type { VersionCopyStore } from '../snapshots/VersionCopyStore';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from './deployment';
import type { DeploymentStore } from './DeploymentStore';
import type { TrafficSplit } from './trafficSplit';

const ACTOR = 'service:ai-inference';

export interface DeploymentChangerOptions {
  changes: InferenceChanges;
  registry: AiRegistryClient;
  deployments: DeploymentStore;
  rollouts: RolloutStore;
  versionCopies: VersionCopyStore;
  clock: () => Date;
  drainMillis: number;
}

/** Carries out what a manifest, or its absence, asks of a deployment. */
export class DeploymentChanger {
  readonly #options: DeploymentChangerOptions;

  constructor(options: DeploymentChangerOptions) {
    this.#options = options;
  }

  /**
   * Asks the registry what has to be asked before a transaction begins.
   *
   * @returns the change, which returns the rollouts that were started, superseded or mended
   */
  async prepare(
    desired: DesiredDeployment,
    call: RequestOptions,
    stop: AbortSignal,
  ): Promise<(tx: Knex.Transaction) => Promise<RolloutRecord[]>> {
    const { registry } = this.#options;
    const { model, version, digest, rollout: plan } = desired;
    const named = versionsOf({ toVersion: version, toDigest: digest, plan });
    const found: FoundVersion[] = [];
    for (const item of named) {
      found.push(
        await findVersionCopy({ registry, desired: { model, ...item }, call }),
      );
    }
    stop.throwIfAborted();
    return tx => this.#apply(tx, desired, found);
  }

  /** Ends a deployment whose manifest is gone. */
  async withdraw(
    tx: Knex.Transaction,
    key: { environment: Environment; model: string },
  ): Promise<RolloutRecord[]> {
    const { changes, deployments, clock } = this.#options;
    const current = await this.#current(tx, key);
    if (!current || current.deployment.withdrawnAt !== undefined) return [];
    const { deployment, rollout } = current;
    const now = clock();
    const at = now.toISOString();
    await deployments.save(tx, {
      ...deployment,
      withdrawnAt: at,
      updatedAt: at,
    });
    await changes.record(tx, {
      action: 'deployment-withdrawn',
      actor: ACTOR,
      model: key.model,
      environment: key.environment,
      before: { commit: deployment.commit, version: deployment.version },
      announce: [
        { type: 'deployment-changed', ...key, action: 'withdrawn', at },
      ],
    });
    if (!isRunning(rollout)) return [];
    const ended = supersedeRollout(rollout, [], {
      now,
      note: 'The manifest was removed: the model is no longer served',
    });
    await this.#saveRollout(tx, {
      rollout: ended,
      before: rollout,
      actor: ACTOR,
    });
    return [ended];
  }

  async #apply(
    tx: Knex.Transaction,
    desired: DesiredDeployment,
    found: FoundVersion[],
  ): Promise<RolloutRecord[]> {
    const current = await this.#current(tx, desired);
    switch (decideDeploymentChange(current, desired).kind) {
      case 'note':
        await this.#note(tx, current as CurrentDeployment, desired);
        return this.#takeFacts(tx, {
          ...(current as CurrentDeployment),
          desired,
          found,
        });
      case 'roll-out':
        return this.#rollOut(tx, { current, desired, found });
      default:
        return this.#takeFacts(tx, {
          ...(current as CurrentDeployment),
          desired,
          found,
        });
    }
  }

  /** Where a manifest comes back within the drain time, its deployment goes on from what was proven. */
  async #current(
    tx: Knex.Transaction,
    key: { environment: string; model: string },
  ): Promise<CurrentDeployment | undefined> {
    const { deployments, rollouts, clock, drainMillis } = this.#options;
    const deployment = await deployments.claim(tx, key);
    if (!deployment) return undefined;
    const { withdrawnAt } = deployment;
    if (
      withdrawnAt !== undefined &&
      Date.parse(withdrawnAt) + drainMillis < clock().getTime()
    ) {
      return undefined;
    }
    const rollout = await rollouts.get(deployment.rolloutId, tx);
    return { deployment, rollout };
  }

  async #note(
    tx: Knex.Transaction,
    { deployment, rollout }: CurrentDeployment,
    desired: DesiredDeployment,
  ): Promise<void> {
    const { changes, deployments, clock, drainMillis } = this.#options;
    const { commit, rollbackTo, batching, placement, languageModel } = desired;
    const { changedBy, version, outcomes, recentRows, responseCache } = desired;
    const { loading } = desired;
    const now = clock();
    const noted = {
      ...deployment,
      commit,
      rollbackTo: rollbackTo?.version,
      batchingMode: batching?.mode,
      placementMode: placement?.mode,
      responseCacheMiB: responseCache?.maxMiB,
      loadingMode: loading?.mode,
      languageModel,
      outcomes,
      recentRows,
      updatedAt: now.toISOString(),
    };
    await deployments.save(
      tx,
      tidyDeployment({ deployment: noted, rollout }, { now, drainMillis }),
    );
    await changes.record(tx, {
      action: 'deployment-noted',
      actor: changedBy,
      model: deployment.model,
      environment: deployment.environment,
      before: { commit: deployment.commit, version: deployment.version },
      after: { commit, version },
      announce: [],
    });
  }

  async #rollOut(
    tx: Knex.Transaction,
    options: {
      current: CurrentDeployment | undefined;
      desired: DesiredDeployment;
      found: FoundVersion[];
    },
  ): Promise<RolloutRecord[]> {
    const { current, desired, found } = options;
    const { deployments, versionCopies, clock } = this.#options;
    const now = clock();
    const { deployment, rollout, superseded } = startRollout({
      current,
      desired,
      rolloutId: randomUUID(),
      isExternal: isExternal(found, desired),
      now,
    });
    let started = rollout;
    for (const item of found) {
      if (!('error' in item)) await versionCopies.save(tx, item);
    }
    const error = errorOf(found);
    if (error !== undefined && !(await this.#isKnown(tx, rollout))) {
      started = this.#holdBack(rollout, deployment.split, error);
    }
    const changed = superseded ? [superseded, started] : [started];
    for (const item of changed) {
      await this.#saveRollout(tx, {
        rollout: item,
        before: item === started ? undefined : current?.rollout,
        actor: desired.changedBy,
      });
    }
    await deployments.save(tx, deployment);
    return changed;
  }

  /** What the registry says by now of a version that it did not have before. */
  async #takeFacts(
    tx: Knex.Transaction,
    options: CurrentDeployment & {
      desired: DesiredDeployment;
      found: FoundVersion[];
    },
  ): Promise<RolloutRecord[]> {
    const { deployment, rollout, desired, found } = options;
    const { versionCopies, rollouts, clock } = this.#options;
    // A problem that has nothing to do with the registry is left to the data planes.
    const isKnown = await this.#isKnown(tx, rollout);
    if (isKnown) return [];
    for (const item of found) {
      if (!('error' in item)) await versionCopies.save(tx, item);
    }
    const error = errorOf(found);
    if (error === undefined) {
      if (!isRunning(rollout) || !rollout.state.problem) return [];
      const known = proceed(rollout, deployment.split, {
        at: clock().toISOString(),
        state: withProblem(rollout.state, undefined),
        note: `The registry has version ${rollout.toVersion}: loading`,
      });
      // Only now is it known what runs the version.
      const mended = {
        ...known,
        ...analysisFor(desired, { isExternal: isExternal(found, desired) }),
      };
      await this.#saveRollout(tx, {
        rollout: mended,
        before: rollout,
        actor: ACTOR,
      });
      return [mended];
    }
    if (!isRunning(rollout)) return [];
    const held = this.#holdBack(rollout, deployment.split, error);
    if (rollout.state.problem) {
      await rollouts.save(tx, held);
      return [];
    }
    await this.#saveRollout(tx, {
      rollout: held,
      before: rollout,
      actor: ACTOR,
    });
    return [held];
  }

  /** Whether the facts of all its versions were read before: then going to them does not depend on the registry. */
  async #isKnown(
    tx: Knex.Transaction,
    rollout: RolloutRecord,
  ): Promise<boolean> {
    return this.#options.versionCopies.hasAll(
      tx,
      rollout.model,
      versionsOf(rollout),
    );
  }

  #holdBack(
    rollout: RolloutRecord,
    split: TrafficSplit,
    error: string,
  ): RolloutRecord {
    if (!isRunning(rollout)) return rollout;
    const now = this.#options.clock();
    const problem = problemAfterTry(rollout.state.problem, error, now);
    const at = now.toISOString();
    return noteProblem(rollout, rollout.state, { problem, split, at });
  }

  async #saveRollout(
    tx: Knex.Transaction,
    change: { rollout: RolloutRecord; before?: RolloutRecord; actor: string },
  ): Promise<void> {
    const { rollouts, changes } = this.#options;
    await rollouts.save(tx, change.rollout);
    await changes.record(tx, rolloutChange(change));
  }
}

/** Why one of the versions cannot be served, if one cannot. */
function errorOf(found: FoundVersion[]): string | undefined {
  return found.flatMap(item => ('error' in item ? item.error : [])).at(0);
}

function isExternal(
  found: FoundVersion[],
  { version }: { version: number },
): boolean {
  return found.some(
    item =>
      !('error' in item) &&
      item.version === version &&
      item.external !== undefined,
  );
}
