import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
