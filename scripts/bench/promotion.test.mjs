// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { measureInFlight } from '../../bench/promotion/inFlight.mjs';
import { judgeInFlight, judgeMerges } from '../../bench/promotion/judge.mjs';
import { measureMerges } from '../../bench/promotion/merges.mjs';
import { buildInferenceServer } from '../stack/parts.mjs';

const say = () => {};

test('says which bound does not hold', () => {
  assert.deepEqual(judgeMerges([900, 4_999, 1_000]), {
    lines: [
      'From the merge to the first answer of the new version: 1000 ms in the middle, 4999 ms at most, of 3.',
    ],
    broken: [],
  });
  assert.deepEqual(judgeMerges([5_001]).broken, [
    'a merge was answered after 5001 ms, expected at most 5000',
  ]);
  const flight = {
    openedMillis: 1_000,
    inReviewMillis: 20_000,
    longestMillis: 10_001,
    mostWaiting: 3,
    steps: 200,
  };
  const { lines, broken } = judgeInFlight(flight);
  assert.match(lines[0], /after 20\.0 s: 10\.0 steps a second/);
  assert.deepEqual(broken, [
    'a promotion waited 10001 ms for its next step, expected at most 10000',
  ]);
  assert.deepEqual(
    judgeInFlight({ ...flight, longestMillis: 10_000 }).broken,
    [],
  );
});

test('the benchmark of promotions runs', { timeout: 300_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-promotion-'));
  try {
    await buildInferenceServer();
    const millis = await measureMerges({ directory, rounds: 1, say });
    assert.equal(millis.length, 1);
    const flight = await measureInFlight({ directory, promotions: 2, say });
    assert.ok(flight.steps >= 2 * 10, `${flight.steps} steps were taken`);
    assert.ok(flight.longestMillis >= 0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
