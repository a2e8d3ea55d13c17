// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { judgeArtifact } from '../../bench/tracking/artifact.mjs';
import { cases } from '../../bench/tracking/cases.mjs';
import { judgeTracking } from '../../bench/tracking/judge.mjs';
import { measureTracking } from '../../bench/tracking/measure.mjs';

const answered = (meanMillis, failures = 0) => ({
  answers: 100,
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
    { name: 'GetByAlias', ours: answered(10, 3), filled: answered(31) },
  ]);
  assert.equal(rows.length, 3);
  assert.deepEqual(broken, [
    'SearchRuns is 9.90 times as fast as MLflow, expected 10',
    'GetByAlias: 3 failures, the first: Error: 500',
    'GetByAlias takes 3.10 times as long in a full store, expected 3 at most',
  ]);
});

test('says where a large artifact is slow or takes memory', () => {
  assert.deepEqual(
    judgeArtifact({
      copySeconds: 1,
      upSeconds: 2,
      downSeconds: 4,
      growthMib: 300,
    }),
    [
      'a large artifact goes down at 0.25 of what cp does, expected 0.5',
      'the control plane has 300 MiB more while a large artifact goes through it, expected 200 at most',
    ],
  );
});

test('the benchmark of tracking runs', { timeout: 300_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-tracking-'));
  try {
    const { measured, artifact } = await measureTracking({
      directory,
      users: 2,
      seconds: 0.2,
      size: { runs: 5, points: 500, versions: 2 },
      isAlone: true,
      full: { runs: 20, points: 2_000, versions: 20 },
      artifactMib: 2,
      say: () => {},
    });
    assert.equal(measured.length, cases.length);
    for (const { name, ours, filled } of measured) {
      assert.equal(ours.failures, 0, `${name}: ${ours.failure}`);
      assert.equal(filled?.failures, 0, `${name}: ${filled?.failure}`);
      assert.ok(ours.answers > 0 && Number(filled?.answers) > 0, name);
    }
    assert.ok(artifact && artifact.upSeconds > 0 && artifact.downSeconds > 0);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
