// @ts-check
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
const { findFreePort } = await import('./ports.mjs');

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
  const pidFile = path.join(scratch, 'run/crash-test.pid');
  assert.equal(readFileSync(pidFile, 'utf8'), `${first}\n`);
  process.kill(first, 'SIGKILL');
  await until(() => child.pid !== undefined && child.pid !== first);
  const second = child.pid;
  assert.ok(isAlive(second));
  assert.equal(readFileSync(pidFile, 'utf8'), `${second}\n`);
  await supervisor.stop();
  assert.ok(!isAlive(second));
  assert.ok(!existsSync(pidFile));
});

test('what others tell something at their end stops after them, although it was started later', async () => {
  const supervisor = createSupervisor();
  const ends = path.join(scratch, 'ends');
  writeFileSync(ends, '');
  const start = (name, stopsLast = false) =>
    supervisor.start({
      name,
      stopsLast,
      command: process.execPath,
      args: [
        '-e',
        `process.on('SIGTERM', () => { require('node:fs').appendFileSync(${JSON.stringify(
          ends,
        )}, '${name} '); process.exit(); }); setInterval(() => {}, 1000); console.log('ready');`,
      ],
      env: process.env,
    });
  const children = [start('one'), start('two', true), start('three')];
  await until(() =>
    children.every(({ logFile }) =>
      readFileSync(logFile, 'utf8').includes('ready'),
    ),
  );
  await supervisor.stop();
  assert.equal(readFileSync(ends, 'utf8'), 'three one two ');
});

/** Collects what is printed to people until the end of the test. */
function captureErrors(t) {
  const lines = [];
  const print = console.error;
  console.error = line => lines.push(String(line));
  t.after(() => {
    console.error = print;
  });
  return lines;
}

test('a child is said to run again when it answers, not before', async t => {
  const lines = captureErrors(t);
  const portFile = path.join(scratch, 'port');
  const port = await findFreePort();
  writeFileSync(portFile, '');
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'slow test',
    command: process.execPath,
    // Answers only when the test says so.
    args: [
      '-e',
      `const fs = require('fs'); require('http').createServer((_, res) => {
         res.statusCode = fs.readFileSync(${JSON.stringify(
           portFile,
         )}, 'utf8') ? 200 : 503; res.end();
       }).listen(${port}, '127.0.0.1')`,
    ],
    env: process.env,
    healthUrl: `http://127.0.0.1:${port}/`,
  });
  const first = child.pid;
  process.kill(first, 'SIGKILL');
  await until(() => child.pid !== undefined && child.pid !== first);
  await new Promise(resolve => setTimeout(resolve, 1_500));
  const isBack = () => lines.some(line => line.includes('is running again'));
  assert.ok(!isBack());
  writeFileSync(portFile, 'go');
  await until(isBack);
});

test('a start that takes long is reported and not given up', async t => {
  const lines = captureErrors(t);
  const port = await findFreePort();
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'late test',
    command: process.execPath,
    args: [
      '-e',
      `console.log('migrating'); setTimeout(() => require('http').createServer((_, res) => res.end()).listen(${port}, '127.0.0.1'), 1500)`,
    ],
    env: process.env,
  });
  await untilHealthy({
    name: 'The server',
    url: `http://127.0.0.1:${port}/`,
    child,
    longStartMillis: 500,
  });
  assert.match(lines.join('\n'), /not ready after 0.5 s.*migrating/s);
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

test('a child that says why it cannot start is quoted, and nothing else of its log', async t => {
  const supervisor = createSupervisor();
  t.after(() => supervisor.stop());
  const child = supervisor.start({
    name: 'misconfigured test',
    command: process.execPath,
    args: [
      '-e',
      "console.log('much else'); process.stderr.write('\\nThe portal cannot start. greenroom.environments[2] is wrong\\n', () => process.exit(1))",
    ],
    env: process.env,
  });
  await assert.rejects(
    untilHealthy({ name: 'The server', url: 'http://127.0.0.1:9', child }),
    ({ message }) =>
      /^The server cannot start: greenroom\.environments\[2\] is wrong\nMore is in /.test(
        message,
      ) && !message.includes('much else'),
  );
});
