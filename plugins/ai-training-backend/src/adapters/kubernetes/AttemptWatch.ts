import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { WatchedKind, type WatchOptions } from './WatchedKind';

/** Knows the Jobs and pods of attempts, as the cluster tells of them. */
export class AttemptWatch {
  readonly #jobs: WatchedKind<V1Job>;
  readonly #pods: WatchedKind<V1Pod>;

  constructor(options: WatchOptions) {
    this.#jobs = new WatchedKind(options, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      plural: 'jobs',
    });
    this.#pods = new WatchedKind(options, {
      apiVersion: 'v1',
      kind: 'Pod',
      plural: 'pods',
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
    const [jobs, pods] = await Promise.all([
      this.#jobs.look(),
      this.#pods.look(),
    ]);
    return { jobs, pods };
  }

  /**
   * As they are now, whatever was told.
   *
   * @throws ClusterError
   */
  async ask(): Promise<{ jobs: V1Job[]; pods: V1Pod[] }> {
    // Pods that a Job counts are in a list that is read after it.
    const jobs = await this.#jobs.ask();
    return { jobs, pods: await this.#pods.ask() };
  }

  /** What is known now of one pod, without asking whether it is old. */
  pod(name: string): V1Pod | undefined {
    return this.#pods.items.find(({ metadata }) => metadata?.name === name);
  }
}
