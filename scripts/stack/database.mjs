import pg from 'pg';
import { step, UserError } from '../lib/output.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { postgresDirectory } from './settings.mjs';

const DATABASE = 'greenroom';

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
    const server = await startPostgres({
      directory: postgresDirectory,
      port: settings.databasePort,
      password: secrets.database,
    });
    try {
      await createDatabase(server.url);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return { ...server, url: `${server.url}/${DATABASE}` };
  });
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
