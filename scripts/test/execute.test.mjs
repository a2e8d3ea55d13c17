// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execute } from './execute.mjs';

test('a program that ends says how', async () => {
  const { code, output } = await execute(
    ['-e', 'console.log("done"); process.exitCode = 3'],
    { capture: true },
  );
  assert.deepEqual([code, output], [3, 'done\n']);
});

test('what it says on its error output is captured where that is asked for', async () => {
  const { output } = await execute(['-e', 'console.error("wrong")'], {
    capture: true,
    captureErrors: true,
  });
  assert.equal(output, 'wrong\n');
});

test('one that hangs, and whose child holds its output open, has failed', async () => {
  const program = `
    require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 2000)'], { stdio: 'inherit' });
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
    console.log('hangs');
  `;
  const { code, output } = await execute(['-e', program], {
    capture: true,
    mostMillis: 1_000,
    millisToStop: 100,
  });
  assert.deepEqual([code, output], [1, 'hangs\n']);
});
