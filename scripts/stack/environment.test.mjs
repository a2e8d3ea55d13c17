// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  bundleConfigFiles,
  configArguments,
  configFiles,
} from './environment.mjs';

function folderOf(t, files = []) {
  const folder = mkdtempSync(path.join(tmpdir(), 'greenroom-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of files) writeFileSync(path.join(folder, file), '');
  return folder;
}

test('what a clone sets for itself lies on top of what the demo sets', t => {
  const folder = folderOf(t, ['app-config.local.yaml']);
  assert.deepEqual(configArguments({ ownConfig: true }, folder), [
    '--config',
    '../../app-config.yaml',
    '--config',
    '../../app-config.demo.yaml',
    '--config',
    '../../app-config.local.yaml',
  ]);
});

test('a clone that sets nothing for itself has the files that all have', t => {
  assert.deepEqual(configFiles({ ownConfig: true }, folderOf(t)), [
    'app-config.yaml',
    'app-config.demo.yaml',
  ]);
});

test('tests and drills leave out what a clone sets for itself', t => {
  const folder = folderOf(t, ['app-config.local.yaml']);
  assert.deepEqual(configFiles({ ownConfig: false }, folder), [
    'app-config.yaml',
    'app-config.demo.yaml',
  ]);
});

test("the pages are built with what a clone sets for itself, without the demo's settings", t => {
  const folder = folderOf(t, ['app-config.local.yaml']);
  assert.deepEqual(bundleConfigFiles({ ownConfig: true }, folder), [
    'app-config.yaml',
    'app-config.local.yaml',
  ]);
});
