// @ts-check
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { KEY, SmallControlPlane } from './dataPlaneAlone.mjs';

test('a data plane that asks before there is a model gets the key', async () => {
  const plane = await SmallControlPlane.start();
  try {
    const answer = await fetch(`${plane.url}/access`);
    const { keys } = /** @type {any} */ (await answer.json());
    const sha256 = createHash('sha256').update(KEY).digest('hex');
    assert.deepEqual(
      keys.map(key => key.sha256),
      [sha256],
    );
  } finally {
    plane.stop();
  }
});
