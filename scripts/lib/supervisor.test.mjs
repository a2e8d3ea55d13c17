import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'greenroom-supervisor-'));
process.env.GREENROOM_DATA_DIR = scratch;
const { root } = await import('./paths.mjs');
const { createSupervisor, untilHealthy } = await import('./supervisor.mjs');

const childSetup = path.join(root, 'scripts/lib/child.cjs');

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition, timeoutMillis = 10_000) {
  const deadline = Date.now() + timeoutMillis;
  while (Date.now() < deadline) {
    if (condition()) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  assert.fail('the condition did not come true in time');
}

test('a child that crashes is started again, and stop ends it', async t => {
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'crash test',
    command: process.execPath,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    env: process.env,
  });
  const first = child.pid;
  process.kill(first, 'SIGKILL');
  await until(() => child.pid !== undefined && child.pid !== first);
  const second = child.pid;
  assert.ok(isAlive(second));
  await supervisor.stop();
  assert.ok(!isAlive(second));
});

test('a child does not outlive a parent that was killed hard', async () => {
  const pidFile = path.join(scratch, 'pid');
  const childScript = path.join(scratch, 'child.cjs');
  writeFileSync(
    childScript,
    `require('fs').writeFileSync(${JSON.stringify(
      pidFile,
    )}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const parentScript = path.join(scratch, 'parent.cjs');
  writeFileSync(
    parentScript,
    `require('child_process').spawn(process.execPath, ['--require', ${JSON.stringify(
      childSetup,
    )}, ${JSON.stringify(
      childScript,
    )}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true }); setInterval(() => {}, 1000);`,
  );
  const parent = spawn(process.execPath, [parentScript]);
  let pid;
  await until(() => {
    try {
      pid = Number(readFileSync(pidFile, 'utf8'));
    } catch {
      return false;
    }
    return pid > 0;
  });
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

test('an end that hangs is cut short', async t => {
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'hanging test',
    command: process.execPath,
    // Like a server that waits for a connection which never ends.
    args: [
      '--require',
      childSetup,
      '-e',
      "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
    ],
    env: process.env,
  });
  await until(
    () =>
      existsSync(child.logFile) &&
      readFileSync(child.logFile, 'utf8').includes('up'),
  );
  const startedAt = Date.now();
  await supervisor.stop();
  assert.ok(Date.now() - startedAt < 10_000);
});

test('a child that ends while it starts is reported with its log and advice', async t => {
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'damaged test',
    command: process.execPath,
    args: ['-e', "require('no-such-package')"],
    env: process.env,
  });
  await assert.rejects(
    untilHealthy({ name: 'The server', url: 'http://127.0.0.1:9', child }),
    /The server ended while it started\..*packages are damaged.*no-such-package/s,
  );
  await supervisor.stop();
});
