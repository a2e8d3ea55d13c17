import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterClient } from './ClusterClient';
import { type ClusterError, statusCodeOf } from './ClusterError';

const FIRST_PAUSE_MILLIS = 500;
const LONGEST_PAUSE_MILLIS = 15_000;
/** What was asked for is too old to be told of. */
const GONE = 410;
const TOO_MANY = 429;

export interface ResourceWatchOptions {
  client: ClusterClient;
  apiVersion: string;
  kind: string;
  /** Of the list, such as /api/v1/namespaces/models/pods. */
  path: string;
  namespace: string;
  selector: string;
  /** Called when something is another way than before, or the first list has come. */
  onChanged(): void;
  onTrouble(error: ClusterError): void;
}

/**
 * Knows all objects of a kind that a selector finds, as they are now.
 *
 * It lists them, and is told of changes from there on. When a watch ends it goes on from where it
 * was; it lists anew only where the server has forgotten that. While the server is away, what was
 * known last counts.
 */
export class ResourceWatch<T extends KubernetesObject> {
  readonly #options: ResourceWatchOptions;
  #items: Map<string, T> | undefined;
  #resourceVersion: string | undefined;
  #endWatch: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMillis = FIRST_PAUSE_MILLIS;
  #isStopped = false;
  #refusal: string | undefined;
  #awaySinceMillis: number | undefined;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
  }

  /** Undefined before the first list. */
  get items(): T[] | undefined {
    return this.#items && [...this.#items.values()];
  }

  /** What the cluster says why it tells nothing, such as a right that is lacking; undefined while it tells, or is away. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** When the cluster ceased to tell of changes, by `performance.now()`; undefined while it does. */
  get awaySinceMillis(): number | undefined {
    return this.#awaySinceMillis;
  }

  start(): void {
    this.#follow().catch(error => this.#again(error));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#endWatch?.();
  }

  async #follow(): Promise<void> {
    const { client, path, selector } = this.#options;
    if (this.#resourceVersion === undefined) await this.#list();
    if (this.#isStopped) return;
    const startMillis = performance.now();
    this.#endWatch = client.watch({
      path,
      selector,
      resourceVersion: this.#resourceVersion,
      onOpen: () => {
        this.#awaySinceMillis = undefined;
        this.#refusal = undefined;
      },
      onEvent: (type, object) => this.#take(type, object),
      onEnd: error => {
        const tookMillis = performance.now() - startMillis;
        if (tookMillis > LONGEST_PAUSE_MILLIS) {
          this.#pauseMillis = FIRST_PAUSE_MILLIS;
        }
        this.#again(error);
      },
    });
  }

  async #list(): Promise<void> {
    const { client, onChanged } = this.#options;
    const { items, resourceVersion } = await client.list<T>(this.#options);
    this.#items = new Map(items.map(item => [item.metadata?.name ?? '', item]));
    this.#resourceVersion = resourceVersion;
    onChanged();
  }

  /** A list is all that is told where changes are not. */
  #refused(error: ClusterError): void {
    const { statusCode = 0, message } = error;
    const isOfMoment = statusCode < 400 || statusCode >= 500;
    if (isOfMoment || statusCode === TOO_MANY) return;
    this.#resourceVersion = undefined;
    if (statusCode !== GONE) this.#refusal = message;
  }

  #take(type: string, object: unknown): void {
    const item = object as T;
    const { name = '', resourceVersion } = item.metadata ?? {};
    if (type === 'ERROR') {
      if (statusCodeOf(object) === GONE) this.#resourceVersion = undefined;
      return;
    }
    this.#pauseMillis = FIRST_PAUSE_MILLIS;
    this.#resourceVersion = resourceVersion ?? this.#resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.#items?.delete(name);
    else this.#items?.set(name, item);
    this.#options.onChanged();
  }

  /** A watch has ended, or could not begin. */
  #again(error: ClusterError | undefined): void {
    if (this.#isStopped) return;
    if (error) {
      this.#awaySinceMillis ??= performance.now();
      this.#refused(error);
      this.#options.onTrouble(error);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), this.#pauseMillis);
    this.#timer.unref();
    this.#pauseMillis = Math.min(this.#pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}
