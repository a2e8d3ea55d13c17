// @ts-check
import { run } from '../lib/run.mjs';
import { UserError } from '../lib/output.mjs';

/**
 * Writes all of a server's database into a file.
 *
 * @param {string} url
 * @param {string} file
 */
export function dumpDatabase(url, file) {
  return runTool('pg_dump', url, ['--format=custom', '--file', file]);
}

/**
 * Loads such a file into an empty database, or nothing of it.
 *
 * @param {string} url
 * @param {string} file
 */
export function loadDatabase(url, file) {
  return runTool('pg_restore', url, [
    '--no-owner',
    '--single-transaction',
    '--exit-on-error',
    '--dbname',
    databaseIn(url),
    file,
  ]);
}

async function runTool(tool, url, args) {
  const { hostname, port, username, password } = new URL(url);
  try {
    await run(tool, args, {
      log: tool,
      // Arguments of a program can be read by everybody on the machine.
      env: {
        ...process.env,
        PGHOST: decodeURIComponent(hostname),
        PGPORT: port || '5432',
        PGUSER: decodeURIComponent(username),
        PGPASSWORD: decodeURIComponent(password),
        PGDATABASE: databaseIn(url),
        ...sslOf(url),
      },
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(
      `GREENROOM_DATABASE_URL is set, and ${tool} is not there to copy that database: install the client programs of PostgreSQL, of the server's version or newer.`,
    );
  }
}

function databaseIn(url) {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

function sslOf(url) {
  const mode = new URL(url).searchParams.get('sslmode');
  return mode ? { PGSSLMODE: mode } : {};
}
