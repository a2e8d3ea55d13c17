// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { judgeCatalog } from '../../bench/catalog/judge.mjs';
import { measureCatalog } from '../../bench/catalog/measure.mjs';

test('says which bound does not hold', () => {
  const comparisons = [
    { millis: 900, controlPlaneCpuMillis: 700, databaseCpuMillis: 90 },
  ];
  const { lines, broken } = judgeCatalog({
    quiet: [1_000, 2_000, 5_000],
    busy: [5_001, 100],
    comparisons,
  });
  assert.deepEqual(lines, [
    'A change is in the catalog, while nothing else is compared: 2.00 s in the middle, 5.00 s at most, of 3.',
    'A change is in the catalog, while all models are compared: 2.55 s in the middle, 5.00 s at most, of 2.',
    'A comparison of all models takes 0.90 s, and 0.70 s of a core in the control plane and 0.09 s in the database, in the middle of 1.',
  ]);
  assert.deepEqual(broken, [
    'a change was in the catalog after 5001 ms while all models are compared, expected at most 5000',
  ]);
});

test('the benchmark of the catalog runs', { timeout: 300_000 }, async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'bench-catalog-'));
  try {
    const { quiet, busy, comparisons } = await measureCatalog({
      directory,
      models: 20,
      deployed: 1,
      changes: 1,
      pauseSeconds: 1,
      say: () => {},
    });
    assert.equal(quiet.length, 1);
    assert.equal(busy.length, 1);
    assert.ok(comparisons.every(({ millis }) => millis > 0));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
