import type { KubernetesObject } from '@kubernetes/client-node';
import { type ClusterClient, statusCodeOf } from './ClusterClient';

/** The server ends a watch after so long, and it is resumed. */
const WATCH_SECONDS = 240;
/** One of which nothing was heard for longer hangs. */
const HUNG_MILLIS = (WATCH_SECONDS + 30) * 1_000;
const FIRST_PAUSE_MILLIS = 500;
const LONGEST_PAUSE_MILLIS = 15_000;
/** What was asked for is too old to be told of. */
const GONE = 410;

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
  onTrouble(error: unknown): void;
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
  #watch: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMillis = FIRST_PAUSE_MILLIS;
  #isStopped = false;
  /** How often all were listed. */
  lists = 0;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
  }

  /** Undefined before the first list. */
  get items(): T[] | undefined {
    return this.#items && [...this.#items.values()];
  }

  start(): void {
    this.#follow().catch(error => this.#again(error));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#watch?.abort();
  }

  async #follow(): Promise<void> {
    if (this.#isStopped) return;
    const { client, path, selector } = this.#options;
    if (this.#resourceVersion === undefined) await this.#list();
    if (this.#isStopped) return;
    const watch = await client.watch({
      path,
      selector,
      resourceVersion: this.#resourceVersion,
      seconds: WATCH_SECONDS,
      onEvent: (type, object) => this.#take(type, object),
      onEnd: error => this.#again(error),
    });
    this.#watch = watch;
    if (this.#isStopped) watch.abort();
    if (watch.signal.aborted) return;
    this.#setTimer(HUNG_MILLIS, () => watch.abort());
  }

  async #list(): Promise<void> {
    const { client, onChanged } = this.#options;
    const { items, resourceVersion } = await client.list<T>(this.#options);
    this.lists += 1;
    this.#items = new Map(items.map(item => [item.metadata?.name ?? '', item]));
    this.#resourceVersion = resourceVersion;
    onChanged();
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
  #again(error: unknown): void {
    if (this.#isStopped) return;
    if (error !== undefined && error !== null) {
      if (statusCodeOf(error) === GONE) this.#resourceVersion = undefined;
      this.#options.onTrouble(error);
    }
    this.#setTimer(this.#pauseMillis, () => this.start());
    this.#pauseMillis = Math.min(this.#pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }

  #setTimer(millis: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, millis);
    this.#timer.unref();
  }
}
