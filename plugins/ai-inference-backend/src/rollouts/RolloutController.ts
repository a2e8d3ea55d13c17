import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Knex } from 'knex';
import { forEachConcurrently } from '../concurrency';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { tidyDeployment } from '../deployments/deployment';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import type { InferenceChanges } from '../events/announcement';
import { isSameJson } from '../isSameJson';
import type { AnalysisReader } from './AnalysisReader';
import { advanceRollout } from './applyRolloutAction';
import { isRunning, type RolloutRecord, versionsOf } from './rollout';
import type { RolloutSituation } from './situation';
import { logRollout, rolloutChange } from './rolloutChange';
import type { VersionCopyStore } from '../snapshots/VersionCopyStore';
import type { RolloutStore } from './RolloutStore';

/** Deployments that are moved on at the same time; each takes a database connection. */
const CONCURRENT_STEPS = 4;

export interface RolloutControllerOptions {
  changes: InferenceChanges;
  deployments: DeploymentStore;
  rollouts: RolloutStore;
  dataPlanes: DataPlaneStore;
  versionCopies: VersionCopyStore;
  analyses: Pick<AnalysisReader, 'read'>;
  logger: LoggerService;
  clock: () => Date;
  drainMillis: number;
  /** Data planes on which a version has to be ready before it gets more traffic. */
  quorum: number;
  /** For how long a version is tried that does not load, while the proven one serves; undefined for ever. */
  giveUpMillis?: number;
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

  /** One pass over the deployments that have something due. One that is slow or fails holds up no other. */
  async run(signal: AbortSignal): Promise<void> {
    const { deployments, dataPlanes, clock, logger } = this.#options;
    const due = await deployments.listDue(clock());
    if (due.length === 0) return;
    // Read once a pass, before any lock: a report that arrives meanwhile is for the next one.
    const seen = await dataPlanes.list({
      models: [...new Set(due.map(({ model }) => model))],
      now: clock(),
    });
    const readings = await this.#options.analyses.read(
      due.flatMap(({ comparison }) => comparison ?? []),
      signal,
    );
    await forEachConcurrently(due, CONCURRENT_STEPS, async key => {
      if (signal.aborted) return;
      try {
        await this.#advance(key, {
          dataPlanes: seen.filter(
            ({ environment }) => environment === key.environment,
          ),
          analysis: readings.get(key.comparison ?? ''),
        });
      } catch (error) {
        logger.error(
          `The rollout of '${key.model}' in ${key.environment} could not be moved on and will be tried again`,
          toError(error),
        );
      }
    });
  }

  async #advance(
    key: { environment: string; model: string },
    known: Pick<RolloutSituation, 'dataPlanes' | 'analysis'>,
  ): Promise<void> {
    const { changes, deployments, logger, quorum, giveUpMillis, drainMillis } =
      this.#options;
    const changed = await changes.transaction(async tx => {
      const deployment = await deployments.claim(tx, key, { skipLocked: true });
      if (!deployment || deployment.withdrawnAt !== undefined) return undefined;
      const now = this.#options.clock();
      const before = await this.#options.rollouts.get(deployment.rolloutId, tx);
      const after = (await this.#isServable(tx, before))
        ? advanceRollout({
            rollout: before,
            split: deployment.split,
            provenVersion: deployment.provenVersion,
            ...known,
            quorum,
            giveUpMillis,
            now,
          })
        : undefined;
      const rollout = after?.rollout ?? before;
      const tidied = tidyDeployment(
        {
          rollout,
          deployment: {
            ...deployment,
            split: after?.split ?? deployment.split,
            provenVersion: after?.provenVersion ?? deployment.provenVersion,
            loadAttempt: deployment.loadAttempt + (after?.loadAnew ? 1 : 0),
          },
        },
        { now, drainMillis },
      );
      if (!isSameJson(tidied, deployment)) {
        await deployments.save(tx, { ...tidied, updatedAt: now.toISOString() });
      }
      return rollout === before
        ? undefined
        : this.#save(tx, { before, rollout });
    });
    if (changed) logRollout(logger, changed);
  }

  /** Whether data planes can know of the versions at all; until then the reconciler asks the registry. */
  async #isServable(
    tx: Knex.Transaction,
    rollout: RolloutRecord,
  ): Promise<boolean> {
    return (
      !isRunning(rollout) ||
      this.#options.versionCopies.hasAll(tx, rollout.model, versionsOf(rollout))
    );
  }

  /** @returns the rollout when there is something new to tell of it */
  async #save(
    tx: Knex.Transaction,
    change: { before: RolloutRecord; rollout: RolloutRecord },
  ): Promise<RolloutRecord | undefined> {
    const { before, rollout } = change;
    const { rollouts, changes } = this.#options;
    await rollouts.save(tx, rollout);
    if (rollout.history.at(-1) === before.history.at(-1)) return undefined;
    await changes.record(
      tx,
      rolloutChange({ before, rollout, actor: 'service:ai-inference' }),
    );
    return rollout;
  }
}
