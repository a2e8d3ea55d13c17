// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, measureBrief } from '../../bench/infer/brief.mjs';
import { measureGrpc } from '../../bench/infer/grpc.mjs';
import { measureParts } from '../../bench/infer/parts.mjs';
import { measureProcesses } from '../../bench/infer/processes.mjs';
import { best, medianRatio } from '../../bench/infer/rounds.mjs';
import { measureServers } from '../../bench/infer/servers.mjs';
import { measureSoak } from '../../bench/infer/soak.mjs';
import { measureMany } from '../../bench/infer/many.mjs';
import { buildInferenceServer } from '../stack/parts.mjs';

const SHORT = { seconds: 0.5, rounds: 1, warmUpSeconds: 0 };

const round = cpuMicros => ({
  perSecond: 1e6 / cpuMicros,
  cpuMicros,
  p50: 1,
  p99: 2,
  failed: 0,
});

test('takes the least disturbed round, and the middle of what rounds compare', () => {
  const a = [round(30), round(20), round(90)];
  const b = [round(10), round(10), round(30)];
  assert.equal(best(a).cpuMicros, 20);
  assert.equal(medianRatio(a, b), 3);
  assert.equal(medianRatio(a.slice(0, 2), b.slice(0, 2)), 2.5);
});

test('says which promise does not hold', () => {
  const run = {
    perSecond: 1_000,
    requests: 10_000,
    failed: 0,
    seconds: 10,
    p95: 199,
    inferP95: 499,
  };
  const verdicts = runs => judge(runs).map(([, , verdict]) => verdict);
  assert.deepEqual(new Set(verdicts([run])), new Set(['holds']));
  assert.deepEqual(
    verdicts([
      { ...run, requests: 9_700, failed: 10, p95: 200, inferP95: 500 },
    ]),
    Array(4).fill('does not hold'),
  );
});

test('the benchmark of the data plane runs', { timeout: 300_000 }, async () => {
  await buildInferenceServer();
  const rows = await measureServers(SHORT);
  assert.equal(rows.length, 10);
  for (const row of rows) assert.equal(row.at(-1), 0, `${row} failed`);
  const promises = await measureBrief({ seconds: 1, rates: [200] });
  assert.equal(promises.length, 4);
  assert.equal(promises.at(-1)?.[1], '0.000 %');
  const forms = await measureGrpc(SHORT);
  assert.equal(forms.length, 6);
  for (const row of forms) assert.equal(row.at(-1), 0, `${row} failed`);
  const soak = await measureSoak({ seconds: 2, periodSeconds: 1 });
  assert.equal(soak.sizes.length, 2);
  assert.ok(soak.sizes.every(mebibytes => mebibytes > 10));
  assert.equal(soak.failed, 0);
  const processes = await measureProcesses({ ...SHORT, counts: [1, 2] });
  assert.equal(processes.length, 2);
  for (const row of processes) assert.equal(row.at(-1), 0, `${row} failed`);
  const many = await measureMany({ ...SHORT, count: 3 });
  assert.equal(many.many[0].failed, 0);
});

test('the benchmark of the parts runs', async () => {
  const parts = await measureParts({ calls: 100, rounds: 1 });
  assert.equal(parts.length, 10);
});
