import { setTimeout } from 'node:timers/promises';
import type { RequestLimits } from '@greenroom/plugin-ai-inference-common';
import { OpenAI } from 'openai';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { StandIn } from './providers/testing/StandIn';
import { row, x } from './testing/allModels';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

/** Requests stay in flight for that long. */
const batching = { maxRows: 64, maxDelayMicros: 300_000 };
const HELLO = [{ role: 'user' as const, content: 'Hello' }];
const CHAT = JSON.stringify({ model: 'bot', messages: HELLO });

let server: TestServer;
let standIn: StandIn;

async function start(limits: Partial<RequestLimits>): Promise<void> {
  server = await TestServer.create();
  server.controlPlane.receipt = { dataPlanes: 1 };
  const provider = (model: string) =>
    routeOf(model, [
      addExternalModel(server.controlPlane, {
        connection: {
          name: model,
          kind: 'openai',
          settings: {
            baseUrl: `${standIn.url}/v1`,
            secret: 'env:STAND_IN_KEY',
          },
        },
      }),
    ]);
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('linear', [variantOf('linear-1')]),
      routeOf('slow', [variantOf('linear-1')], { batching }),
      {
        ...provider('bot'),
        languageModel: {
          fallbacks: [{ model: 'other', when: ['unavailable'] }],
        },
      },
      provider('other'),
    ],
    [
      keyOf('gr_limited', ['*'], {
        requestLimits: { mode: 'hard', ...limits },
      }),
      keyOf('gr_free', ['*']),
    ],
  );
  await server.start();
  await waitFor(() => server.controlPlane.reports.length > 1);
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  await standIn.start();
});
afterEach(async () => {
  await waitFor(async () =>
    (await server.metrics()).includes('\ngreenroom_requests_in_flight 0\n'),
  );
  await server.close();
  await standIn.stop();
  delete process.env.STAND_IN_KEY;
});

const infer = (model = 'linear', body: unknown = row, key = 'gr_limited') =>
  server.infer(model, body, { key });
const chat = (body = CHAT) =>
  server.send('/ai/chat', { method: 'POST', key: 'gr_limited', body });
const rowsOf = (count: number) => ({
  inputs: [x(Array(3 * count).fill(1), [count, 3])],
});
/** Status and mark of each record of a model. */
const recordsOf = (wanted: string) =>
  server.controlPlane.taken
    .flatMap(({ groups }) => groups)
    .filter(({ model }) => model === wanted)
    .flatMap(({ status, limited }) =>
      status.map((each, index) => [each, limited?.[index] ?? 0]),
    );

it('says what is left, and refuses in the words of the protocol when nothing is', async () => {
  await start({ requestsPerSecond: 1, burst: 2 });
  const first = await infer();
  expect(first.status).toBe(200);
  expect(first.headers).toMatchObject({
    'ratelimit-policy': '"requests";q=2;w=2',
    ratelimit: '"requests";r=1;t=1',
  });
  expect((await infer()).status).toBe(200);
  const refused = await infer();
  expect([refused.status, refused.json]).toEqual([
    429,
    {
      error:
        'the limit of the key "name of gr_limited" is reached: 1 requests a second',
    },
  ]);
  expect(refused.headers).toMatchObject({
    'retry-after': '1',
    ratelimit: '"requests";r=0;t=2',
  });
  const explained = await server.send('/v2/models/linear/explain', {
    method: 'POST',
    key: 'gr_limited',
    body: JSON.stringify(row),
  });
  expect(explained.status).toBe(429);
  const free = await infer('linear', row, 'gr_free');
  expect(free.status).toBe(200);
  expect(free.headers).not.toHaveProperty('ratelimit');
});

it('is one limit for all data planes of an environment', async () => {
  await start({ rowsPerMinute: 10 });
  server.controlPlane.receipt = { dataPlanes: 2 };
  const { length } = server.controlPlane.reports;
  // The answer to this report may be on its way, that to the next is not.
  await waitFor(() => server.controlPlane.reports.length > length + 1);
  const refused = await infer('linear', rowsOf(6));
  expect([refused.status, refused.json.error]).toEqual([
    400,
    expect.stringMatching(/10 rows a minute, 5 of them at this server: send/),
  ]);
  expect((await infer('linear', rowsOf(5))).status).toBe(200);
  expect((await infer('linear', rowsOf(1))).status).toBe(429);
});

it('refuses before the body is read', async () => {
  await start({ requestsInFlight: 1 });
  const answers = await Promise.all([
    infer('slow'),
    setTimeout(100).then(() => infer('slow', 'x'.repeat(1_000_000))),
    setTimeout(100).then(() => chat('x'.repeat(1_000_000))),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 429, 429]);
  expect(answers[1].headers).toMatchObject({
    'ratelimit-policy': '"in-flight";q=1;qu="concurrent-requests"',
    ratelimit: '"in-flight";r=0',
  });
});

it('says what is left with what is wrong, which counts too', async () => {
  await start({ requestsPerSecond: 1, burst: 2, rowsPerMinute: 10 });
  const wrong = await infer('linear', { inputs: [x([1, 2])] });
  expect(wrong.status).toBe(400);
  expect(wrong.headers).toMatchObject({
    'ratelimit-policy': '"requests";q=2;w=2, "rows";q=10;w=60;qu="rows"',
    ratelimit: '"requests";r=1;t=1, "rows";r=10;t=0',
  });
});

it('counts rows, and says of more than ever fit that they are wrong', async () => {
  await start({ rowsPerMinute: 10 });
  const first = await infer('linear', rowsOf(6));
  expect(first.headers).toMatchObject({
    'ratelimit-policy': '"rows";q=10;w=60;qu="rows"',
    ratelimit: '"rows";r=4;t=60',
  });
  const refused = await infer('linear', rowsOf(5));
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
  const never = await infer('linear', rowsOf(11));
  expect(never.status).toBe(400);
  expect(never.headers).not.toHaveProperty('retry-after');
  expect((await infer('linear', rowsOf(4))).status).toBe(200);
});

it('holds refusals against no model', async () => {
  await start({ requestsPerSecond: 1, rowsPerMinute: 1 });
  const asked = [
    await infer(),
    await infer(),
    await infer('linear', rowsOf(2)),
  ];
  expect(asked.map(({ status }) => status)).toEqual([200, 429, 429]);
  await waitFor(() => recordsOf('linear').length === 3);
  expect(recordsOf('linear')).toEqual([
    [200, 0],
    [429, 1],
    [429, 1],
  ]);
  await setTimeout(1_000);
  expect((await infer('linear', rowsOf(2))).status).toBe(400);
  await waitFor(() => recordsOf('linear').length === 4);
  expect(recordsOf('linear').at(-1)).toEqual([400, 1]);
  const { json } = await server.send('/v2/models/linear/stats', {
    key: 'gr_free',
  });
  const [{ inference_stats: stats }] = json.model_stats;
  expect([stats.success.count, stats.fail.count]).toEqual([1, 0]);
  expect(await server.metrics()).toMatch(
    /greenroom_request_duration_seconds_count\{model="linear",version="1"\} 1\n/,
  );
});

it('counts a request to a language model once, whoever answers it, and calls of a batch each', async () => {
  await start({ requestsPerSecond: 1, burst: 5 });
  const leftAfter = async (answer: ReturnType<typeof chat>) => {
    const { status, headers } = await answer;
    expect(status).toBe(200);
    return [
      headers['x-ratelimit-limit-requests'],
      headers['x-ratelimit-remaining-requests'],
    ];
  };
  expect(await leftAfter(chat())).toEqual(['5', '4']);
  const answer = standIn.script;
  standIn.script = (_call, response) => {
    standIn.script = answer;
    openAiUnderTest.refuse(response, 500, 'Broken.', { 'retry-after': '30' });
    return undefined;
  };
  expect(await leftAfter(chat())).toEqual(['5', '3']);
  const batch = await server.send('/ai/batch', {
    method: 'POST',
    key: 'gr_limited',
    body: JSON.stringify({
      calls: Array(5).fill({ path: '/v2/models/linear/infer', body: row }),
    }),
  });
  const statuses = batch.json.results.map(
    (each: { status: number }) => each.status,
  );
  expect(statuses.filter((status: number) => status === 200)).toHaveLength(3);
  expect(statuses.filter((status: number) => status === 429)).toHaveLength(2);
  const early = await server.send('/ai/batch', {
    method: 'POST',
    key: 'gr_limited',
    body: '{}',
  });
  expect(early.status).toBe(429);
});

it('is waited for by clients of OpenAI, as long as they are told', async () => {
  await start({ requestsPerSecond: 4, burst: 1 });
  const client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_limited',
    maxRetries: 5,
  });
  const create = () =>
    client.chat.completions.create({ model: 'bot', messages: HELLO });
  await Promise.all([create(), create(), create()]);
  expect(standIn.calls).toHaveLength(3);
  const impatient = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_limited',
    maxRetries: 0,
  });
  const refused = await impatient.chat.completions
    .create({ model: 'bot', messages: HELLO })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
  expect(
    Number((refused as { headers: Headers }).headers.get('retry-after-ms')),
  ).toBeLessThanOrEqual(250);
});

it('forgets what was in flight of callers that go away', async () => {
  await start({ requestsInFlight: 1 });
  const gone = new AbortController();
  const asked = server.infer('slow', row, {
    key: 'gr_limited',
    signal: gone.signal,
  });
  await setTimeout(100);
  expect((await infer()).status).toBe(429);
  gone.abort();
  await expect(asked).rejects.toThrow();
  await waitFor(async () => (await infer()).status === 200);
});

it('tells the control plane what came of a key with limits', async () => {
  await start({ requestsPerSecond: 1, rowsPerMinute: 9 });
  await infer('linear', rowsOf(2));
  expect((await chat()).status).toBe(429);
  const told = () =>
    server.controlPlane.reports.flatMap(({ requestUse = [] }) => requestUse);
  // Every ten seconds, so that it may have been told between the two.
  await waitFor(() => told().some(({ refused }) => refused > 0));
  expect(told().at(-1)).toEqual({
    keyId: 'id-of-gr_limited',
    requests: 1,
    rows: 2,
    refused: 1,
    mostInFlight: 1,
  });
});
