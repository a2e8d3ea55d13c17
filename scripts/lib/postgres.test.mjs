// @ts-check
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-postgres-'));
chmodSync(scratch, 0o755);
process.env.GREENROOM_DATA_DIR = scratch;
const { findFreePort } = await import('./ports.mjs');
const { startPostgres, stopAbandonedPostgres } = await import('./postgres.mjs');

after(() => rmSync(scratch, { recursive: true, force: true }));

async function query(server, sql) {
  const client = new pg.Client({ connectionString: `${server.url}/postgres` });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

// A folder that nobody else may enter is what a clone in root's home looks like to the database.
for (const mode of [0o755, 0o700]) {
  test(`data is kept across restarts in a folder of mode ${mode.toString(
    8,
  )}`, async () => {
    const folder = path.join(scratch, mode.toString(8));
    mkdirSync(folder);
    chmodSync(folder, mode);
    const options = {
      directory: path.join(folder, 'postgres'),
      port: await findFreePort(),
      password: 'p@ss:w/rd',
    };
    const first = await startPostgres(options);
    await query(first, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await startPostgres(options);
    assert.deepEqual(await query(second, 'select answer from kept'), [
      { answer: 42 },
    ]);
    await second.stop();
    // Root keeps the data of a closed folder elsewhere, behind a link.
    rmSync(realpathSync(path.join(options.directory, '18')), {
      recursive: true,
    });
  });
}

test('a database of another major version is refused with advice', async () => {
  const data = path.join(scratch, 'old/18/data');
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'PG_VERSION'), '15\n');
  await assert.rejects(
    startPostgres({
      directory: path.join(scratch, 'old'),
      port: await findFreePort(),
      password: 'x',
    }),
    /made by PostgreSQL 15.*pg_dumpall/s,
  );
});

test('a server whose parent was killed is stopped, and one with a parent is not', async () => {
  const directory = path.join(scratch, 'abandoned');
  const port = await findFreePort();
  const starter = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { startPostgres } from ${JSON.stringify(
      new URL('./postgres.mjs', import.meta.url).href,
    )};
     await startPostgres({ directory: ${JSON.stringify(
       directory,
     )}, port: ${port}, password: 'x' });
     console.log('up');`,
  ]);
  await once(starter.stdout, 'data');
  await assert.rejects(
    stopAbandonedPostgres(directory),
    /Another Greenroom is running with the data in/,
  );
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  await stopAbandonedPostgres(directory);
  assert.equal(await findFreePort(port), port);
});
