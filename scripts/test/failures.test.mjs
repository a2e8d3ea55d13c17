// @ts-check
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  failureOfTool,
  failuresOfDrills,
  failuresOfJest,
  failuresOfNode,
  failuresOfPlaywright,
} from './failures.mjs';

test('of Jest: tests that failed, and files that could not be run', () => {
  const report = {
    testResults: [
      {
        name: '/here/packages/a.test.ts',
        message: 'the whole output',
        assertionResults: [
          { status: 'passed', fullName: 'a adds', failureMessages: [] },
          {
            status: 'failed',
            fullName: 'a subtracts',
            failureMessages: ['\u001b[31mExpected: 1\u001b[39m\n\nReceived: 2'],
          },
        ],
      },
      {
        name: '/here/packages/b.test.ts',
        message: "Cannot find module './b'",
        assertionResults: [],
      },
      {
        name: '/here/packages/c.test.ts',
        message: '',
        assertionResults: [
          { status: 'passed', fullName: 'c', failureMessages: [] },
        ],
      },
    ],
  };
  assert.deepEqual(failuresOfJest(report, '/here'), [
    {
      name: 'packages/a.test.ts: a subtracts',
      says: 'Expected: 1\nReceived: 2',
    },
    { name: 'packages/b.test.ts', says: "Cannot find module './b'" },
  ]);
});

test('a long message is shortened', () => {
  const message = Array.from({ length: 5_000 }, (_, at) => `line ${at}`);
  const [{ says }] = failuresOfJest(
    {
      testResults: [
        { name: 'x', message: message.join('\n'), assertionResults: [] },
      ],
    },
    '/here',
  );
  assert.equal(says.split('\n').length, 12);
});

test('of Playwright: in suites of suites, and of what is no test', () => {
  const spec = {
    ok: false,
    file: 'story.spec.ts',
    title: 'a model is promoted',
    tests: [{ results: [{ errors: [{ message: 'Timed out' }] }] }],
  };
  assert.deepEqual(
    failuresOfPlaywright({
      suites: [{ suites: [{ specs: [spec, { ...spec, ok: true }] }] }],
      errors: [{ message: 'The stack does not start' }],
    }),
    [
      { name: 'story.spec.ts: a model is promoted', says: 'Timed out' },
      { name: 'the browser tests', says: 'The stack does not start' },
    ],
  );
});

test("of Node's own runner, as it prints them", t => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'failures-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'a.test.mjs');
  writeFileSync(
    file,
    `import { test } from 'node:test';
     test('adds', () => {});
     test('subtracts', () => { throw new Error('is 2'); });
     test('multiplies', () => { throw new Error('is 3'); });`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(
    process.execPath,
    ['--test', '--test-reporter', 'spec', file],
    { env, encoding: 'utf8' },
  );
  const failures = failuresOfNode(stdout);
  assert.equal(failures.length, 2);
  assert.match(failures[0].name, /a\.test\.mjs:3/);
  assert.match(failures[0].says, /subtracts[^]*is 2/);
  assert.match(failures[1].says, /multiplies[^]*is 3/);
  assert.deepEqual(failuresOfNode('ℹ pass 3\n'), []);
});

test('of drills, and of a tool', () => {
  assert.deepEqual(
    failuresOfDrills(
      '  ✓ one holds\n  \u001b[31m✗\u001b[39m two is lost (3)\n',
    ),
    [{ name: 'two is lost (3)', says: '' }],
  );
  assert.deepEqual(failureOfTool('types', 'a.ts: wrong\n\n'), {
    name: 'types',
    says: 'a.ts: wrong',
  });
});
