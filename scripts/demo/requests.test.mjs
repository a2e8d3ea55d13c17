// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './Random.mjs';
import { createBrokenRequest, createPredictRequest } from './requests.mjs';

const row = [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87];

test('a request carries its rows row-major, with their shape', () => {
  const { path, body } = createPredictRequest('diabetes', [row, row]);
  assert.equal(path, '/v2/models/diabetes/infer');
  assert.deepEqual(JSON.parse(body), {
    inputs: [
      {
        name: 'features',
        datatype: 'FP32',
        shape: [2, 10],
        data: [...row, ...row],
      },
    ],
  });
});

test('every broken request differs from the good one, and all kinds come up', () => {
  const random = new Random(1);
  const good = createPredictRequest('diabetes', [row]);
  const kinds = new Set();
  for (let i = 0; i < 200; i++) {
    const { path, body } = createBrokenRequest('diabetes', row, random);
    assert.ok(path !== good.path || body !== good.body);
    kinds.add(`${path} ${body}`);
  }
  assert.equal(kinds.size, 7);
});
