// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findEngine, runArguments } from './engine.mjs';

test('takes the engine that is named, or the first that answers', () => {
  /** @param {string[]} words */
  const podman = words => words[0] === 'podman';
  assert.deepEqual(findEngine({}, podman), ['podman']);
  assert.deepEqual(
    findEngine(
      { GREENROOM_CONTAINER_ENGINE: 'podman  --runtime runc' },
      podman,
    ),
    ['podman', '--runtime', 'runc'],
  );
  assert.throws(() => findEngine({}, () => false), /no container engine/);
  assert.throws(
    () => findEngine({ GREENROOM_CONTAINER_ENGINE: 'docker' }, podman),
    /GREENROOM_CONTAINER_ENGINE is 'docker'/,
  );
});

test('starts containers with nothing writable but their own folder', () => {
  const words = runArguments({
    name: 'one',
    image: 'data-plane',
    mounts: { '/run/secrets/token': '/tmp/token' },
    variables: { A: 'b=c' },
    operands: ['--migrate-only'],
  });
  assert.ok(words.includes('--read-only'));
  assert.deepEqual(words.slice(-1), ['--migrate-only']);
  assert.ok(words.includes('/tmp/token:/run/secrets/token:ro'));
  assert.ok(words.includes('A=b=c'));
});
