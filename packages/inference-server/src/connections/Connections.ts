import type { Connection as Wanted } from '@greenroom/plugin-ai-inference-common';
import type { Logger } from '../logger';
import { errorMessage } from '../errors';
import type { LocalModels } from '../providers/ConnectionParts';
import type { ProviderKind } from '../providers/Provider';
import type { Secrets } from '../secrets/Secrets';
import type { Upstream } from '../upstream/Upstream';
import { Connection } from './Connection';

/** A connection in use, until it is given back. */
export interface ConnectionLease {
  readonly connection: Connection;
  release(): Promise<void>;
}

interface Shared {
  connection: Connection;
  users: number;
}

/** The connections that loaded versions use: each is made once, and closed when nobody uses it any more. */
export class Connections {
  readonly #kinds: ReadonlyMap<string, ProviderKind>;
  readonly #secrets: Secrets;
  readonly #upstream: Upstream;
  readonly #logger: Logger;
  readonly #localModels: LocalModels;
  readonly #shared = new Map<string, Shared>();

  constructor(options: {
    kinds: readonly ProviderKind[];
    secrets: Secrets;
    upstream: Upstream;
    logger: Logger;
    localModels: LocalModels;
  }) {
    this.#kinds = new Map(options.kinds.map(kind => [kind.kind, kind]));
    this.#secrets = options.secrets;
    this.#upstream = options.upstream;
    this.#logger = options.logger;
    this.#localModels = options.localModels;
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
    const key = JSON.stringify(wanted);
    let shared = this.#shared.get(key);
    if (shared === undefined) {
      shared = { connection: this.#connect(wanted), users: 0 };
      this.#shared.set(key, shared);
    }
    const taken = shared;
    taken.users++;
    let released = false;
    return {
      connection: taken.connection,
      release: async () => {
        if (released) return;
        released = true;
        taken.users--;
        if (taken.users > 0) return;
        this.#shared.delete(key);
        await taken.connection.provider.close().catch(error =>
          this.#logger.warn('a connection was not closed', {
            connection: name,
            error: errorMessage(error),
          }),
        );
      },
    };
  }

  #connect({ name, kind, settings }: Wanted): Connection {
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
    return new Connection({
      name,
      kind,
      provider: provider.connect(parsed.data, {
        name,
        secrets: this.#secrets,
        upstream: this.#upstream,
        logger: this.#logger,
        localModels: this.#localModels,
      }),
      secrets: this.#secrets,
      upstream: this.#upstream,
    });
  }
}
