// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';

const PROGRAM = path.join(
  root,
  'packages/inference-server/bin/greenroom-data-plane.cjs',
);

/** Starts the program in a process that says to be another Node. */
function startWith(version) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  return spawnSync(
    process.execPath,
    ['-e', `${pretend} require(${JSON.stringify(PROGRAM)});`],
    { encoding: 'utf8', timeout: 30_000 },
  );
}

for (const version of ['8.17.0', '20.20.2', '21.7.3']) {
  test(`the data plane says that Node ${version} is too old`, () => {
    const { status, stderr } = startWith(version);
    assert.equal(status, 78);
    assert.equal(
      stderr,
      `The data plane needs Node 22 or newer, and this is Node ${version}: install a newer one.\n`,
    );
  });
}

test('the data plane has nothing against a newer Node', () => {
  assert.doesNotMatch(startWith('22.0.0').stderr, /needs Node/);
});
