import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError, toError } from '@backstage/errors';
import type {
  Environment,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import type { RegistryChanges } from '../events/announcement';
import type {
  AppliedDeployment,
  DesiredDeploymentStore,
} from './DesiredDeploymentStore';
import type { GitHost } from './GitHost';
import { manifestPath } from '@greenroom/manifest';
import { type AppliedSpec, specOf, specToApply } from './appliedSpec';
import {
  type ManifestProblem,
  ManifestReader,
  type ManifestReading,
  type RegisteredModels,
  type RegisteredVersions,
} from './ManifestReader';
import { placeKey } from './findAliasConflicts';
import type { People } from './people';

/** What the reconciler needs from the rest of the registry. */
export interface EnvironmentReconcilerOptions {
  environments: Environments;
  gitHost: GitHost;
  deployments: DesiredDeploymentStore;
  changes: RegistryChanges;
  people: People;
  logger: LoggerService;
  versions: RegisteredVersions;
  models: RegisteredModels;
  aliases: {
    /** Points the environment's alias at the version; undefined takes it away. */
    moveByGit(
      tx: Knex.Transaction,
      move: {
        environment: Environment;
        model: string;
        version?: number;
        changedBy: string;
        reason: string;
        promotionId?: string;
      },
    ): Promise<boolean>;
  };
  promotions: {
    findByChangeRequest(
      number: number,
    ): Promise<AttributedPromotion | undefined>;
  };
}

/** As much of a promotion as a deployment tells of it. */
export interface AttributedPromotion {
  id: string;
  kind: 'promotion' | 'rollback';
  requestedBy: string;
  reason: string;
}

type Wanted = AppliedDeployment & { reason: string };

/**
 * Makes the registry agree with the main branch: reads the manifests there, moves
 * the environments' aliases and keeps what should run where.
 *
 * @remarks
 *
 * Level-triggered: it compares states, so it does not matter how many commits it
 * missed, who made them, or how often it runs. A manifest with a problem is not
 * applied; what it said before goes on running, and the problem is kept for people.
 */
export class EnvironmentReconciler {
  readonly #options: EnvironmentReconcilerOptions;
  readonly #manifests: ManifestReader;

  constructor(options: EnvironmentReconcilerOptions) {
    this.#options = options;
    this.#manifests = new ManifestReader(options);
  }

  /** Applies main as it is now; returns the revision that is in force. */
  async reconcile(): Promise<string> {
    const { deployments } = this.#options;
    const applied = await deployments.appliedRevision();
    const revision = await this.#revisionToApply(applied);
    const problems = await deployments.problems();
    // A problem may go away without a commit: when the missing version is registered.
    if (revision === applied && problems.length === 0) return revision;

    const held = await deployments.list();
    const readings = await this.#manifests.read(revision, held);
    const { changed, gone } = await this.#findChanges(readings, revision);
    const lost = await this.#findLost({ gone, applied, revision });
    const stillWrong = readings
      .flatMap(reading => ('problem' in reading ? reading.problem : []))
      .concat(lost);
    const { done, refused } = await this.#apply({
      // What is missing stays missing until somebody puts it back.
      revision: lost.length > 0 ? applied : revision,
      applied,
      wanted: { changed, gone: lost.length > 0 ? [] : gone },
      stillWrong,
    });
    if (!done) return this.reconcile();
    this.#logNewProblems(problems, [...stillWrong, ...refused]);
    return revision;
  }

  /**
   * Main as it was seen last; where that does not continue what is applied, as it is now. Another control
   * plane may have seen more, and what it applied is not taken back for that.
   */
  async #revisionToApply(applied: string | undefined): Promise<string> {
    const { gitHost } = this.#options;
    const revision = await gitHost.mainRevision();
    const isNext =
      applied === undefined ||
      applied === revision ||
      (await gitHost.descendsFrom({ revision, ancestor: applied }));
    return isNext ? revision : gitHost.mainRevision({ fresh: true });
  }

  /**
   * Deployments whose manifests are missing although nobody removed them: main
   * does not continue what was applied before, as after a lost or replaced repository.
   */
  async #findLost(options: {
    gone: Wanted[];
    applied: string | undefined;
    revision: string;
  }): Promise<ManifestProblem[]> {
    const { gone, applied, revision } = options;
    if (gone.length === 0 || applied === undefined) return [];
    const { gitHost } = this.#options;
    if (await gitHost.descendsFrom({ revision, ancestor: applied })) return [];
    return gone.map(deployment => {
      const { environment, model } = deployment;
      const path = manifestPath(deployment);
      const message = `${path}: missing from main, which does not continue commit ${applied.slice(
        0,
        12,
      )} that was applied before: restore the repository from a clone, or put the file back`;
      // Not main as it is now: each commit there would be a new problem.
      return { environment, model, path, message, commit: applied };
    });
  }

  /** Deployments that differ from what is applied, with who changed them, and those that are gone. */
  async #findChanges(
    readings: ManifestReading[],
    revision: string,
  ): Promise<{ changed: Wanted[]; gone: Wanted[] }> {
    const applied = await this.#options.deployments.list();
    const appliedAt = new Map(applied.map(one => [placeKey(one), one]));
    const changed: Wanted[] = [];
    for (const reading of readings) {
      if (!('manifest' in reading)) continue;
      const { name: model, environment } = reading.manifest.metadata;
      const before = appliedAt.get(placeKey({ environment, model }));
      const spec = specToApply(reading.manifest.spec);
      if (!before || !isDeepStrictEqual(spec, specOf(before))) {
        const place = { environment, model };
        changed.push(await this.#attribute({ ...place, ...spec }, revision));
      }
    }
    const present = new Set(
      readings.map(reading =>
        'problem' in reading
          ? placeKey(reading.problem)
          : placeKey({
              ...reading.manifest.metadata,
              model: reading.manifest.metadata.name,
            }),
      ),
    );
    const gone: Wanted[] = [];
    for (const deployment of applied) {
      if (!present.has(placeKey(deployment))) {
        gone.push(await this.#attribute(deployment, revision));
      }
    }
    return { changed, gone };
  }

  /** Finds out which commit said so, and whether a promotion made it. */
  async #attribute(
    deployment: AppliedSpec & { environment: string; model: string },
    revision: string,
  ): Promise<Wanted> {
    const { gitHost, people, promotions } = this.#options;
    const { environment, model } = deployment;
    const what = { environment, model, ...specOf(deployment) };
    const path = manifestPath(deployment);
    const change =
      (await gitHost.lastChange({ path, revision })) ??
      // A merge may drop a file that its own line of history never had.
      (await gitHost.lastChange({ path: '.', revision }));
    if (!change) throw new NotFoundError(`Revision ${revision} has no commit`);
    const number = await gitHost.changeRequestMergedBy(change.revision);
    const promotion =
      number === undefined
        ? undefined
        : await promotions.findByChangeRequest(number);
    const when = { commit: change.revision, changedAt: change.committedAt };
    if (promotion) {
      const { id, kind, requestedBy, reason } = promotion;
      return {
        ...what,
        ...when,
        kind,
        promotionId: id,
        changedBy: requestedBy,
        reason,
      };
    }
    return {
      ...what,
      ...when,
      kind: 'push',
      changedBy: await people.actorOf(change.author),
      reason: `Commit ${change.revision.slice(0, 12)}: ${change.subject}`,
    };
  }

  /**
   * Everything that can be applied at once, with the revision: false when somebody else
   * applied something meanwhile. A change that the tables refuse is a problem of its file.
   */
  async #apply(options: {
    revision: string | undefined;
    applied: string | undefined;
    wanted: { changed: Wanted[]; gone: Wanted[] };
    stillWrong: ManifestProblem[];
  }): Promise<{ done: boolean; refused: ManifestProblem[] }> {
    const { deployments, changes } = this.#options;
    const { revision, applied, wanted, stillWrong } = options;
    const refused: ManifestProblem[] = [];
    const done = await changes.transaction(async tx => {
      if ((await deployments.lockRevision(tx)) !== applied) return false;
      const before = new Map(
        (await deployments.list({}, tx)).map(one => [placeKey(one), one]),
      );
      const applyOne = async (
        deployment: Wanted,
        apply: (savepoint: Knex.Transaction) => Promise<void>,
      ) => {
        const refusal = await this.#tryToApply(tx, deployment, apply);
        if (refusal) refused.push(refusal);
      };
      for (const deployment of wanted.changed) {
        await applyOne(deployment, savepoint =>
          this.#put(savepoint, deployment, before.get(placeKey(deployment))),
        );
      }
      for (const deployment of wanted.gone) {
        await applyOne(deployment, savepoint =>
          this.#remove(savepoint, deployment, before.get(placeKey(deployment))),
        );
      }
      await deployments.replaceProblems(tx, [...stillWrong, ...refused]);
      if (revision) await deployments.setRevision(tx, revision);
      return true;
    });
    return { done, refused };
  }

  async #tryToApply(
    tx: Knex.Transaction,
    deployment: Wanted,
    apply: (savepoint: Knex.Transaction) => Promise<void>,
  ): Promise<ManifestProblem | undefined> {
    const { environment, model, commit } = deployment;
    try {
      await tx.transaction(apply);
      return undefined;
    } catch (error) {
      const path = manifestPath(deployment);
      const message = `${path}: cannot be applied, and will be tried again: ${
        toError(error).message
      }`;
      return { environment, model, path, message, commit };
    }
  }

  async #put(
    tx: Knex.Transaction,
    deployment: Wanted,
    before: AppliedDeployment | undefined,
  ): Promise<void> {
    const ranBefore = whatRanBefore(deployment, before);
    await this.#options.deployments.put(tx, { ...deployment, ranBefore });
    await this.#moveAlias(tx, { before, deployment });
  }

  async #remove(
    tx: Knex.Transaction,
    deployment: Wanted,
    before: AppliedDeployment | undefined,
  ): Promise<void> {
    await this.#options.deployments.remove(tx, deployment);
    await this.#moveAlias(tx, { before, deployment, isGone: true });
  }

  async #moveAlias(
    tx: Knex.Transaction,
    options: {
      before: AppliedDeployment | undefined;
      deployment: Wanted;
      isGone?: boolean;
    },
  ): Promise<void> {
    const { aliases, changes } = this.#options;
    const { before, deployment, isGone = false } = options;
    const { environment, model, version } = deployment;
    const { changedBy, reason, promotionId } = deployment;
    await aliases.moveByGit(tx, {
      environment,
      model,
      version: isGone ? undefined : version,
      changedBy,
      reason,
      promotionId,
    });
    await changes.record(tx, {
      action: isGone ? 'deployment-removed' : 'deployment-changed',
      model,
      environment,
      actor: changedBy,
      before,
      after: isGone ? undefined : deployment,
      announce: [{ type: 'environment-changed', environment, model }],
    });
  }

  #logNewProblems(before: ManifestProblem[], now: ManifestProblem[]): void {
    // The same fault in a later commit is news: somebody tried again.
    const key = ({ commit, message }: ManifestProblem) =>
      `${commit} ${message}`;
    const known = new Set(before.map(key));
    for (const problem of now.filter(p => !known.has(key(p)))) {
      this.#options.logger.warn(
        `A manifest in the environments repository is not applied: ${problem.message}`,
        { commit: problem.commit },
      );
    }
  }
}

/** A new plan for the same version changes nothing about what ran before it. */
function whatRanBefore(
  { version, digest, kind }: Wanted,
  before: AppliedDeployment | undefined,
): AppliedDeployment['ranBefore'] {
  // What was just taken back is no way back.
  if (!before || kind === 'rollback') return undefined;
  return before.version === version && before.digest === digest
    ? before.ranBefore
    : { version: before.version, digest: before.digest };
}
