// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './Random.mjs';
import { createDriftedRows, readHeldOutRows, rotateImage } from './rows.mjs';

test('held-out rows have one value a feature and no answer', () => {
  const digits = readHeldOutRows('digits');
  assert.equal(digits.length, 899);
  assert.ok(digits.every(row => row.length === 64));
  assert.ok(digits.flat().every(ink => ink >= 0 && ink <= 16));
  const diabetes = readHeldOutRows('diabetes');
  assert.equal(diabetes.length, 221);
  assert.ok(diabetes.every(row => row.length === 10));
});

test('a quarter turn moves the first row to a column and keeps the ink', () => {
  const firstRow = Array.from({ length: 64 }, (_, i) => (i < 8 ? i + 1 : 0));
  const turned = rotateImage(firstRow, 90).map(ink => Math.round(ink));
  const column = turned.filter((_, i) => i % 8 === 0);
  assert.deepEqual(column, [8, 7, 6, 5, 4, 3, 2, 1]);
  assert.equal(
    turned.reduce((sum, ink) => sum + ink),
    36,
  );
});

test('no turn changes nothing', () => {
  const [image] = readHeldOutRows('digits');
  assert.deepEqual(rotateImage(image, 0), image);
});

test('drifted digits are other images within the range of ink, repeatably', () => {
  const rows = readHeldOutRows('digits');
  const drifted = createDriftedRows('digits', rows, new Random(5));
  assert.equal(drifted.length, rows.length);
  assert.ok(drifted.flat().every(ink => ink >= 0 && ink <= 16));
  assert.notDeepEqual(drifted[0], rows[0]);
  assert.deepEqual(drifted, createDriftedRows('digits', rows, new Random(5)));
});

test('drifted patients are the unchanged rows of the upper 30 % by body mass index', () => {
  const rows = readHeldOutRows('diabetes');
  const drifted = createDriftedRows('diabetes', rows, new Random(5));
  const share = drifted.length / rows.length;
  assert.ok(share > 0.25 && share <= 0.3, `share ${share}`);
  assert.ok(drifted.every(row => rows.includes(row)));
  const lowest = Math.min(...drifted.map(row => row[2]));
  const others = rows.filter(row => !drifted.includes(row));
  assert.ok(others.every(row => row[2] < lowest));
});
