// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeQueue } from '../../bench/training/judge.mjs';
import { measureQueue } from '../../bench/training/queue.mjs';

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
