import type { LoggerService } from '@backstage/backend-plugin-api';
import { type ClusterClient, ResourceWatch } from '@greenroom/cluster-client';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendAwayError } from '../../backends/TrainingBackend';

/** A watch that ends is resumed within seconds; a cluster that is started anew takes longer. */
const AWAY_MILLIS = 60_000;

export interface AttemptWatchOptions {
  client: ClusterClient;
  namespace: string;
  selector: string;
  /** How long the first list is waited for. */
  answerMillis: number;
  awayMillis?: number;
  logger: LoggerService;
}

/** Knows the Jobs and pods of attempts, as the cluster tells of them. */
export class AttemptWatch {
  readonly #options: AttemptWatchOptions;
  readonly #jobs: ResourceWatch<V1Job>;
  readonly #pods: ResourceWatch<V1Pod>;
  #hasStarted = false;
  #trouble = 'the cluster has not answered yet';
  #waiting: (() => void)[] = [];

  constructor(options: AttemptWatchOptions) {
    this.#options = options;
    this.#jobs = this.#watch<V1Job>({
      apiVersion: 'batch/v1',
      kind: 'Job',
      path: `/apis/batch/v1/namespaces/${options.namespace}/jobs`,
    });
    this.#pods = this.#watch<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      path: `/api/v1/namespaces/${options.namespace}/pods`,
    });
  }

  stop(): void {
    this.#jobs.stop();
    this.#pods.stop();
  }

  /**
   * As they are, by what was told last.
   *
   * @throws BackendAwayError when nothing is known, or what is known is old
   */
  async look(): Promise<{ jobs: V1Job[]; pods: V1Pod[] }> {
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#jobs.start();
      this.#pods.start();
    }
    await this.#untilListed();
    for (const { refusal, awaySinceMillis } of [this.#jobs, this.#pods]) {
      if (refusal !== undefined) throw new BackendAwayError(refusal);
      const { awayMillis = AWAY_MILLIS } = this.#options;
      const isOld =
        awaySinceMillis !== undefined &&
        performance.now() - awaySinceMillis > awayMillis;
      if (isOld) throw new BackendAwayError(this.#trouble);
    }
    const { items: jobs } = this.#jobs;
    const { items: pods } = this.#pods;
    if (!jobs || !pods) throw new BackendAwayError(this.#trouble);
    return { jobs, pods };
  }

  /** What is known now of one pod, without asking whether it is old. */
  pod(name: string): V1Pod | undefined {
    return this.#pods.items?.find(({ metadata }) => metadata?.name === name);
  }

  async #untilListed(): Promise<void> {
    if (this.#jobs.items && this.#pods.items) return;
    const listed = new Promise<void>(resolve => {
      this.#waiting.push(resolve);
    });
    const late = new AbortController();
    await Promise.race([
      listed,
      sleep(this.#options.answerMillis, undefined, {
        ref: false,
        signal: late.signal,
      }).catch(() => {}),
    ]);
    late.abort();
  }

  #watch<T extends V1Job | V1Pod>(of: {
    apiVersion: string;
    kind: string;
    path: string;
  }): ResourceWatch<T> {
    const { client, namespace, selector, logger } = this.#options;
    return new ResourceWatch<T>({
      client,
      ...of,
      namespace,
      selector,
      onChanged: () => {
        if (!this.#jobs.items || !this.#pods.items) return;
        this.#waiting.forEach(done => done());
        this.#waiting = [];
      },
      onTrouble: error => {
        this.#trouble = error.message;
        logger.warn(
          `Training in namespace ${namespace} is not told of changes: ${error.message}`,
        );
      },
    });
  }
}
