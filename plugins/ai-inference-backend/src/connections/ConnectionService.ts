import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { EnvironmentConnection } from '@greenroom/plugin-ai-inference-common';
import {
  type Connection,
  type EnvironmentConnections,
  secretReferencesOf,
  upstreamsOf,
} from '@greenroom/plugin-ai-registry-common';
import type { InferenceChanges } from '../events/announcement';
import { combineChecks } from './combineChecks';
import type { ConnectionRecord, ConnectionStore } from './ConnectionStore';

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
      const { name } = connection;
      return {
        environment,
        ...describe(connection, known),
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
    const connection = this.#connections.find(environment, name);
    if (!connection) {
      throw new NotFoundError(
        `${environment} has no connection '${name}': add it under greenroom.environments[].connections`,
      );
    }
    const now = this.#clock();
    await this.#changes.transaction(async tx => {
      let checkAttempt = 0;
      for (const upstream of upstreamsOf(connection)) {
        const asked = { environment, name: upstream.name };
        checkAttempt = await this.#store.askToCheck(tx, asked, now);
      }
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

function describe(
  connection: Connection,
  known: ReadonlyMap<string, ConnectionRecord>,
) {
  const { name, kind } = connection;
  const secrets = secretReferencesOf(connection);
  if (connection.upstreams === undefined) {
    return { name, kind, secrets, ...checkOf(known.get(name)) };
  }
  const upstreams = connection.upstreams.map(upstream => ({
    name: upstream.name,
    kind: upstream.kind,
    weight: upstream.weight,
    secrets: secretReferencesOf(upstream),
    ...checkOf(known.get(upstream.name)),
  }));
  const checkAskedAt = upstreams
    .flatMap(upstream => upstream.checkAskedAt ?? [])
    .sort()
    .at(0);
  return {
    name,
    kind,
    secrets,
    check: combineChecks(upstreams),
    ...(checkAskedAt !== undefined && { checkAskedAt }),
    upstreams,
  };
}

function checkOf(
  record: ConnectionRecord | undefined,
): Pick<ConnectionRecord, 'check' | 'checkAskedAt'> {
  const { check = { state: 'unchecked' }, checkAskedAt } = record ?? {};
  return { check, ...(checkAskedAt !== undefined && { checkAskedAt }) };
}
