// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureCluster } from '../../bench/training/cluster.mjs';
import {
  judgeCluster,
  judgePasses,
  judgeQueue,
} from '../../bench/training/judge.mjs';
import { measurePasses } from '../../bench/training/pass.mjs';
import { measureQueue } from '../../bench/training/queue.mjs';
import { ensureKubernetes } from '../test/kubernetes.mjs';

test('says which bound of training does not hold', () => {
  const measured = {
    queued: 10_000,
    millis: [60, 20, 50, 10],
    cpuMillis: [30, 12, 50, 9],
    starts: 3,
    preemptions: 1,
  };
  assert.deepEqual(judgeQueue([measured]), {
    lines: [
      '10000 queued jobs: p50 20.00 ms, p95 60.00 ms, p99 60.00 ms, 60.00 ms at most, of 4; 12.00 ms of processor time in the middle; the last one started 3 and preempted 1.',
    ],
    broken: [],
  });
  assert.deepEqual(
    judgeQueue([{ ...measured, cpuMillis: [50.1, 50.1, 10] }]).broken,
    [
      'a decision with 10000 queued jobs took 50.1 ms of processor time in the middle, expected at most 50',
    ],
  );
});

test('the benchmark of training runs', { timeout: 60_000 }, async () => {
  const [few, many] = await measureQueue({
    queued: [100, 10_000],
    rounds: 3,
    say: () => {},
  });
  assert.equal(few.millis.length, 3);
  assert.ok(many.starts > 0, 'some start');
  assert.ok(many.preemptions > 0, 'some take units back');
  // Far above what it takes, so that a busy machine passes and a decision that compares all jobs with all others does not.
  assert.ok(Math.min(...many.cpuMillis) < 500, `${many.cpuMillis} ms`);
});

test('says which bound of looks and of what is seen does not hold', () => {
  const pass = (millis, cpuMillis) => ({ millis, cpuMillis });
  const passes = judgePasses({
    queued: 10_000,
    first: pass(900, 400),
    quiet: [pass(500, 301), pass(400, 302), pass(700, 290)],
  });
  assert.deepEqual(passes.lines, [
    'a look at 10000 queued jobs: 500 ms in the middle, 301 ms of them processor time, of 3; the first one, which told each why it waits, 900 ms.',
  ]);
  assert.deepEqual(passes.broken, [
    'a look at 10000 queued jobs took 301 ms of processor time in the middle, expected at most 300',
  ]);
  const cluster = judgeCluster({
    jobs: 10,
    submitSeconds: 2,
    createdSeconds: 4,
    createdMillis: [500, 1_500, 2_000],
    lagMillis: [3_001, 3_100, 10],
  });
  assert.deepEqual(cluster.lines, [
    '10 jobs: accepted at 5.0 a second, with their Jobs at 2.5 a second; from a request to its Job 1.5 s in the middle, 2.0 s at the 95th percentile.',
    'a program has ended: the portal says so after 3001 ms in the middle, 3100 ms at the 95th percentile, of 3.',
  ]);
  assert.deepEqual(cluster.broken, [
    'the portal said 3001 ms after the cluster that a program had ended, expected at most 3000',
  ]);
});

test(
  'the benchmark of looks at all jobs runs',
  { timeout: 120_000 },
  async () => {
    const { first, quiet } = await measurePasses({
      queued: 500,
      passes: 3,
      say: () => {},
    });
    assert.equal(quiet.length, 3);
    assert.ok(first.millis > 0);
  },
);

test(
  'the benchmark of jobs in a cluster runs',
  { timeout: 300_000 },
  async context => {
    process.env.GREENROOM_TEST_KUBERNETES ??= await ensureKubernetes();
    if (!process.env.GREENROOM_TEST_KUBERNETES) {
      context.skip('there is no control plane of Kubernetes');
      return;
    }
    const { createdMillis, lagMillis } = await measureCluster({
      jobs: 5,
      changes: 2,
      say: () => {},
    });
    assert.equal(createdMillis.length, 5);
    assert.ok(createdMillis.every(millis => millis > 0));
    assert.equal(lagMillis.length, 2);
    assert.ok(lagMillis.every(millis => millis > 0));
  },
);
