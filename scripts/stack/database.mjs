// @ts-check
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { green, red, step, UserError, yellow } from '../lib/output.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { postgresDirectory } from './settings.mjs';

const DATABASE = 'greenroom';
const FIRST_BACKOFF_MILLIS = 1_000;
const LONGEST_BACKOFF_MILLIS = 30_000;

/**
 * Gives the address of a database to use: the configured server's, or that of an embedded one that
 * it starts.
 */
export async function openDatabase(settings, secrets) {
  if (settings.databaseUrl) {
    await checkServer(settings.databaseUrl);
    return { url: settings.databaseUrl, stop: async () => {} };
  }
  return step('Starting PostgreSQL', async () => {
    const server = await keepRunning(() =>
      startPostgres({
        directory: postgresDirectory,
        port: settings.databasePort,
        password: secrets.database,
      }),
    );
    try {
      await createDatabase(server.url);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return {
      url: `${server.url}/${DATABASE}`,
      get pid() {
        return server.pid;
      },
      stop: () => server.stop(),
    };
  });
}

/**
 * Starts a server, and starts it again when it ends by itself: whoever uses it only misses it for a
 * while.
 *
 * @param {() => Promise<{ url: string, pid: number | undefined, exited: Promise<number | null>, stop: () => Promise<void> }>} start
 * @returns {Promise<{ url: string, pid: number | undefined, stop: () => Promise<void> }>}
 */
export async function keepRunning(start) {
  const stopping = new AbortController();
  let server = await start();
  const follow = async () => {
    while (!stopping.signal.aborted) {
      const code = await server.exited;
      if (stopping.signal.aborted) return;
      console.error(
        `\n${red(
          `PostgreSQL ended unexpectedly (code ${code}).`,
        )} Starting it again; its data is kept.`,
      );
      server = await startAgain(start, stopping.signal);
    }
  };
  const following = follow().catch(error => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    url: server.url,
    /** Of the server as it runs now. */
    get pid() {
      return server.pid;
    },
    async stop() {
      stopping.abort();
      await server.stop();
      await following;
    },
  };
}

/** Tries for ever, ever more slowly; says once why it does not work. */
async function startAgain(start, signal) {
  for (let attempt = 0; ; attempt++) {
    try {
      const server = await start();
      console.error(green('PostgreSQL is running again.'));
      return server;
    } catch (error) {
      if (attempt === 0) console.error(yellow(error.message));
      const pauseMillis = Math.min(
        FIRST_BACKOFF_MILLIS * 2 ** attempt,
        LONGEST_BACKOFF_MILLIS,
      );
      await setTimeout(pauseMillis, undefined, { signal });
    }
  }
}

async function createDatabase(serverUrl) {
  const client = new pg.Client({ connectionString: `${serverUrl}/postgres` });
  await client.connect();
  try {
    const known = await client.query(
      'select 1 from pg_database where datname = $1',
      [DATABASE],
    );
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function checkServer(url) {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
  });
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(
      `The database in GREENROOM_DATABASE_URL cannot be opened: ${error.message}. Check that the server runs and that the database and the user exist.`,
    );
  }
  await client.end();
}
