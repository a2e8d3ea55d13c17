import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { EnvironmentConnection } from '@greenroom/plugin-ai-inference-common';
import {
  type Connection,
  type EnvironmentConnections,
  secretReferencesOf,
} from '@greenroom/plugin-ai-registry-common';
import type { InferenceChanges } from '../events/announcement';
import type { ConnectionStore } from './ConnectionStore';

interface CallOptions {
  credentials: BackstageCredentials;
}

/** The ways to providers that environments configure. */
export class ConnectionService {
  readonly #connections: EnvironmentConnections;
  readonly #store: ConnectionStore;
  readonly #changes: InferenceChanges;
  readonly #clock: () => Date;
  readonly #wake: (environment: string) => Promise<unknown>;

  constructor(options: {
    connections: EnvironmentConnections;
    store: ConnectionStore;
    changes: InferenceChanges;
    clock: () => Date;
    /** Somebody needs the environment's data plane now, if it sleeps. */
    wake(environment: string): Promise<unknown>;
  }) {
    this.#connections = options.connections;
    this.#store = options.store;
    this.#changes = options.changes;
    this.#clock = options.clock;
    this.#wake = options.wake;
  }

  /** By name. */
  async list(environment: string): Promise<EnvironmentConnection[]> {
    const configured = this.#connections.list(environment);
    if (configured.length === 0) return [];
    const known = await this.#store.list(environment);
    const uses = await this.#store.listUses(environment);
    return configured.map((connection: Connection) => {
      const { name, kind } = connection;
      const record = known.get(name);
      return {
        environment,
        name,
        kind,
        secrets: secretReferencesOf(connection),
        check: record?.check ?? { state: 'unchecked' },
        ...(record?.checkAskedAt !== undefined && {
          checkAskedAt: record.checkAskedAt,
        }),
        usedBy: uses
          .filter(use => use.connection === name)
          .map(({ connection: _connection, ...use }) => use),
      };
    });
  }

  /**
   * Has the data planes of the environment check a connection again, within seconds.
   *
   * @throws NotFoundError where the environment maps no such name
   */
  async check(
    place: { environment: string; name: string },
    { credentials }: CallOptions,
  ): Promise<EnvironmentConnection> {
    const { environment, name } = place;
    if (!this.#connections.find(environment, name)) {
      throw new NotFoundError(
        `${environment} has no connection '${name}': add it under greenroom.environments[].connections`,
      );
    }
    const now = this.#clock();
    await this.#changes.transaction(async tx => {
      const checkAttempt = await this.#store.askToCheck(tx, place, now);
      await this.#changes.record(tx, {
        action: 'connection-check-asked',
        actor: userRefOf(credentials),
        environment,
        subject: name,
        after: { name, checkAttempt },
        announce: [
          { type: 'data-plane-changed', environment, at: now.toISOString() },
        ],
      });
    });
    await this.#wake(environment);
    const all = await this.list(environment);
    return all.find(one => one.name === name)!;
  }
}
