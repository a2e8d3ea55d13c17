// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  judge,
  MAX_LATENCY_MILLIS,
  median,
} from '../../bench/control-plane/judge.mjs';

test('takes what holds for good', () => {
  const { rows, broken } = judge({
    pages: [{ page: 'models', smallMillis: 10, largeMillis: 30 }],
    latencies: [
      {
        what: 'a key is usable',
        millis: [1_999, 3],
        maxMillis: MAX_LATENCY_MILLIS,
      },
    ],
  });
  assert.deepEqual(rows, [
    { page: 'models', 'few, ms': 10, 'many, ms': 30, ratio: 3 },
  ]);
  assert.deepEqual(broken, []);
});

test('says each bound that does not hold', () => {
  const { broken } = judge({
    pages: [{ page: 'models', smallMillis: 10, largeMillis: 31 }],
    latencies: [
      {
        what: 'a key is usable',
        millis: [10, 2_001],
        maxMillis: MAX_LATENCY_MILLIS,
      },
    ],
  });
  assert.deepEqual(broken, [
    'models takes 3.1 times as long, expected at most 3',
    'a key is usable took 2001 ms, expected at most 2000',
  ]);
});

test('takes the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});
