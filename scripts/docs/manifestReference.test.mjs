// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manifestReference, PAGE, readSchema } from './manifestReference.mjs';

test('the page of the manifest is what its schema says', () => {
  assert.equal(
    readFileSync(PAGE, 'utf8'),
    manifestReference(readSchema()),
    'run `node scripts/docs/manifestReference.mjs`',
  );
});
