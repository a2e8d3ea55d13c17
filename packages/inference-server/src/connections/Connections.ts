import type { Connection as Wanted } from '@greenroom/plugin-ai-inference-common';
import { errorMessage } from '../errors';
import type { ConnectionParts } from '../providers/ConnectionParts';
import type { ProviderKind } from '../providers/Provider';
import { Connection, type RetryObserver } from './Connection';
import { UpstreamService, type CallObserver } from './UpstreamService';

/** Counts what connections do. */
export interface ConnectionObserver {
  onCall: CallObserver;
  onRetry: RetryObserver;
}

/** A connection in use, until it is given back. */
export interface ConnectionLease {
  readonly connection: Connection;
  release(): Promise<void>;
}

interface Shared<T> {
  value: T;
  users: number;
  /** Nobody uses it any more. */
  close(): Promise<void>;
}

/** Something that is shared, until it is given back. */
interface Lease<T> {
  value: T;
  release(): Promise<void>;
}

/**
 * The connections that loaded versions use: each is made once, and closed when nobody uses it any
 * more. So are their upstreams: a check and a call speak with the same one.
 */
export class Connections {
  readonly #kinds: ReadonlyMap<string, ProviderKind>;
  readonly #parts: Omit<ConnectionParts, 'name'>;
  readonly #observer: ConnectionObserver;
  readonly #connections = new Map<string, Shared<Connection>>();
  readonly #services = new Map<string, Shared<UpstreamService>>();

  constructor(
    options: Omit<ConnectionParts, 'name'> & {
      kinds: readonly ProviderKind[];
      observer?: ConnectionObserver;
    },
  ) {
    const { kinds, observer, ...parts } = options;
    this.#kinds = new Map(kinds.map(kind => [kind.kind, kind]));
    this.#parts = parts;
    this.#observer = observer ?? { onCall: () => {}, onRetry: () => {} };
  }

  /** The upstreams of all connections in use. */
  get services(): UpstreamService[] {
    return [...this.#services.values()].map(({ value }) => value);
  }

  /**
   * @param name - what the version calls it
   * @param wanted - what that is in this environment
   * @throws Error that says what is missing or wrong, and where to mend it
   */
  take(name: string, wanted: Wanted | undefined): ConnectionLease {
    if (wanted === undefined) {
      throw new Error(
        `this environment has no connection "${name}": add it under greenroom.environments[].connections`,
      );
    }
    const { value, release } = share(this.#connections, wanted, () =>
      this.#connect(wanted),
    );
    return { connection: value, release };
  }

  #connect(wanted: Wanted): Omit<Shared<Connection>, 'users'> {
    const { name, upstreams = [{ ...wanted, weight: 1 }] } = wanted;
    const leases: (Lease<UpstreamService> & { weight: number })[] = [];
    const close = async () => {
      await Promise.all(leases.map(lease => lease.release()));
    };
    try {
      for (const { weight, name: of, kind, settings } of upstreams) {
        const one = { name: of, kind, settings };
        const lease = share(this.#services, one, () => this.#open(one));
        leases.push({ ...lease, weight });
      }
    } catch (error) {
      void close();
      throw error;
    }
    const connection = new Connection({
      name,
      upstreams: leases.map(({ value, weight }) => ({
        service: value,
        weight,
      })),
      secrets: this.#parts.secrets,
      onRetry: this.#observer.onRetry,
    });
    return { value: connection, close };
  }

  #open({
    name,
    kind,
    settings,
  }: Wanted): Omit<Shared<UpstreamService>, 'users'> {
    const provider = this.#kinds.get(kind);
    if (provider === undefined) {
      throw new Error(
        `the connection "${name}" is of the kind "${kind}": expected one of ${[
          ...this.#kinds.keys(),
        ].join(', ')}`,
      );
    }
    const parsed = provider.settings.safeParse(settings);
    if (!parsed.success) {
      throw new Error(
        `the connection "${name}" cannot be used: ${parsed.error.issues
          .map(issue => `${issue.path.join('.') || kind}: ${issue.message}`)
          .join('; ')}`,
      );
    }
    const service = new UpstreamService({
      name,
      kind,
      provider: provider.connect(parsed.data, { name, ...this.#parts }),
      upstream: this.#parts.upstream,
      onCall: this.#observer.onCall,
    });
    const close = () =>
      service.provider.close().catch(error =>
        this.#parts.logger.warn('a connection was not closed', {
          connection: name,
          error: errorMessage(error),
        }),
      );
    return { value: service, close };
  }
}

/** What is there already by what is wanted, or else a new one. */
function share<T>(
  all: Map<string, Shared<T>>,
  wanted: object,
  create: () => Omit<Shared<T>, 'users'>,
): Lease<T> {
  const key = JSON.stringify(wanted);
  const taken = all.get(key) ?? { ...create(), users: 0 };
  all.set(key, taken);
  taken.users++;
  let released = false;
  return {
    value: taken.value,
    release: async () => {
      if (released) return;
      released = true;
      taken.users--;
      if (taken.users > 0) return;
      all.delete(key);
      await taken.close();
    },
  };
}
