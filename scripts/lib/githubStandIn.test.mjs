// @ts-check
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startGitHub } from './githubStandIn.mjs';

test('a script has a GitHub to clone from', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'github-'));
  const { github, integration } = await startGitHub(directory);
  try {
    assert.equal(integration.apps[0].appId, github.state.app.id);
    await promisify(execFile)('git', [
      'clone',
      '--quiet',
      github.cloneUrlOf('octocat'),
      path.join(directory, 'clone'),
    ]);
    const head = readFileSync(
      path.join(directory, 'clone/.git/HEAD'),
      'utf8',
    ).trim();
    assert.equal(head, 'ref: refs/heads/main');
  } finally {
    await github.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
