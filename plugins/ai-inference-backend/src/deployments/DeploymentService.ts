import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type {
  DataPlaneStatus,
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import { neededReady } from '../rollouts/nextRolloutAction';
import type { RolloutRecord } from '../rollouts/rollout';
import { toRollout } from '../rollouts/RolloutService';
import type { RolloutStore } from '../rollouts/RolloutStore';
import { describeConvergence } from './convergence';
import type { DeploymentRecord } from './deployment';
import type { DeploymentStore } from './DeploymentStore';
import { servedSplit } from './servedSplit';

export interface DeploymentQuery {
  environment?: string;
  model?: string;
}

export interface ReadOptions {
  credentials: BackstageCredentials;
}

/** What runs where, and how it got there. */
export interface DeploymentService {
  listDeployments(
    query: DeploymentQuery,
    options: ReadOptions,
  ): Promise<Deployment[]>;

  /** Newest first. */
  listRollouts(
    query: DeploymentQuery & { limit: number },
    options: ReadOptions,
  ): Promise<Rollout[]>;

  /** Data planes of the last ten minutes, those seen last first. */
  listDataPlanes(options: ReadOptions): Promise<DataPlaneStatus[]>;
}

export class DefaultDeploymentService implements DeploymentService {
  readonly #deployments: DeploymentStore;
  readonly #rollouts: RolloutStore;
  readonly #dataPlanes: DataPlaneStore;
  readonly #clock: () => Date;
  readonly #quorum: number;

  constructor(options: {
    deployments: DeploymentStore;
    rollouts: RolloutStore;
    dataPlanes: DataPlaneStore;
    clock: () => Date;
    quorum: number;
  }) {
    this.#deployments = options.deployments;
    this.#rollouts = options.rollouts;
    this.#dataPlanes = options.dataPlanes;
    this.#clock = options.clock;
    this.#quorum = options.quorum;
  }

  async listDeployments(query: DeploymentQuery): Promise<Deployment[]> {
    const deployments = await this.#deployments.list(query);
    const [rollouts, dataPlanes] = await Promise.all([
      this.#rollouts.getMany(deployments.map(({ rolloutId }) => rolloutId)),
      this.#dataPlanes.list({ now: this.#clock() }),
    ]);
    return deployments.flatMap(deployment => {
      const rollout = rollouts.get(deployment.rolloutId);
      const seen = dataPlanes.filter(
        ({ environment }) => environment === deployment.environment,
      );
      return rollout
        ? this.#describe({ deployment, rollout, dataPlanes: seen })
        : [];
    });
  }

  #describe(options: {
    deployment: DeploymentRecord;
    rollout: RolloutRecord;
    dataPlanes: DataPlaneStatus[];
  }): Deployment {
    const { deployment, rollout, dataPlanes } = options;
    const { environment, model, split, provenVersion, updatedAt } = deployment;
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
        hasServed: provenVersion !== undefined,
        dataPlanes,
      }).map(({ version, digest, weightPercent }) => ({
        version,
        digest,
        weightPercent,
      })),
      ...describeConvergence({
        rollout,
        split,
        dataPlanes,
        needed: neededReady({ rollout, provenVersion, quorum: this.#quorum }),
        now: this.#clock(),
      }),
      rollout: toRollout(rollout),
      updatedAt,
    };
  }

  async listRollouts(
    query: DeploymentQuery & { limit: number },
  ): Promise<Rollout[]> {
    return (await this.#rollouts.list(query)).map(toRollout);
  }

  listDataPlanes(): Promise<DataPlaneStatus[]> {
    return this.#dataPlanes.list({ now: this.#clock() });
  }
}
