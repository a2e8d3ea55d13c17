import type { PermissionsService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PermissionCriteria,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import type { ConditionTransformer } from '@backstage/plugin-permission-node';
import { NotAllowedError } from '@backstage/errors';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiExperimentCreatePermission,
  aiExperimentReadPermission,
  aiExperimentUpdatePermission,
  aiRunWritePermission,
  DEFAULT_EXPERIMENT,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { RunConfinement, WriteTarget } from '../jobs/RunConfinement';
import type { OwnerCondition } from '../permissions';
import { type ExperimentStore, isExperimentId } from './ExperimentStore';
import { noExperimentId, unknownExperiment } from './failures';

/** Which experiments somebody sees; undefined: all, `nothing`: none. */
export type VisibleExperiments =
  | PermissionCriteria<OwnerCondition>
  | 'nothing'
  | undefined;

/**
 * Asks what somebody may do with an experiment, and so with all that belongs to it. The experiment that clients use
 * who name none belongs to nobody: whoever may make experiments may write there.
 */
export class ExperimentGuard {
  readonly #permissions: PermissionsService;
  readonly #toCriteria: ConditionTransformer<OwnerCondition>;
  readonly #experiments: Pick<ExperimentStore, 'getMany'>;
  readonly #confinement: Pick<RunConfinement, 'requireOwn'>;

  constructor(options: {
    confinement: Pick<RunConfinement, 'requireOwn'>;
    experiments: Pick<ExperimentStore, 'getMany'>;
    permissions: PermissionsService;
    toCriteria: ConditionTransformer<OwnerCondition>;
  }) {
    this.#confinement = options.confinement;
    this.#experiments = options.experiments;
    this.#permissions = options.permissions;
    this.#toCriteria = options.toCriteria;
  }

  /** Which experiments the caller may read. */
  async visible({ credentials }: CallOptions): Promise<VisibleExperiments> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: aiExperimentReadPermission }],
      { credentials },
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return this.#toCriteria(decision.conditions);
      default:
        return 'nothing';
    }
  }

  /** Those of them that the caller may read. */
  async readable(
    experiments: readonly string[],
    { credentials }: CallOptions,
  ): Promise<string[]> {
    const refs = [...new Set(experiments)];
    if (refs.length === 0) return [];
    const permission = aiExperimentReadPermission;
    const decisions = await this.#permissions.authorize(
      refs.map(resourceRef => ({ permission, resourceRef })),
      { credentials },
    );
    return refs.filter(
      (_, index) => decisions[index].result === AuthorizeResult.ALLOW,
    );
  }

  /**
   * @throws NotAllowedError unless the caller may read all of them
   * @throws NotFoundError when there is no such experiment
   */
  async requireRead(
    experiments: readonly string[],
    { credentials }: CallOptions,
  ): Promise<void> {
    const refs = [...new Set(experiments)];
    if (refs.length === 0) return;
    refs.forEach(checkId);
    const permission = aiExperimentReadPermission;
    const decisions = await this.#permissions.authorize(
      refs.map(resourceRef => ({ permission, resourceRef })),
      { credentials },
    );
    const refused = refs.find(
      (_, index) => decisions[index].result !== AuthorizeResult.ALLOW,
    );
    if (refused === undefined) return;
    await this.#requireExisting(refused);
    throw new NotAllowedError(
      `You need the permission '${permission.name}' on experiment '${refused}': ask its owner or a platform administrator`,
    );
  }

  /**
   * Start runs there, and log to them.
   *
   * @param target - what is written to; left out where it is being made
   */
  async requireWrite(
    experiment: string,
    options: CallOptions,
    target?: WriteTarget,
  ): Promise<void> {
    await this.#require(aiRunWritePermission, experiment, options);
    if (target) await this.#confinement.requireOwn(target, options);
  }

  /** Change it, delete and restore it or its runs. */
  async requireUpdate(experiment: string, options: CallOptions): Promise<void> {
    await this.#require(aiExperimentUpdatePermission, experiment, options);
  }

  async #require(
    permission: ResourcePermission,
    experiment: string,
    { credentials }: CallOptions,
  ): Promise<void> {
    checkId(experiment);
    try {
      await requirePermission(
        this.#permissions,
        experiment === DEFAULT_EXPERIMENT
          ? { credentials, permission: aiExperimentCreatePermission }
          : { credentials, permission, resourceRef: experiment },
      );
    } catch (error) {
      await this.#requireExisting(experiment);
      throw error;
    }
  }

  /** Tells an absent experiment from a forbidden one. */
  async #requireExisting(experiment: string): Promise<void> {
    const [found] = await this.#experiments.getMany([experiment]);
    if (!found) throw unknownExperiment(experiment);
  }
}

function checkId(experiment: string): void {
  if (!isExperimentId(experiment)) throw noExperimentId(experiment);
}
