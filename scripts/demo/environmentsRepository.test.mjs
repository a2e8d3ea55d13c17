// @ts-check
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pushFirstDeployments } from './environmentsRepository.mjs';

const git = (repository, ...args) =>
  execFileSync('git', ['-C', repository, ...args], {
    encoding: 'utf8',
    input: '',
  }).trim();

/** A bare repository whose main branch has one empty commit. */
function createRepository(t) {
  const repository = mkdtempSync(path.join(tmpdir(), 'demo-environments-'));
  t.after(() => rmSync(repository, { recursive: true }));
  git(repository, 'init', '--quiet', '--bare');
  git(repository, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  const tree = git(repository, 'mktree');
  const commit = git(
    repository,
    ...identity,
    'commit-tree',
    tree,
    '-m',
    'Start',
  );
  git(repository, 'update-ref', 'refs/heads/main', commit);
  return repository;
}

const digits = {
  model: 'digits',
  version: 1,
  digest: `sha256:${'a'.repeat(64)}`,
};
const manifest = 'main:environments/production/models/digits.yaml';

test('the first push adds a manifest that names version and digest', async t => {
  const repository = createRepository(t);
  assert.deepEqual(await pushFirstDeployments(repository, [digits]), [
    'digits',
  ]);
  const text = git(repository, 'show', manifest);
  assert.match(text, /^kind: ModelDeployment$/m);
  assert.match(text, /^ {2}version: 1$/m);
  assert.match(text, new RegExp(`^  digest: ${digits.digest}$`, 'm'));
});

test('a manifest that exists stays as it is, and nothing is committed', async t => {
  const repository = createRepository(t);
  await pushFirstDeployments(repository, [digits]);
  const before = git(repository, 'rev-parse', 'main');
  const later = { ...digits, version: 2 };
  assert.deepEqual(await pushFirstDeployments(repository, [later]), []);
  assert.equal(git(repository, 'rev-parse', 'main'), before);
});

test('a repository that is not there is an error', async () => {
  await assert.rejects(
    pushFirstDeployments('/nonexistent/environments.git', [digits]),
    /nonexistent/,
  );
});
