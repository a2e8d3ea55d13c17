// @ts-check
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import { findFreePort } from '../lib/ports.mjs';
import { startPostgres } from '../lib/postgres.mjs';
import { backUp } from './backUp.mjs';
import { restore } from './restore.mjs';

const PASSWORD = 'secret of the database';
const ARTIFACT = 'the weights of a model';
const digest = createHash('sha256').update(ARTIFACT).digest('hex');
const artifact = `artifacts/sha256/${digest.slice(0, 2)}/${digest.slice(
  2,
  4,
)}/${digest}`;

/** @type {string} */
let folder;
/** @type {string} */
let data;
/** @type {string} */
let target;
/** @type {Awaited<ReturnType<typeof startPostgres>> | undefined} */
let server;
let backups = 0;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-backup-test-'));
  chmodSync(folder, 0o755);
  data = path.join(folder, 'data');
  put('secrets.json', '{"database":"secret of the database"}');
  put(artifact, ARTIFACT);
  put('data-plane/production/secrets/openai', 'sk-1');
  put('data-plane/production/artifacts/copy', 'is fetched again');
  put('logs/portal.log', 'hello');
  const repository = path.join(data, 'git/environments.git');
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository]);
  const work = path.join(folder, 'work');
  execFileSync('git', ['clone', '-q', repository, work], { stdio: 'ignore' });
  writeFileSync(path.join(work, 'model.yaml'), 'version: 1\n');
  const commit = [
    '-c',
    'user.name=a',
    '-c',
    'user.email=a@b.c',
    'commit',
    '-qm',
    'x',
  ];
  execFileSync('git', ['-C', work, 'add', '-A']);
  execFileSync('git', ['-C', work, ...commit]);
  execFileSync('git', ['-C', work, 'push', '-q', 'origin', 'HEAD:main']);
  server = await start(data);
  await ask(server, 'create table numbers (n int primary key, filling text)');
});

after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  backups += 1;
  target = path.join(folder, `backup-${backups}`);
});

function put(name, content) {
  const file = path.join(data, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o600 });
}

async function start(directory) {
  return startPostgres({
    directory: path.join(directory, 'postgres'),
    port: await findFreePort(),
    password: PASSWORD,
  });
}

/** @returns {Promise<any[]>} */
async function ask({ url }, sql, values = []) {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const make = () => backUp({ dataDirectory: data, target, password: PASSWORD });
const into = name => path.join(folder, name);

test('a database that is written meanwhile comes back as it was at one moment, with everything else', async () => {
  let written = 0;
  let stopping = false;
  const writing = (async () => {
    const client = new pg.Client({
      connectionString: `${server?.url}/postgres`,
    });
    await client.connect();
    while (!stopping) {
      // In one transaction, so that half of it would be seen.
      await client.query(
        `insert into numbers select n, repeat('x', 500) from generate_series($1::int, $1::int + 9) n`,
        [written],
      );
      written += 10;
    }
    await client.end();
  })();
  while (written < 1_000) await new Promise(resolve => setTimeout(resolve, 5));
  const before = written;
  await make();
  const during = written;
  stopping = true;
  await writing;
  assert.ok(during > before, 'nothing was written meanwhile');

  const there = into('restored');
  await restore({ source: target, dataDirectory: there });
  const restored = await start(there);
  try {
    const [{ rows, highest }] = await ask(
      restored,
      'select count(*)::int as rows, max(n) as highest from numbers',
    );
    assert.equal(rows, highest + 1, 'some rows are missing');
    assert.equal(rows % 10, 0, 'half of a transaction is there');
    assert.ok(rows >= before, `${rows} of ${before} rows are there`);
    assert.ok(rows <= during, 'rows of after the backup are there');
  } finally {
    await restored.stop();
  }
  assert.equal(readFileSync(path.join(there, artifact), 'utf8'), ARTIFACT);
  assert.equal(
    readFileSync(
      path.join(there, 'data-plane/production/secrets/openai'),
      'utf8',
    ),
    'sk-1',
  );
  assert.ok(!existsSync(path.join(there, 'data-plane/production/artifacts')));
  assert.ok(!existsSync(path.join(there, 'logs')));
  const show = ['show', 'main:model.yaml'];
  const repository = path.join(there, 'git/environments.git');
  assert.equal(
    String(execFileSync('git', ['-C', repository, ...show])),
    'version: 1\n',
  );
});

test('a damaged backup, and one with a file less, is refused before anything is placed', async () => {
  await make();
  const there = into('not-restored');
  const file = path.join(target, artifact);
  writeFileSync(file, 'the weights of a mode1');
  await assert.rejects(
    restore({ source: target, dataDirectory: there }),
    new RegExp(`${digest} is damaged. Nothing was restored`),
  );
  rmSync(file);
  await assert.rejects(
    restore({ source: target, dataDirectory: there }),
    new RegExp(`${digest} is missing`),
  );
  assert.ok(!existsSync(there));
});

test('one that was not finished is none', async () => {
  await make();
  rmSync(path.join(target, 'backup.json'));
  await assert.rejects(
    restore({ source: target, dataDirectory: into('not-restored') }),
    /is no backup, or was not finished/,
  );
});

test('data that are there are not overwritten', async () => {
  await make();
  await assert.rejects(
    restore({ source: target, dataDirectory: data }),
    /There are data in .* already \(postgres\)/,
  );
  await assert.rejects(make(), /is not empty/);
});

test('a restore that was cut off begins anew', async () => {
  await make();
  const there = into('cut-off');
  mkdirSync(path.join(there, 'postgres/18/data'), { recursive: true });
  writeFileSync(path.join(there, 'postgres/18/data/PG_VERSION'), '18');
  writeFileSync(path.join(there, '.restoring'), '');
  await restore({ source: target, dataDirectory: there });
  assert.ok(!existsSync(path.join(there, '.restoring')));
  const restored = await start(there);
  try {
    assert.ok((await ask(restored, 'select 1 from numbers limit 1')).length);
  } finally {
    await restored.stop();
  }
});

test('an artifact that is not what its name says is told before the backup counts', async () => {
  writeFileSync(path.join(data, artifact), 'something else');
  try {
    await assert.rejects(make(), new RegExp(`${digest} is damaged`));
    assert.ok(!existsSync(target));
  } finally {
    writeFileSync(path.join(data, artifact), ARTIFACT);
  }
});

test('one that was carried by what leaves empty folders out comes back', async () => {
  await make();
  execFileSync('find', [target, '-type', 'd', '-empty', '-delete']);
  const there = into('carried');
  await restore({ source: target, dataDirectory: there });
  const restored = await start(there);
  await restored.stop();
});

test('where nothing runs the files are copied as they are', async () => {
  await server?.stop();
  await make();
  const there = into('stopped');
  await restore({ source: target, dataDirectory: there });
  server = await start(there);
  assert.ok((await ask(server, 'select 1 from numbers limit 1')).length);
});
