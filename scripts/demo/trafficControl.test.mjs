// @ts-check
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const directory = mkdtempSync(path.join(tmpdir(), 'demo-traffic-'));
process.env.GREENROOM_DATA_DIR = directory;
after(() => rmSync(directory, { recursive: true }));

// Imported late: the data folder is read once, on import.
const control = await import('./trafficControl.mjs');

test('a requested mode lasts until its time is over', t => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  assert.equal(control.readRequestedMode(), undefined);
  control.requestMode({ mode: 'drift', seconds: 60 });
  t.mock.timers.tick(59_000);
  assert.equal(control.readRequestedMode(), 'drift');
  t.mock.timers.tick(1000);
  assert.equal(control.readRequestedMode(), undefined);
});

test('a requested mode can be ended early, and twice', () => {
  control.requestMode({ mode: 'drift', seconds: 60 });
  control.endRequestedMode();
  control.endRequestedMode();
  assert.equal(control.readRequestedMode(), undefined);
});

test('a generator is found while it is registered', () => {
  assert.equal(control.findGenerator(), undefined);
  const unregister = control.registerGenerator();
  assert.equal(control.findGenerator(), process.pid);
  const second = control.registerGenerator();
  second();
  assert.equal(control.findGenerator(), process.pid);
  unregister();
  assert.equal(control.findGenerator(), undefined);
});
