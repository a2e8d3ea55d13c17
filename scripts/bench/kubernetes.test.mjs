// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeKubernetes } from '../../bench/kubernetes/judge.mjs';
import { measureKubernetes } from '../../bench/kubernetes/measure.mjs';
import { ensureKubernetes } from '../test/kubernetes.mjs';

test('says which bound does not hold', () => {
  const { lines, broken } = judgeKubernetes({
    environments: 3,
    firstSeconds: 4,
    quiet: { seconds: 100, writes: 2.5, reads: 40 },
    podsMillis: [400, 2_500],
    lagMillis: [1, 3],
    megabytes: 70,
  });
  assert.equal(lines.length, 5);
  assert.deepEqual(broken, [
    'pods had their nodes 2500 ms after they were wanted, expected at most 2000 ms',
    '2.50 writes a second while nothing changed, expected at most 2',
  ]);
});

test('the benchmark of clusters runs', { timeout: 300_000 }, async context => {
  process.env.GREENROOM_TEST_KUBERNETES ??= await ensureKubernetes();
  if (!process.env.GREENROOM_TEST_KUBERNETES) {
    context.skip('there is no control plane of Kubernetes');
    return;
  }
  const measured = await measureKubernetes({
    environments: 2,
    changes: 1,
    quietSeconds: 1,
    say: () => {},
  });
  assert.equal(measured.podsMillis.length, 1);
  assert.equal(measured.lagMillis.length, 1);
  assert.ok(measured.podsMillis[0] > 0);
  assert.ok(measured.quiet.seconds >= 1);
});
