// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoDatasets, readDataset } from './demoDatasets.mjs';
import { demoModels, readVersion, VERSIONS } from './demoModels.mjs';

test('the capital cities are questions, each once, with an answer', () => {
  const { content } = readDataset('scripts/demo/capital-cities.jsonl');
  const rows = content
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(rows.length, 30);
  for (const row of rows) {
    assert.deepEqual(Object.keys(row), ['input', 'expected']);
    assert.match(row.input, /^What is the capital of .+\?/);
    assert.ok(row.expected.length > 2);
  }
  assert.equal(new Set(rows.map(({ input }) => input)).size, rows.length);
});

for (const { name } of demoModels) {
  test(`the versions of ${name} are evaluated on a dataset of the demo`, () => {
    const digests = demoDatasets.map(({ file }) => readDataset(file).digest);
    for (const version of VERSIONS) {
      const { evaluation } = readVersion(name, version).body;
      assert.ok(digests.includes(evaluation.dataset.digest));
    }
  });
}
