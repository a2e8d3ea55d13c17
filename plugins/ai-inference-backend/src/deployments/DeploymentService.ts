import type {
  Comparison,
  DataPlaneRun,
  DataPlaneStatus,
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { EnvironmentService } from '../deployers/EnvironmentService';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { neededReady } from '../rollouts/nextRolloutAction';
import type { RolloutRecord } from '../rollouts/rollout';
import { toRollout } from '../rollouts/RolloutService';
import type { RolloutStore } from '../rollouts/RolloutStore';
import type {
  ListedDeprecation,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { DeprecationCopyStore } from '../deprecations/DeprecationCopyStore';
import { describeConvergence } from './convergence';
import type { DeploymentRecord } from './deployment';
import { decodeCursor, encodeCursor } from './deploymentCursor';
import type { DeploymentStore } from './DeploymentStore';
import { servedSplit } from './servedSplit';

export interface DeploymentQuery {
  environment?: string;
  model?: string;
}

export interface DeploymentPageQuery extends DeploymentQuery {
  /** Only these models. */
  models?: string[];
  /** Only those with a running rollout. */
  running?: boolean;
  limit: number;
  /** Out of the page before. */
  cursor?: string;
}

/** What runs where, and how it got there. */
export class DeploymentService {
  readonly #deployments: DeploymentStore;
  readonly #rollouts: RolloutStore;
  readonly #dataPlanes: DataPlaneStore;
  readonly #environments: Pick<EnvironmentService, 'runs'>;
  readonly #deprecations: Pick<DeprecationCopyStore, 'listOf'>;
  readonly #clock: () => Date;
  readonly #quorum: number;

  constructor(options: {
    deployments: DeploymentStore;
    rollouts: RolloutStore;
    dataPlanes: DataPlaneStore;
    environments: Pick<EnvironmentService, 'runs'>;
    deprecationCopies: Pick<DeprecationCopyStore, 'listOf'>;
    clock: () => Date;
    quorum: number;
  }) {
    this.#deployments = options.deployments;
    this.#rollouts = options.rollouts;
    this.#dataPlanes = options.dataPlanes;
    this.#environments = options.environments;
    this.#deprecations = options.deprecationCopies;
    this.#clock = options.clock;
    this.#quorum = options.quorum;
  }

  /** By environment and model. */
  async listDeployments(query: DeploymentPageQuery): Promise<Page<Deployment>> {
    const { cursor, limit, ...filter } = query;
    const { rows, totalItems } = await this.#deployments.listPage({
      ...filter,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const models = [...new Set(page.map(({ model }) => model))];
    const [rollouts, dataPlanes, runs, deprecations] = await Promise.all([
      this.#rollouts.getMany(page.map(({ rolloutId }) => rolloutId)),
      this.#dataPlanes.list({
        models,
        now: this.#clock(),
      }),
      this.#environments.runs(),
      this.#deprecations.listOf(models),
    ]);
    const reports = dataPlanes.map(dataPlane => ({
      dataPlane,
      byModel: groupByModel(dataPlane.models),
    }));
    const items = page.flatMap(deployment => {
      const { environment, model } = deployment;
      const rollout = rollouts.get(deployment.rolloutId);
      // Each deployment looks only at what is said of its model: a page has many of both.
      const seen = reports
        .filter(({ dataPlane }) => dataPlane.environment === environment)
        .map(({ dataPlane, byModel }) => ({
          ...dataPlane,
          models: byModel.get(model) ?? [],
        }));
      return rollout
        ? this.#describe({
            deployment,
            rollout,
            dataPlanes: seen,
            run: runs.get(environment),
            deprecations: deprecations.filter(one => one.model === model),
          })
        : [];
    });
    return {
      items,
      totalItems,
      ...(rows.length > limit && { nextCursor: encodeCursor(page[limit - 1]) }),
    };
  }

  #describe(options: {
    deployment: DeploymentRecord;
    rollout: RolloutRecord;
    dataPlanes: DataPlaneStatus[];
    run: DataPlaneRun | undefined;
    /** Of the model and its versions. */
    deprecations: ListedDeprecation[];
  }): Deployment {
    const { deployment, rollout, dataPlanes, run } = options;
    const { environment, model, split, provenVersion, updatedAt } = deployment;
    const deprecations = options.deprecations.filter(
      ({ version }) =>
        version === undefined ||
        version === rollout.toVersion ||
        split.some(one => one.version === version && one.weightPercent > 0),
    );
    const { outcomes, recentRows, loadingMode, responseCacheMiB } = deployment;
    return {
      environment,
      model,
      wanted: {
        version: rollout.toVersion,
        digest: rollout.toDigest,
        commit: deployment.commit,
        since: rollout.startedAt,
      },
      variants: servedSplit({
        model,
        split,
        // What sleeps does not go on from its last snapshot.
        hasServed:
          provenVersion !== undefined &&
          (run?.state ?? 'running') === 'running',
        dataPlanes,
      }).map(({ version, digest, weightPercent }) => ({
        version,
        digest,
        weightPercent,
      })),
      plannedVariants: split.map(({ version, digest, weightPercent }) => ({
        version,
        digest,
        weightPercent,
      })),
      ...describeConvergence({
        rollout,
        split,
        dataPlanes,
        run,
        changedAt: updatedAt,
        needed: neededReady({ rollout, provenVersion, quorum: this.#quorum }),
        now: this.#clock(),
      }),
      rollout: toRollout(rollout),
      ...(outcomes && { outcomes }),
      ...(recentRows && { recentRows }),
      ...(loadingMode && { loading: { mode: loadingMode } }),
      ...(responseCacheMiB !== undefined && {
        responseCache: { maxMiB: responseCacheMiB },
      }),
      ...(deprecations.length > 0 && { deprecations }),
      updatedAt,
    };
  }

  /** Newest first. */
  async listRollouts(
    query: DeploymentQuery & { limit: number },
  ): Promise<Rollout[]> {
    return (await this.#rollouts.list(query)).map(toRollout);
  }

  /**
   * Versions that are compared, or were.
   *
   * @throws NotFoundError
   */
  getComparison(id: string): Promise<Comparison> {
    return this.#rollouts.getComparison(id);
  }

  /** Data planes of the last ten minutes, those seen last first. */
  listDataPlanes(options: { withModels: boolean }): Promise<DataPlaneStatus[]> {
    return this.#dataPlanes.list({
      ...(options.withModels ? { withSizes: true } : { models: [] }),
      now: this.#clock(),
    });
  }
}

function groupByModel(
  models: DataPlaneStatus['models'],
): Map<string, DataPlaneStatus['models']> {
  const groups = new Map<string, DataPlaneStatus['models']>();
  for (const loaded of models) {
    const group = groups.get(loaded.model);
    if (group) group.push(loaded);
    else groups.set(loaded.model, [loaded]);
  }
  return groups;
}
