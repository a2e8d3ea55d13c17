import type { Connection } from '@greenroom/plugin-ai-inference-common';
import { setTimeout } from 'node:timers/promises';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { Script, StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;
let standIns: StandIn[];
let works: Script;

function connectionOf(changes: Record<string, unknown>[] = [{}, {}]) {
  const connection: Connection = {
    name: 'llm',
    kind: 'balanced',
    settings: {},
    upstreams: standIns.map((standIn, index) => ({
      name: `llm/${index + 1}`,
      kind: 'openai',
      settings: { baseUrl: `${standIn.url}/v1`, secret: 'env:STAND_IN_KEY' },
      weight: 1,
      ...changes[index],
    })),
  };
  return connection;
}

async function serve(connection: Connection): Promise<void> {
  const variant = addExternalModel(server.controlPlane, { connection });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
  await server.start();
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIns = [createOpenAiStandIn(), createOpenAiStandIn()];
  await Promise.all(standIns.map(standIn => standIn.start()));
  works = standIns[0].script;
  server = await TestServer.create();
});
afterEach(async () => {
  delete process.env.STAND_IN_KEY;
  await server.close();
  await Promise.all(standIns.map(standIn => standIn.stop()));
});

const call = (
  body: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) =>
  server.send('/v1/chat/completions', {
    method: 'POST',
    key: 'gr_all',
    headers,
    body: JSON.stringify({
      model: 'bot',
      messages: [{ role: 'user', content: 'Hello' }],
      ...body,
    }),
  });
const received = () => standIns.map(({ calls }) => calls.length);
const refuseWith =
  (status: number, headers: Record<string, string> = {}): Script =>
  (_call, response) =>
    openAiUnderTest.refuse(response, status, 'Not now.', headers);

it('shares calls between the upstreams', async () => {
  await serve(connectionOf());
  for (let i = 0; i < 40; i++) expect((await call()).status).toBe(200);
  const [first, second] = received();
  expect(first + second).toBe(40);
  expect(Math.min(first, second)).toBeGreaterThan(5);
});

it('sends less to the one that has more to do', async () => {
  await serve(connectionOf());
  standIns[0].script = async (received_, response) => {
    await setTimeout(3_000);
    await works(received_, response);
  };
  const slow: Promise<unknown>[] = [];
  while (standIns[0].calls.length === 0) {
    slow.push(call());
    await setTimeout(50);
  }
  for (let i = 0; i < 20; i++) await call();
  expect(standIns[0].calls).toHaveLength(1);
  await Promise.all(slow);
});

it.each([
  ['has a limit', refuseWith(429, { 'retry-after': '60' })],
  ['takes its secret no more', refuseWith(401)],
  ['does not know the model', refuseWith(404)],
  ['is in trouble', refuseWith(500)],
  [
    'breaks the connection',
    ((_call, response) => response.socket?.destroy()) as Script,
  ],
])('asks the other one, at once, where one %s', async (_what, script) => {
  await serve(connectionOf());
  standIns[0].script = script;
  for (let i = 0; i < 10; i++) expect((await call()).status).toBe(200);
  expect(standIns[1].calls).toHaveLength(10);
  expect(standIns[0].calls.length).toBeLessThanOrEqual(10);
});

it('leaves one alone for the time that it says, and the other one not', async () => {
  await serve(connectionOf());
  standIns[0].script = refuseWith(429, { 'retry-after': '3' });
  while (standIns[0].calls.length === 0) await call();
  for (let i = 0; i < 20; i++) expect((await call()).status).toBe(200);
  expect(standIns[0].calls).toHaveLength(1);
  await setTimeout(3_000);
  standIns[0].script = works;
  await waitFor(async () => {
    await call();
    return standIns[0].calls.length > 1;
  });
});

it('says when the first one comes back where none is called', async () => {
  await serve(connectionOf());
  standIns[0].script = refuseWith(429, { 'retry-after': '100' });
  standIns[1].script = refuseWith(429, { 'retry-after': '20' });
  expect((await call()).status).toBe(429);
  const refused = await call();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(20);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(10);
  expect(refused.json.error.message).toBe(
    `the connection "llm": the provider's limit is reached: it is tried again in ${refused.headers['retry-after']} s`,
  );
  expect(received()).toEqual([1, 1]);
});

it('sends a fifth of the calls again at most, so that a storm does not double', async () => {
  await serve(connectionOf());
  for (const standIn of standIns) standIn.script = refuseWith(500);
  const calls = 200;
  // By twos: the breakers are to see some of them.
  let statuses: number[] = [];
  for (let i = 0; i < calls / 2; i++) {
    const two = await Promise.all([call(), call()]);
    statuses = statuses.concat(two.map(({ status }) => status));
  }
  expect(new Set(statuses)).toEqual(new Set([502, 503]));
  const [first, second] = received();
  expect(first + second).toBeLessThan(calls * 1.2 + 10);
  expect(await server.metrics()).toMatch(
    /greenroom_upstream_available\{upstream="llm\/1"\} 0/,
  );
});

it('says of what it leaves alone why, and nothing that the provider says of a secret', async () => {
  await serve(connectionOf());
  for (const standIn of standIns) {
    standIn.script = (_call, response) =>
      openAiUnderTest.refuse(response, 401, 'Incorrect key sk-s***789.');
  }
  let answer = await call();
  for (let i = 0; i < 60 && answer.status !== 503; i++) answer = await call();
  expect(answer.status).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(answer.json.error.message).toMatch(
    /^the connection "llm": too many of the last calls failed \(the provider does not take its secret \(401\)\): it is tried again in \d+ s$/,
  );
});

it('keeps calls together that a provider may remember', async () => {
  await serve(connectionOf());
  for (const key of ['a', 'b', 'c', 'd']) {
    const before = received();
    for (let i = 0; i < 5; i++) await call({ prompt_cache_key: key });
    const [first, second] = received();
    expect([first - before[0], second - before[1]].sort()).toEqual([0, 5]);
  }
  const before = received();
  for (let i = 0; i < 5; i++) await call({}, { 'x-assignment-id': 'ada' });
  const [first, second] = received();
  expect([first - before[0], second - before[1]].sort()).toEqual([0, 5]);
});

it('takes them elsewhere while their upstream is not there', async () => {
  await serve(connectionOf());
  await call({ prompt_cache_key: 'a' });
  const preferred = standIns.findIndex(({ calls }) => calls.length === 1);
  standIns[preferred].script = refuseWith(429, { 'retry-after': '60' });
  for (let i = 0; i < 5; i++) {
    expect((await call({ prompt_cache_key: 'a' })).status).toBe(200);
  }
  expect(standIns[preferred].calls).toHaveLength(2);
});

it('counts streams against an upstream that break off after they began', async () => {
  await serve(connectionOf());
  standIns[0].script = (_call, response) => {
    openAiUnderTest.beginStream(response);
    response.end();
  };
  for (let i = 0; i < 80; i++) await call({ stream: true });
  const before = standIns[0].calls.length;
  expect(before).toBeLessThan(40);
  for (let i = 0; i < 10; i++) {
    const { body } = await call({ stream: true });
    expect(String(body)).toContain('[DONE]');
  }
  expect(standIns[0].calls).toHaveLength(before);
});

it('refuses a version at load where an upstream does not do its tasks', async () => {
  const settings = {
    project: 'a-project',
    location: 'global',
    credentials: 'env:VERTEX',
  };
  const errorOfModel = () => server.controlPlane.latestReport?.models[0]?.error;
  await serve(connectionOf([{}, { kind: 'hugging-face', settings: {} }]));
  await waitFor(() => errorOfModel() !== undefined);
  expect(errorOfModel()).toContain(
    'the connection "llm/2" cannot be used: secret',
  );
  const variant = addExternalModel(server.controlPlane, {
    connection: connectionOf([{}, { kind: 'vertex-ai', settings }]),
    descriptor: { tasks: ['completions'] },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
  await waitFor(() => errorOfModel()?.includes('kind') ?? false);
  expect(errorOfModel()).toBe(
    'the connection "llm/2" is of the kind vertex-ai, which does not answer the task "completions"',
  );
});

it('tells how each upstream does', async () => {
  await serve(connectionOf());
  for (let i = 0; i < 20; i++) await call();
  const metrics = await server.metrics();
  for (const name of ['llm/1', 'llm/2']) {
    expect(metrics).toMatch(
      new RegExp(
        `greenroom_upstream_calls_total\\{upstream="${name}",outcome="answered"\\} \\d`,
      ),
    );
    expect(metrics).toContain(
      `greenroom_upstream_available{upstream="${name}"} 1`,
    );
    expect(metrics).toContain(
      `greenroom_upstream_calls_in_flight{upstream="${name}"} 0`,
    );
  }
});
