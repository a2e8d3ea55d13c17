import {
  coreServices,
  createServiceFactory,
  type RootHealthService,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Config } from '@backstage/config';
import { Client, type ClientConfig } from 'pg';

/** A database that takes longer to answer the simplest question hangs. */
const TIMEOUT_MILLIS = 2_000;
/** Probes and people that ask within this time get the same answer. */
const KEEP_MILLIS = 1_000;

/** The backend's health, with the database's in it; see {@link databaseHealthServiceFactory}. */
export class DatabaseHealth implements RootHealthService {
  readonly #check: () => Promise<void>;
  readonly #now: () => number;
  #phase: 'init' | 'up' | 'down' = 'init';
  #last: { atMillis: number; answer: Promise<Error | undefined> } | undefined;

  constructor(options: {
    /** Asks the database; rejects when it does not answer. */
    check(): Promise<void>;
    now?: () => number;
  }) {
    this.#check = options.check;
    this.#now = options.now ?? Date.now;
  }

  setPhase(phase: 'up' | 'down'): void {
    this.#phase = phase;
  }

  async getLiveness() {
    return { status: 200, payload: { status: 'ok' } };
  }

  async getReadiness() {
    if (this.#phase === 'init') return notReady('The backend has not started');
    if (this.#phase === 'down') return notReady('The backend is stopping');
    const problem = await this.#ask();
    return problem
      ? notReady(`The database does not answer: ${problem.message}`)
      : { status: 200, payload: { status: 'ok' } };
  }

  /** However many probes there are, the database is asked once at a time. */
  #ask(): Promise<Error | undefined> {
    const now = this.#now();
    if (!this.#last || now - this.#last.atMillis >= KEEP_MILLIS) {
      const answer = this.#check().then(
        () => undefined,
        error => toError(error) as Error,
      );
      this.#last = { atMillis: now, answer };
    }
    return this.#last.answer;
  }
}

function notReady(message: string) {
  return { status: 503, payload: { status: 'error', message } };
}

/** On a connection of its own: one from a pool may be older than the trouble. */
async function askDatabase(connection: ClientConfig): Promise<void> {
  const client = new Client({
    ...connection,
    connectionTimeoutMillis: TIMEOUT_MILLIS,
    query_timeout: TIMEOUT_MILLIS,
  });
  // Told again by the promises below.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    // Saying goodbye to a database that hangs would hang as well.
    client.end().catch(() => {});
  }
}

function readConnection(config: Config): ClientConfig {
  const connection = config.get('backend.database.connection');
  return typeof connection === 'string'
    ? { connectionString: connection }
    : (connection as ClientConfig);
}

/**
 * The backend's readiness, which is false while the database does not answer: a backend
 * that can do nothing is not to be sent requests. Its liveness stays, since starting it
 * again would mend nothing.
 *
 * @remarks
 *
 * Takes the place of Backstage's own in `backend.add(...)`.
 */
export const databaseHealthServiceFactory = createServiceFactory({
  service: coreServices.rootHealth,
  deps: {
    config: coreServices.rootConfig,
    lifecycle: coreServices.rootLifecycle,
  },
  factory({ config, lifecycle }) {
    const health = new DatabaseHealth({
      check: () => askDatabase(readConnection(config)),
    });
    lifecycle.addStartupHook(() => health.setPhase('up'));
    lifecycle.addBeforeShutdownHook(() => health.setPhase('down'));
    return health;
  },
});
