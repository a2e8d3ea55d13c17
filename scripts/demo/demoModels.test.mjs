// @ts-check
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { demoModels, readVersion, VERSIONS } from './demoModels.mjs';
import { readHeldOutRows } from './rows.mjs';

const mean = values => values.reduce((sum, v) => sum + v, 0) / values.length;

for (const { name, task } of demoModels) {
  for (const version of VERSIONS) {
    test(`the files of ${name} version ${version} fit together`, () => {
      const { artifact, digest, body } = readVersion(name, version);
      const { evaluation, reference, schema } = body;
      assert.ok(artifact.length < 300_000);
      assert.match(digest, /^sha256:[0-9a-f]{64}$/);
      assert.equal(body.digest, digest);
      assert.equal(schema.task, task);

      const heldOut = readFileSync(
        path.join(root, 'examples', name, 'data/held-out.csv'),
      );
      const hash = createHash('sha256').update(heldOut).digest('hex');
      assert.equal(evaluation.dataset.digest, `sha256:${hash}`);

      const rows = readHeldOutRows(name);
      assert.equal(evaluation.dataset.rows, rows.length);
      assert.equal(evaluation.perRow.length, rows.length);
      const metric = evaluation.metrics[evaluation.primary.name];
      assert.ok(Math.abs(mean(evaluation.perRow) - metric) < 1e-4);

      assert.deepEqual(reference.features, rows);
      assert.equal(reference.predictions.length, rows.length);
      assert.equal(schema.features.length, rows[0].length);
    });
  }

  test(`version 2 of ${name} is better than version 1 on the same rows`, () => {
    const [first, second] = VERSIONS.map(
      version => readVersion(name, version).body.evaluation,
    );
    assert.equal(first.dataset.digest, second.dataset.digest);
    const { name: metric, higherIsBetter } = first.primary;
    const gain = second.metrics[metric] - first.metrics[metric];
    assert.ok(higherIsBetter ? gain > 0 : gain < 0);
  });
}

test('each version says which commit of the training code made it', () => {
  const { source } = readVersion('digits', 1).body;
  assert.equal(source.path, 'examples/digits/train.py');
  // A copy of the files without Git has no commit to tell.
  assert.match(source.commit ?? '0'.repeat(40), /^[0-9a-f]{40}$/);
});
