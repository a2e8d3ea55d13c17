import {
  ApisApi,
  CoreV1Api,
  type CoreV1Event,
  createConfiguration,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type KubernetesListObject,
  PatchStrategy,
  ServerConfiguration,
  VersionApi,
} from '@kubernetes/client-node';
import { ClusterClock } from './ClusterClock';
import {
  type ClusterError,
  statusCodeOf,
  toClusterError,
  unservedError,
  withServed,
} from './ClusterError';
import { KeptConnections } from './KeptConnections';
import { FIELD_MANAGER, type NamedObject } from './NamedObject';
import { openLog } from './openLog';
import { openWatch, type WatchOptions } from './openWatch';
import { readAnswer } from './readAnswer';

/** Of one request; a watch is no request. */
const ANSWER_MILLIS = 10_000;
/** The server ends a watch after so long, and it is resumed. */
const WATCH_SECONDS = 240;
/** A bookmark is due each minute. */
const SILENT_MILLIS = 90_000;
const NOT_FOUND = 404;
const PAGE_SIZE = 500;

/** The API server of one cluster. Every answer comes in time, or counts as none. */
export class ClusterClient {
  readonly #config: KubeConfig;
  readonly #answerMillis: number;
  readonly #objects: KubernetesObjectApi;
  readonly #core: CoreV1Api;
  readonly #apis: ApisApi;
  readonly #version: VersionApi;
  readonly #clock = new ClusterClock();

  constructor(
    config: KubeConfig,
    { answerMillis = ANSWER_MILLIS }: { answerMillis?: number } = {},
  ) {
    this.#config = config;
    this.#answerMillis = answerMillis;
    const how = createConfiguration({
      baseServer: new ServerConfiguration(
        config.getCurrentCluster()?.server ?? '',
        {},
      ),
      authMethods: { default: new KeptConnections(config) },
      promiseMiddleware: [
        {
          pre: async context => {
            context.setSignal(AbortSignal.timeout(answerMillis));
            return context;
          },
          post: async context => {
            this.#clock.hear(context.headers.date);
            return context;
          },
        },
      ],
    });
    this.#objects = new KubernetesObjectApi(how);
    this.#core = new CoreV1Api(how);
    this.#apis = new ApisApi(how);
    this.#version = new VersionApi(how);
  }

  /**
   * Milliseconds since 1970 by the cluster's clock, to about a second, as its last answer told it; by ours before the first one.
   * What the cluster writes times on is compared with it: our clock may be another.
   */
  get nowMillis(): number {
    return this.#clock.nowMillis;
  }

  /** Undefined where there is none. */
  async read(object: NamedObject): Promise<KubernetesObject | undefined> {
    try {
      return await this.#objects.read(object);
    } catch (error) {
      const isThere =
        statusCodeOf(error) !== NOT_FOUND && !unservedError(error, object);
      if (!isThere) return undefined;
      throw this.#toError(error);
    }
  }

  /** Makes what has no name of its own, such as a question. */
  async create(
    object: KubernetesObject & { spec?: object },
  ): Promise<KubernetesObject> {
    try {
      return await this.#objects.create(object);
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /** Makes it what is wanted, as far as that is said. */
  async apply(
    object: NamedObject,
    options: {
      force: boolean;
      /** As whom; as ourselves where it is left out. */
      manager?: string;
    },
  ): Promise<KubernetesObject> {
    try {
      return await this.#objects.patch(
        object,
        undefined,
        undefined,
        options.manager ?? FIELD_MANAGER,
        options.force,
        PatchStrategy.ServerSideApply,
      );
    } catch (error) {
      const unserved = unservedError(error, object);
      if (!unserved) throw this.#toError(error);
      const group = object.apiVersion.split('/')[0];
      throw withServed(unserved, group, await this.#versionsOf(group));
    }
  }

  /** Of a group of APIs, in which the cluster serves it; undefined where it does not say. */
  async #versionsOf(group: string): Promise<string[] | undefined> {
    try {
      const { groups } = await this.#apis.getAPIVersions();
      const found = groups.find(({ name }) => name === group);
      return found?.versions.map(({ version }) => version) ?? [];
    } catch {
      return undefined;
    }
  }

  /** Also where there is none. A Deployment is there, and says so, until its pods have ended. */
  async remove(
    object: NamedObject,
    options: {
      dryRun?: boolean;
      /** Only where it is still the same one, and not made anew under its name. */
      uid?: string;
      /** Of a pod, instead of its own. */
      graceSeconds?: number;
    } = {},
  ): Promise<void> {
    try {
      // All in the body: where there is one, the API server does not look at the query.
      await this.#objects.delete(
        object,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy:
            object.kind === 'Deployment' ? 'Foreground' : 'Background',
          ...(options.dryRun && { dryRun: ['All'] }),
          ...(options.graceSeconds !== undefined && {
            gracePeriodSeconds: options.graceSeconds,
          }),
          ...(options.uid !== undefined && {
            preconditions: { uid: options.uid },
          }),
        },
      );
    } catch (error) {
      if (statusCodeOf(error) !== NOT_FOUND) throw this.#toError(error);
    }
  }

  /** All of a kind in a namespace that a selector finds, and as of when. */
  async list<T extends KubernetesObject>(options: {
    apiVersion: string;
    kind: string;
    namespace: string;
    selector: string;
  }): Promise<{ items: T[]; resourceVersion: string | undefined }> {
    const { apiVersion, kind, namespace, selector } = options;
    const items: T[] = [];
    let page: KubernetesListObject<T> | undefined;
    try {
      do {
        page = await this.#objects.list<T>(
          apiVersion,
          kind,
          namespace,
          undefined,
          undefined,
          undefined,
          undefined,
          selector,
          PAGE_SIZE,
          page?.metadata?._continue,
        );
        items.push(...page.items);
      } while (page.metadata?._continue);
    } catch (error) {
      throw unservedError(error, options) ?? this.#toError(error);
    }
    return { items, resourceVersion: page.metadata?.resourceVersion };
  }

  /**
   * What is answered at a path, where there is no object with a name: such as what an API of others says besides.
   *
   * @param query - such as `{ limit: '10' }`
   * @throws ClusterError with the status, 404 where nobody serves it
   */
  async readPath(
    path: string,
    query: Record<string, string> = {},
  ): Promise<unknown> {
    try {
      return await readAnswer({
        config: this.#config,
        path,
        query,
        answerMillis: this.#answerMillis,
      });
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /**
   * What the API server says that it is, such as `v1.36.3`.
   *
   * @throws ClusterError
   */
  async version(): Promise<string> {
    try {
      return (await this.#version.getCode()).gitVersion;
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /**
   * All of a kind in the whole cluster, page by page, so that nobody has to keep all of it.
   *
   * @param options.signal - ends it between two pages, with its reason
   * @throws ClusterError
   */
  async *pages<T extends KubernetesObject>(options: {
    apiVersion: string;
    kind: string;
    fieldSelector?: string;
    signal: AbortSignal;
  }): AsyncGenerator<T[], void> {
    const { signal, ...kind } = options;
    let next: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.#page<T>(kind, next);
      yield page.items;
      next = page.metadata?._continue || undefined;
    } while (next !== undefined);
  }

  async #page<T extends KubernetesObject>(
    options: { apiVersion: string; kind: string; fieldSelector?: string },
    token: string | undefined,
  ): Promise<KubernetesListObject<T>> {
    const { apiVersion, kind, fieldSelector } = options;
    try {
      return await this.#objects.list<T>(
        apiVersion,
        kind,
        undefined,
        undefined,
        undefined,
        undefined,
        fieldSelector,
        undefined,
        PAGE_SIZE,
        token,
      );
    } catch (error) {
      throw unservedError(error, options) ?? this.#toError(error);
    }
  }

  /**
   * Events of a namespace, in no order: the cluster knows none.
   *
   * @param most - looked through, about; there may be any number
   */
  async events(
    namespace: string,
    { most }: { most: number },
  ): Promise<{ items: CoreV1Event[]; hasMore: boolean }> {
    const items: CoreV1Event[] = [];
    let next: string | undefined;
    try {
      do {
        const page = await this.#core.listNamespacedEvent({
          namespace,
          limit: PAGE_SIZE,
          _continue: next,
        });
        items.push(...page.items);
        next = page.metadata?._continue || undefined;
      } while (next !== undefined && items.length < most);
    } catch (error) {
      throw this.#toError(error);
    }
    return { items, hasMore: next !== undefined };
  }

  /** What a container has written, of the newest lines the first `limitBytes`. */
  async log(query: {
    namespace: string;
    name: string;
    container: string | undefined;
    tailLines: number;
    limitBytes: number;
    previous: boolean;
  }): Promise<string> {
    try {
      return await this.#core.readNamespacedPodLog(query);
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /**
   * What a container writes, as it writes it, each line with the time at which it was written before it.
   *
   * @param options.since - ISO 8601; earlier lines are left out. Servers look at whole seconds of it
   * @returns bytes as they come; they end in order where the container has ended, or somebody between ends the
   *   connection in order
   * @throws ClusterError when there is no such log, or the connection breaks
   */
  async *followLog(options: {
    namespace: string;
    name: string;
    container: string;
    since: string | undefined;
    /** Ends it, as if the connection broke. */
    signal: AbortSignal;
  }): AsyncGenerator<Buffer, void> {
    const { namespace, name, container, since, signal } = options;
    try {
      yield* openLog({
        config: this.#config,
        path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
        query: {
          container,
          follow: 'true',
          timestamps: 'true',
          sinceTime: since,
        },
        answerMillis: this.#answerMillis,
        signal,
      });
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /**
   * Changes some of what is there, as a merge patch does: null takes a field away.
   *
   * @returns undefined where it is not there
   */
  async merge(
    object: NamedObject & { spec?: object },
  ): Promise<KubernetesObject | undefined> {
    try {
      return await this.#objects.patch(
        object,
        undefined,
        undefined,
        FIELD_MANAGER,
        undefined,
        PatchStrategy.MergePatch,
      );
    } catch (error) {
      if (statusCodeOf(error) === NOT_FOUND) return undefined;
      throw this.#toError(error);
    }
  }

  /**
   * Tells of changes from a version on.
   *
   * @returns what ends it; it also ends by itself, and then `onEnd` is called once
   */
  watch(
    options: Pick<WatchOptions, 'path' | 'onOpen' | 'onEvent'> & {
      onEnd(error: ClusterError | undefined): void;
      selector: string;
      resourceVersion: string | undefined;
    },
  ): () => void {
    const { selector, resourceVersion, onEnd, ...rest } = options;
    return openWatch({
      ...rest,
      config: this.#config,
      query: {
        labelSelector: selector,
        resourceVersion,
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(WATCH_SECONDS),
      },
      answerMillis: this.#answerMillis,
      silentMillis: SILENT_MILLIS,
      onEnd: error => onEnd(error && this.#toError(error)),
    });
  }

  #toError(error: unknown): ClusterError {
    return toClusterError(error, this.#answerMillis);
  }
}
