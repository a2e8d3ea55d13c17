// @ts-check
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { writeWhole } from './writeWhole.mjs';

test('who has opened the old file reads all of it, and nothing is left beside the new one', async t => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'write-whole-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'dist/main.cjs');
  const write = text =>
    writeWhole([{ path: file, contents: Buffer.from(text) }]);
  await write('the old one');
  const opened = openSync(file, 'r');
  await write('the new one');
  assert.equal(readFileSync(opened, 'utf8'), 'the old one');
  assert.equal(readFileSync(file, 'utf8'), 'the new one');
  assert.deepEqual(readdirSync(path.dirname(file)), ['main.cjs']);
});
