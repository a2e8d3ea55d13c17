import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ClusterClient } from '@greenroom/cluster-client';
import type { V1Pod } from '@kubernetes/client-node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttemptLog } from './AttemptLog';
import { attemptName } from './objects/labels';
import type { SeenAttempt } from './SeenAttempt';

/** The logs of all attempts, as files of a folder that goes with this process. */
export class AttemptLogs {
  readonly #options: {
    client: ClusterClient;
    namespace: string;
    /** As the cluster has told of it last; undefined where it is gone. */
    findPod(name: string): V1Pod | undefined;
    logger: LoggerService;
  };
  readonly #logs = new Map<string, AttemptLog>();
  #folder: Promise<string> | undefined;

  constructor(options: {
    client: ClusterClient;
    namespace: string;
    findPod(name: string): V1Pod | undefined;
    logger: LoggerService;
  }) {
    this.#options = options;
  }

  /** Follows what there is to follow of one. */
  async tend({ observed, pods }: SeenAttempt): Promise<AttemptLog> {
    const name = attemptName(observed);
    this.#folder ??= mkdtemp(join(tmpdir(), 'greenroom-training-logs-')).catch(
      error => {
        // A disk that is full now may have room later.
        this.#folder = undefined;
        throw error;
      },
    );
    const folder = join(await this.#folder, name);
    let log = this.#logs.get(name);
    if (!log) {
      const { client, namespace, findPod, logger } = this.#options;
      log = new AttemptLog({
        client,
        namespace,
        folder,
        findPod,
        onTrouble: message => logger.warn(`Training: ${message}`),
      });
      this.#logs.set(name, log);
    }
    await log.tend(pods, observed.state.phase === 'ended');
    return log;
  }

  async remove(name: string): Promise<void> {
    const log = this.#logs.get(name);
    this.#logs.delete(name);
    await log?.remove();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map(log => log.stop()));
    this.#logs.clear();
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined)
      await rm(folder, { recursive: true, force: true });
  }
}
