import type {
  BatchingOptions,
  DataPlaneReport,
  Snapshot,
} from '@greenroom/plugin-ai-inference-common';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import type { KeyStore } from '../keys/KeyStore';
import { buildSnapshot } from './buildSnapshot';
import type { ServedVersionStore } from './ServedVersionStore';

export interface SnapshotServiceOptions {
  deployments: DeploymentStore;
  servedVersions: ServedVersionStore;
  keys: KeyStore;
  dataPlanes: DataPlaneStore;
  batching: BatchingOptions;
  recordedRowsPerSecond: number;
  clock: () => Date;
  /** Called when a data plane tells something new about what it has loaded. */
  onLoadedChanged(): void;
}

/**
 * Answers data planes: takes down what they run and gives them what they should run.
 *
 * Asked every two seconds by each of them, it costs four small queries and no call to
 * another service.
 */
export class SnapshotService {
  readonly #options: SnapshotServiceOptions;

  constructor(options: SnapshotServiceOptions) {
    this.#options = options;
  }

  async exchange(
    environment: string,
    report: DataPlaneReport,
  ): Promise<Snapshot> {
    const { dataPlanes, keys, clock, onLoadedChanged } = this.#options;
    const now = clock();
    const snapshot = await this.#build(environment, now);
    const { changed } = await dataPlanes.record({
      environment,
      report,
      currentSnapshotId: snapshot.id,
      now,
    });
    if (changed) onLoadedChanged();
    if (report.keysUsed?.length) await keys.recordUse(report.keysUsed, now);
    return snapshot;
  }

  async #build(environment: string, now: Date): Promise<Snapshot> {
    const { deployments, servedVersions, keys, batching } = this.#options;
    const [deployed, grants] = await Promise.all([
      deployments.list({ environment }),
      keys.listGrants(now),
    ]);
    const { recordedRowsPerSecond } = this.#options;
    return buildSnapshot({
      environment,
      deployments: deployed,
      versions: await servedVersions.list(deployed.map(({ model }) => model)),
      keys: grants,
      batching,
      recordedRowsPerSecond,
      now,
    });
  }
}
