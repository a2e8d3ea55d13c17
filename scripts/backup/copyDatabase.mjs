// @ts-check
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { UserError } from '../lib/output.mjs';
import { copyFolder } from './files.mjs';

const SEGMENT = /^[0-9A-F]{24}$/;
/** What the server makes anew, or must not find: https://www.postgresql.org/docs/current/continuous-archiving.html */
const EMPTY_FOLDERS = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
];
const LEFT_OUT = [
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'tablespace_map',
  'pg_internal.init',
];

/**
 * Copies the files of an embedded database. Of one that runs it is what the database was at the end of the copy, by the
 * server's own protocol for that: its log of what was written meanwhile is copied, too, and played when the copy starts.
 *
 * @param {object} options
 * @param {string} options.data - its data folder
 * @param {string} options.to
 * @param {string} options.password - of its superuser
 */
export async function copyDatabase({ data, to, password }) {
  const port = await runningPort(data);
  if (port === undefined) {
    // One that was killed recovers from its files as they are.
    await copyFolder({ from: data, to, takes: isKept });
    return;
  }
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    password,
    connectionTimeoutMillis: 10_000,
  });
  // Told by the question that is asked next.
  client.on('error', () => {});
  await client.connect();
  try {
    // It keeps the log that is written meanwhile, and goes with this connection.
    await client.query(
      'select pg_create_physical_replication_slot($1, true, true)',
      [`greenroom_backup_${process.pid}`],
    );
    const { rows: begun } = await client.query(
      `select pg_walfile_name(pg_backup_start('greenroom', true)) as segment`,
    );
    await copyFolder({
      from: data,
      to,
      takes: relative =>
        isKept(relative) &&
        !EMPTY_FOLDERS.includes(path.posix.dirname(relative)),
    });
    const { rows: ended } = await client.query(
      'select labelfile, pg_walfile_name(lsn) as segment from pg_backup_stop(false)',
    );
    await writeFile(path.join(to, 'backup_label'), ended[0].labelfile, {
      mode: 0o600,
    });
    await copyLog({
      data,
      to,
      first: begun[0].segment,
      last: ended[0].segment,
    });
  } finally {
    await client.end().catch(() => {});
  }
}

/** What the server has written to its log meanwhile, without which the copy is none. */
async function copyLog({ data, to, first, last }) {
  const from = path.join(data, 'pg_wal');
  const segments = (await readdir(from)).filter(
    name => SEGMENT.test(name) && name >= first && name <= last,
  );
  if (!segments.includes(first) || !segments.includes(last)) {
    throw new Error(
      `The database's log from ${first} to ${last} is not whole: try again.`,
    );
  }
  for (const name of segments) {
    await copyFile(path.join(from, name), path.join(to, 'pg_wal', name));
  }
}

function isKept(relative) {
  const name = path.posix.basename(relative);
  return !LEFT_OUT.includes(name) && !name.startsWith('pgsql_tmp');
}

/** @returns {Promise<number | undefined>} undefined where no server runs on it */
async function runningPort(data) {
  let lines;
  try {
    lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split(
      '\n',
    );
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  const [pid, , , port] = lines;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code === 'ESRCH') return undefined;
    if (error.code !== 'EPERM') throw error;
  }
  if (!Number(port)) {
    throw new UserError('The database is starting: try again in a moment.');
  }
  return Number(port);
}
