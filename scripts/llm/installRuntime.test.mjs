// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildFor, checkIntegrity } from './installRuntime.mjs';
import { runtimeSources } from './pinned.mjs';

test('the build for a machine is the one for its processor alone', () => {
  const { name, version, integrity } = buildFor('linux', 'x64');
  assert.equal(name, '@node-llama-cpp/linux-x64');
  assert.match(integrity, /^sha512-/);
  const manifest = JSON.parse(
    readFileSync(path.join(runtimeSources, 'package.json'), 'utf8'),
  );
  assert.equal(version, manifest.dependencies['node-llama-cpp']);
});

test('other machines are told what to do instead', () => {
  for (const [platform, arch] of [
    ['win32', 'x64'],
    ['darwin', 'arm64'],
    ['linux', 's390x'],
  ]) {
    assert.throws(
      () => buildFor(platform, arch),
      /runs on Linux, .* this is .*a connection of the kind openai-compatible/,
    );
  }
});

test('a package that is another one than its digest says is refused', () => {
  const build = {
    name: 'x',
    version: '1.0.0',
    integrity:
      'sha512-qlr66DdcUAVWfA5vW+/nAO1K2CYNa+0MuXhWTtOhq3rYQTgHtbfWbxgNBUZlXtSCxXavhnUL+9b1fDp7dCoEvA==',
  };
  assert.throws(
    () => checkIntegrity(Buffer.from('another'), build),
    /x@1\.0\.0 is not the package that was tried/,
  );
});

test('the lock file names no registry, and pins each package', () => {
  const text = readFileSync(
    path.join(runtimeSources, 'package-lock.json'),
    'utf8',
  );
  assert.doesNotMatch(text, /"resolved"/);
  const { packages } = JSON.parse(text);
  for (const [name, { integrity }] of Object.entries(packages)) {
    if (name !== '') assert.match(integrity, /^sha512-/, name);
  }
});
