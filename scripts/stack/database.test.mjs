// @ts-check
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-database-'));
chmodSync(scratch, 0o755);
process.env.GREENROOM_DATA_DIR = scratch;
const { findFreePort } = await import('../lib/ports.mjs');
const { startPostgres } = await import('../lib/postgres.mjs');
const { keepRunning } = await import('./database.mjs');

after(() => rmSync(scratch, { recursive: true, force: true }));

async function ask(url) {
  const client = new pg.Client({
    connectionString: `${url}/postgres`,
    connectionTimeoutMillis: 1_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query('select count(*)::integer as rows from kept'))
      .rows[0].rows;
  } finally {
    await client.end().catch(() => {});
  }
}

test('a database that is killed is started again with its data, and stop ends it', async () => {
  const options = {
    directory: path.join(scratch, 'postgres'),
    port: await findFreePort(),
    password: 'test',
  };
  const pids = [];
  const database = await keepRunning(async () => {
    const server = await startPostgres(options);
    pids.push(server.pid);
    return server;
  });
  const client = new pg.Client({
    connectionString: `${database.url}/postgres`,
  });
  client.on('error', () => {});
  await client.connect();
  await client.query('create table kept as select 1 as one');

  process.kill(pids[0], 'SIGKILL');
  const deadline = Date.now() + 30_000;
  let rows;
  while (rows === undefined && Date.now() < deadline) {
    rows = await ask(database.url).catch(() => undefined);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.equal(rows, 1);
  assert.equal(pids.length, 2);

  await database.stop();
  await assert.rejects(ask(database.url));
  assert.equal(pids.length, 2);
});
