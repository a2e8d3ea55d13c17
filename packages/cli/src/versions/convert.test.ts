import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from '../__testUtils__/run';

/** A portal that converts: what it answers each time it is asked how far it is. */
let server: Server;
let url: string;
let states: object[];
let asked: string[];

beforeEach(async () => {
  asked = [];
  server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    asked.push(`${req.method} ${req.url} ${body}`.trim());
    res.setHeader('content-type', 'application/json');
    const state = states.length > 1 ? states.shift() : states[0];
    const conversion = { model: 'digits', version: 2, job: 'j1', state };
    res.end(JSON.stringify(req.method === 'GET' ? { conversion } : conversion));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const convert = (...args: string[]) =>
  run(['versions', 'convert', 'digits', '2', ...args], {
    environment: { GREENROOM_URL: url, GREENROOM_TOKEN: 'mine' },
  });
const PATH = '/api/ai-training/models/digits/versions/2/conversion';

it('waits for the version that is made', async () => {
  states = [
    { phase: 'converting' },
    { phase: 'converting' },
    { phase: 'converted', made: 3 },
  ];
  const { code, printed: output } = await convert('--allow-other-versions');
  expect(code).toBe(0);
  expect(output).toMatch(/by job j1: greenroom train log j1 --follow/);
  expect(output).toMatch(/version 2 of 'digits' is version 3 in ONNX/);
  expect(asked).toEqual([
    `POST ${PATH} {"allowOtherVersions":true}`,
    `GET ${PATH}`,
    `GET ${PATH}`,
  ]);
});

it('says why there is none', async () => {
  states = [
    { phase: 'converting' },
    { phase: 'failed', reason: 'It is blue.' },
  ];
  const { code, complained: errors } = await convert();
  expect(code).toBe(1);
  expect(errors).toContain('It is blue.');
  expect(asked[0]).toBe(`POST ${PATH} {}`);
});

it('tells a cancelled one and one that takes too long apart', async () => {
  states = [{ phase: 'cancelled', by: 'user:default/ada' }];
  const cancelled = await convert('--json');
  expect(cancelled.code).toBe(6);
  expect(JSON.parse(cancelled.printed)).toMatchObject({ job: 'j1' });
  states = [{ phase: 'converting' }];
  const late = await convert('--timeout', '1s');
  expect(late.code).toBe(3);
  expect(late.complained).toMatch(/was not converted in time; job j1 goes on/);
});
