// @ts-check
import assert from 'node:assert/strict';
import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { createRotatingLog } from './rotatingLog.mjs';

test('a full log becomes the one before it, and only two are kept', async t => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'x.log');
  for (const lines of [
    ['1234\n', '5678\n'],
    ['abcd\n', 'efgh\n', 'ijkl\n'],
  ]) {
    const log = createRotatingLog(file, { largestFileBytes: 12 });
    for (const line of lines) log.write(line);
    log.end();
    await finished(log);
  }
  assert.equal(readFileSync(file, 'utf8'), 'ijkl\n');
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'abcd\nefgh\n');
});

test('what a full disk does not take is counted in the log, which goes on', async t => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-log-'));
  let freeBytes = Infinity;
  const { writeSync } = fs;
  t.mock.method(fs, 'writeSync', (descriptor, chunk) => {
    if (freeBytes === 0) throw new Error('ENOSPC: no space left on device');
    const written = writeSync(descriptor, chunk.subarray(0, freeBytes));
    freeBytes -= written;
    return written;
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true });
  });
  const file = path.join(folder, 'x.log');
  const troubles = [];
  const log = createRotatingLog(file, {
    onTrouble: error => troubles.push(error.message),
  });
  const write = chunk => new Promise(resolve => log.write(chunk, resolve));

  await write('before\n');
  freeBytes = 2;
  await write('half\n');
  await write('none\n');
  freeBytes = Infinity;
  await write('after\n');
  freeBytes = 0;
  await write('lost\n');
  freeBytes = Infinity;
  log.end();
  await finished(log);

  assert.equal(
    readFileSync(file, 'utf8'),
    'before\nha\n[8 bytes of this log could not be written here]\nafter\n\n[5 bytes of this log could not be written here]\n',
  );
  assert.equal(troubles.length, 2);
});
