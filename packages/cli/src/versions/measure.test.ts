import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../__testUtils__/run';

/** A portal that measures: what it answers each time it is asked how far it is. */
let server: Server;
let url: string;
let states: object[];
let asked: { method?: string; path?: string; body: string }[];

const METRICS = [
  {
    name: 'accuracy',
    value: 0.97,
    interval: [0.95, 0.98],
    higherIsBetter: true,
  },
];
const DONE = {
  phase: 'done',
  finishedAt: '2026-05-03T08:01:00.000Z',
  result: {
    runtime: 'a server 1.0',
    rows: 899,
    unlabelled: 1,
    unanswered: 0,
    remarks: ['A remark.'],
    metrics: METRICS,
    slices: [{ name: 'site = a', rows: 4, few: true }],
  },
};

beforeEach(async () => {
  asked = [];
  server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    asked.push({ method: req.method, path: req.url, body });
    res.setHeader('content-type', 'application/json');
    const next = states.length > 1 ? states.shift() : states[0];
    res.end(JSON.stringify({ id: 'm1', model: 'digits', version: 2, ...next }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const measure = (...args: string[]) =>
  run(['versions', 'measure', 'digits', '2', ...args], {
    environment: { GREENROOM_URL: url, GREENROOM_TOKEN: 'mine' },
  });
const QUESTION = ['--dataset', 'held-out@3', '--target', 'digit'];

it('waits for the end, and says what was found', async () => {
  states = [
    { state: { phase: 'queued' } },
    { state: { phase: 'running', done: 50, of: 900 } },
    {
      state: DONE,
      comparison: {
        environment: 'production',
        version: 1,
        measurement: 'm2',
        missing: 'Version 1 is still being measured.',
      },
    },
    {
      state: DONE,
      comparison: {
        environment: 'production',
        version: 1,
        measurement: 'm2',
        paired: {
          metric: 'accuracy',
          rows: 899,
          improvement: 0.02,
          interval: [0.01, 0.03],
        },
      },
    },
  ];
  const { code, printed } = await measure(
    ...QUESTION,
    ...['--feature', 'p0=pixel=0', '--slice', 'site', '--slice', 'age'],
    ...['--compare-with', 'production'],
  );
  expect(code).toBe(0);
  expect(JSON.parse(asked[0].body)).toEqual({
    dataset: { name: 'held-out', version: 3 },
    target: 'digit',
    features: { p0: 'pixel=0' },
    slices: ['site', 'age'],
    compareWith: 'production',
  });
  expect(printed).toContain('version 2 answers the rows: 50 of 900');
  expect(printed).toContain('Version 1 is still being measured.');
  expect(printed).toMatch(/accuracy\s+0.97\s+0.95 to 0.98/);
  expect(printed).toContain('site = a: - (too few rows, 4 rows)');
  expect(printed).toContain('A remark.');
  expect(printed).toContain(
    'better than version 1 of production by 0.02 (95 %: 0.01 to 0.03)',
  );
});

it('fails with the reason, and is told in JSON, too', async () => {
  states = [{ state: { phase: 'failed', reason: 'Opset 99' } }];
  const { code, printed, complained } = await measure(...QUESTION, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(printed).state.reason).toBe('Opset 99');
  expect(complained).toContain(
    "version 2 of 'digits' could not be measured: Opset 99",
  );
});

it('waits no longer than it is told', async () => {
  states = [{ state: { phase: 'running', done: 1, of: 2 } }];
  const { code, complained } = await measure(...QUESTION, '--timeout', '1s');
  expect(code).toBe(3);
  expect(complained).toContain('the portal goes on with measurement m1');
});

it.each([
  [['--dataset', 'held-out', '--target', 'digit'], 'expected NAME@VERSION'],
  [['--dataset', 'held-out@0', '--target', 'digit'], 'expected NAME@VERSION'],
  [['--dataset', 'held-out@3'], 'expected --target'],
  [[...QUESTION, '--feature', 'p0='], 'expected NAME=COLUMN'],
  [[...QUESTION, '--primary', 'beauty'], 'expected one of accuracy'],
])('refuses %j before it asks anybody', async (args, message) => {
  states = [{}];
  const { code, complained } = await measure(...args);
  expect(code).toBe(2);
  expect(complained).toContain(message);
  expect(asked).toEqual([]);
});
