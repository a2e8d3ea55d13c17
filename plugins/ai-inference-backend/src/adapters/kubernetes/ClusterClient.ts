import {
  ApiException,
  createConfiguration,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type KubernetesListObject,
  PatchStrategy,
  ServerConfiguration,
  Watch,
} from '@kubernetes/client-node';
import { toError } from '@backstage/errors';
import { FIELD_MANAGER, type NamedObject } from './objects';

/** Of one request; a watch is no request. */
const ANSWER_LIMIT_MILLIS = 10_000;
const MOST_MESSAGE_CHARACTERS = 500;
const NOT_FOUND = 404;
const CONFLICT = 409;
const PAGE_SIZE = 500;

/** What the cluster has answered, or that it has not. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** Undefined where there was no answer. */
  readonly statusCode: number | undefined;

  constructor(message: string, statusCode?: number) {
    super(message);
    this.statusCode = statusCode;
  }

  /** Somebody else has set a field that was not to be taken from them. */
  get isConflict(): boolean {
    return this.statusCode === CONFLICT;
  }
}

/** The API server of one cluster. Every answer comes in time, or counts as none. */
export class ClusterClient {
  readonly #config: KubeConfig;
  readonly #objects: KubernetesObjectApi;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.#objects = new KubernetesObjectApi(
      createConfiguration({
        baseServer: new ServerConfiguration(
          config.getCurrentCluster()?.server ?? '',
          {},
        ),
        authMethods: { default: config },
        promiseMiddleware: [
          {
            pre: async context => {
              context.setSignal(AbortSignal.timeout(ANSWER_LIMIT_MILLIS));
              return context;
            },
            post: async context => context,
          },
        ],
      }),
    );
  }

  /** Undefined where there is none. */
  async read(object: NamedObject): Promise<KubernetesObject | undefined> {
    try {
      return await this.#objects.read(object);
    } catch (error) {
      if (statusCodeOf(error) === NOT_FOUND) return undefined;
      throw toClusterError(error);
    }
  }

  /** Makes it what is wanted, as far as that is said. */
  async apply(
    object: NamedObject,
    options: { force: boolean },
  ): Promise<KubernetesObject> {
    try {
      return await this.#objects.patch(
        object,
        undefined,
        undefined,
        FIELD_MANAGER,
        options.force,
        PatchStrategy.ServerSideApply,
      );
    } catch (error) {
      throw toClusterError(error);
    }
  }

  /** Also where there is none. It is there, and says so, until what belongs to it has ended. */
  async remove(
    object: NamedObject,
    options: { dryRun?: boolean } = {},
  ): Promise<void> {
    try {
      await this.#objects.delete(
        object,
        undefined,
        options.dryRun ? 'All' : undefined,
        undefined,
        undefined,
        'Foreground',
      );
    } catch (error) {
      if (statusCodeOf(error) !== NOT_FOUND) throw toClusterError(error);
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
      throw toClusterError(error);
    }
    return { items, resourceVersion: page.metadata?.resourceVersion };
  }

  /**
   * Tells of changes from a version on.
   *
   * @returns what ends it; `onEnd` is called then, too, and once
   */
  async watch(options: {
    path: string;
    selector: string;
    resourceVersion: string | undefined;
    /** The server ends it by itself after so long. */
    seconds: number;
    onEvent(type: string, object: unknown): void;
    onEnd(error: unknown): void;
  }): Promise<AbortController> {
    return await new Watch(this.#config).watch(
      options.path,
      {
        labelSelector: options.selector,
        resourceVersion: options.resourceVersion,
        allowWatchBookmarks: true,
        timeoutSeconds: options.seconds,
      },
      options.onEvent,
      options.onEnd,
    );
  }
}

export function statusCodeOf(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  const { statusCode, code } = Object(error);
  return [statusCode, code].find(value => typeof value === 'number');
}

export function toClusterError(error: unknown): ClusterError {
  if (error instanceof ClusterError) return error;
  if (error instanceof ApiException) {
    return new ClusterError(messageOf(error.body), error.code);
  }
  const { name, message } = toError(error);
  return new ClusterError(
    name === 'AbortError' || name === 'TimeoutError'
      ? `the cluster does not answer within ${
          ANSWER_LIMIT_MILLIS / 1_000
        } seconds`
      : `the cluster cannot be reached: ${message}`,
  );
}

/** What the API server says in words: its answers are objects of kind Status. */
function messageOf(body: unknown): string {
  const parsed: unknown = typeof body === 'string' ? parse(body) : body;
  const { message } = Object(parsed);
  const text = typeof message === 'string' ? message : String(body);
  return text.slice(0, MOST_MESSAGE_CHARACTERS);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
