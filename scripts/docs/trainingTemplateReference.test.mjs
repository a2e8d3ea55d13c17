// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  PAGE,
  readSchema,
  trainingTemplateReference,
} from './trainingTemplateReference.mjs';

test('the page of the training template is what its schema says', () => {
  assert.equal(
    readFileSync(PAGE, 'utf8'),
    trainingTemplateReference(readSchema()),
    'run `node scripts/docs/trainingTemplateReference.mjs`',
  );
});
