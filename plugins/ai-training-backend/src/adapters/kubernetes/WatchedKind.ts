import type { LoggerService } from '@backstage/backend-plugin-api';
import { type ClusterClient, ResourceWatch } from '@greenroom/cluster-client';
import type { KubernetesObject } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendAwayError } from '../../backends/TrainingBackend';

/** A watch that ends is resumed within seconds; a cluster that is started anew takes longer. */
const AWAY_MILLIS = 60_000;

export interface WatchOptions {
  client: ClusterClient;
  namespace: string;
  selector: string;
  /** How long the first list is waited for. */
  answerMillis: number;
  /** After so long without a word nothing is known. */
  awayMillis?: number;
  logger: LoggerService;
}

/** Knows all objects of a kind in a namespace that a selector finds, as the cluster tells of them. */
export class WatchedKind<T extends KubernetesObject> {
  readonly #options: WatchOptions;
  readonly #kind: { apiVersion: string; kind: string };
  readonly #watch: ResourceWatch<T>;
  #hasStarted = false;
  #trouble = 'the cluster has not answered yet';
  #waiting: (() => void)[] = [];

  /** @param kind.plural - as it is in paths */
  constructor(
    options: WatchOptions,
    kind: { apiVersion: string; kind: string; plural: string },
  ) {
    this.#options = options;
    this.#kind = kind;
    const { client, namespace, selector, logger } = options;
    const { apiVersion, plural } = kind;
    const root = apiVersion.includes('/') ? 'apis' : 'api';
    this.#watch = new ResourceWatch<T>({
      client,
      apiVersion,
      kind: kind.kind,
      path: `/${root}/${apiVersion}/namespaces/${namespace}/${plural}`,
      namespace,
      selector,
      onChanged: () => {
        this.#waiting.forEach(done => done());
        this.#waiting = [];
      },
      onTrouble: error => {
        this.#trouble = error.message;
        logger.warn(
          `Training in namespace ${namespace} is not told of changes of ${plural}: ${error.message}`,
        );
      },
    });
  }

  /** What was told last, without asking whether it is old. */
  get items(): T[] {
    return this.#watch.items ?? [];
  }

  stop(): void {
    this.#watch.stop();
  }

  /**
   * As they are, by what was told last.
   *
   * @throws BackendAwayError when nothing is known, or what is known is old
   */
  async look(): Promise<T[]> {
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#watch.start();
    }
    await this.#untilListed();
    const { items, refusal, awaySinceMillis } = this.#watch;
    const { awayMillis = AWAY_MILLIS } = this.#options;
    if (refusal !== undefined) throw new BackendAwayError(refusal);
    const isOld =
      awaySinceMillis !== undefined &&
      performance.now() - awaySinceMillis > awayMillis;
    if (!items || isOld) throw new BackendAwayError(this.#trouble);
    return items;
  }

  /**
   * As they are now, whatever was told.
   *
   * @throws ClusterError
   */
  async ask(): Promise<T[]> {
    const { client, namespace, selector } = this.#options;
    const { apiVersion, kind } = this.#kind;
    const { items } = await client.list<T>({
      apiVersion,
      kind,
      namespace,
      selector,
    });
    return items;
  }

  async #untilListed(): Promise<void> {
    if (this.#watch.items) return;
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
}
