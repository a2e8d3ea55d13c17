// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { cases } from '../../bench/tracking/cases.mjs';
import { judgeTracking } from '../../bench/tracking/judge.mjs';
import { measureTracking } from '../../bench/tracking/measure.mjs';

const answered = (meanMillis, failures = 0) => ({
  perSecond: 20_000 / meanMillis,
  meanMillis,
  p95Millis: 2 * meanMillis,
  failures,
  failure: failures ? 'Error: 500' : undefined,
});

test('says which case is not as much faster as it should be', () => {
  const { rows, broken } = judgeTracking([
    { name: 'CreateRun', ours: answered(2), theirs: answered(20) },
    { name: 'SearchRuns', ours: answered(10), theirs: answered(99) },
    { name: 'GetByAlias', ours: answered(10, 3) },
  ]);
  assert.equal(rows.length, 3);
  assert.deepEqual(broken, [
    'SearchRuns is 9.90 times as fast as MLflow, expected 10',
    'GetByAlias: 3 failures, the first: Error: 500',
  ]);
});

test('the benchmark of tracking runs', { timeout: 300_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-tracking-'));
  try {
    const measured = await measureTracking({
      directory,
      users: 2,
      seconds: 0.2,
      size: { runs: 5, points: 500, versions: 2 },
      isAlone: true,
      say: () => {},
    });
    assert.equal(measured.length, cases.length);
    const { broken } = judgeTracking(measured);
    assert.deepEqual(broken, []);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
