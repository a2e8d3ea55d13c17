// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../lib/paths.mjs';

const PACKAGE = path.join(root, 'packages/cli');
const PROGRAM = path.join(PACKAGE, 'bin/greenroom.cjs');

let folder = '';
before(() => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(PACKAGE, 'build.mjs')],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(status, 0, stderr);
  folder = mkdtempSync(path.join(tmpdir(), 'secrets-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const greenroom = (args, input = '') =>
  spawnSync(process.execPath, [PROGRAM, ...args, '--directory', folder], {
    encoding: 'utf8',
    timeout: 30_000,
    input,
    // Somewhere without modules: the program is one file.
    cwd: folder,
  });

test('the command greenroom is one file that needs no modules', () => {
  // It is built only if all that it imports comes with Node; here it lies somewhere without modules.
  const alone = path.join(folder, 'greenroom.cjs');
  copyFileSync(path.join(PACKAGE, 'dist/main.cjs'), alone);
  const repository = mkdtempSync(path.join(tmpdir(), 'environments-'));
  const manifests = path.join(repository, 'environments/dev/models');
  mkdirSync(manifests, { recursive: true });
  writeFileSync(path.join(manifests, 'digits.yaml'), 'apiVersion: nothing\n');
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [alone, 'validate', '--offline'],
      { encoding: 'utf8', timeout: 30_000, cwd: repository },
    );
    assert.equal(status, 1, stderr);
    assert.match(stdout, /dev\/models\/digits.yaml:1: apiVersion: expected/);
    const run = (...args) =>
      spawnSync(process.execPath, [alone, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
        cwd: repository,
        env: {
          PATH: process.env.PATH,
          GREENROOM_URL: 'http://127.0.0.1:9',
          GREENROOM_TOKEN: 'a token',
        },
      });
    const away = run('versions', 'download', 'iris', '1');
    assert.equal(away.status, 5, away.stderr);
    assert.match(away.stderr, /127\.0\.0\.1:9 does not answer/);
    assert.match(run('completion', 'bash').stdout, /complete .* greenroom\n$/);
  } finally {
    rmSync(repository, { recursive: true, force: true });
    rmSync(alone);
  }
});

test('the command greenroom keeps a secret and ends', () => {
  const { status, stderr, stdout } = greenroom(
    ['connections', 'set', 'openai'],
    'sk-123\n',
  );
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /sk-123/);
  const file = path.join(folder, 'openai');
  assert.equal(readFileSync(file, 'utf8'), 'sk-123');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(greenroom(['connections', 'list']).stdout, /^openai {2}set /);
  assert.equal(greenroom(['connections', 'set', 'nothing']).status, 1);
  assert.equal(greenroom(['nonsense']).status, 2);
});

test('the command greenroom ends in peace when its reader has had enough', () => {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'set -o pipefail; "$0" "$1" completion bash | head -c 1',
      process.execPath,
      PROGRAM,
    ],
    { encoding: 'utf8', timeout: 30_000 },
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.equal(stdout, '#');
});

test('the command greenroom ends whatever its standard input is', () => {
  /** @type {import('node:child_process').StdioOptions[]} */
  const kinds = [
    ['ignore', 'pipe', 'pipe'],
    ['pipe', 'pipe', 'pipe'],
    [openSync(PROGRAM, 'r'), 'pipe', 'pipe'],
  ];
  for (const stdio of kinds) {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [PROGRAM, '--version'],
      { encoding: 'utf8', timeout: 30_000, stdio },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  }
});
