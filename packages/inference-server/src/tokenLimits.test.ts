import type { TokenLimits } from '@greenroom/plugin-ai-inference-common';
import { OpenAI } from 'openai';
import { setTimeout } from 'node:timers/promises';
import {
  createOpenAiStandIn,
  openAiUnderTest,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import { sendJson, type StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

let servers: TestServer[];
let standIn: StandIn;

async function start(limits: TokenLimits, dataPlanes = 1): Promise<void> {
  servers = [];
  for (let index = 0; index < dataPlanes; index++) {
    const server = await TestServer.create();
    servers.push(server);
    server.controlPlane.receipt = { dataPlanes };
    const route = (model: string, url: string) =>
      routeOf(model, [
        addExternalModel(server.controlPlane, {
          connection: {
            name: model,
            kind: 'openai',
            settings: { baseUrl: `${url}/v1`, secret: 'env:STAND_IN_KEY' },
          },
        }),
      ]);
    server.controlPlane.snapshot = snapshotOf(
      [
        {
          ...route('bot', standIn.url),
          languageModel: {
            fallbacks: [{ model: 'other', when: ['unavailable'] }],
          },
        },
        route('other', standIn.url),
      ],
      [keyOf('gr_limited', ['*'], { limits }), keyOf('gr_free', ['*'])],
    );
    await server.start();
    await waitFor(() => server.controlPlane.reports.length > 1);
  }
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  await standIn.start();
});
afterEach(async () => {
  for (const server of servers) {
    // Whatever happened, nothing is held any more.
    await waitFor(async () => {
      const metrics = await server.metrics();
      return (
        metrics.includes('\ngreenroom_reserved_tokens 0\n') &&
        metrics.includes('\ngreenroom_requests_in_flight 0\n')
      );
    });
    await server.close();
  }
  delete process.env.STAND_IN_KEY;
  await standIn.stop();
});

const HELLO = [{ role: 'user' as const, content: 'Hello' }];
const chat = (
  body: Record<string, unknown> = {},
  { key = 'gr_limited', server = servers[0] } = {},
) =>
  server.send('/v1/chat/completions', {
    method: 'POST',
    key,
    body: JSON.stringify({
      model: 'bot',
      messages: HELLO,
      max_tokens: 20,
      ...body,
    }),
  });
const left = async () =>
  Number((await chat()).headers['x-ratelimit-remaining-tokens']);

/** Answers with so many tokens used. */
function answersWith(input: number, output: number): StandIn['script'] {
  return (_call, response) =>
    sendJson(response, 200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'small',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Yes.' },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
      },
    });
}

it('tells what is left, and refuses in the words of OpenAI when nothing is', async () => {
  await start({ perMinute: 100, mode: 'hard' });
  standIn.script = answersWith(30, 20);
  const first = await chat();
  expect(first.status).toBe(200);
  expect(first.headers).toMatchObject({
    'x-ratelimit-limit-tokens': '100',
    'x-ratelimit-remaining-tokens': '77',
    'x-ratelimit-reset-tokens': '1m0s',
  });
  await chat();
  const client = new OpenAI({
    baseURL: `${servers[0].url}/v1`,
    apiKey: 'gr_limited',
    maxRetries: 0,
  });
  const refused = await client.chat.completions
    .create({ model: 'bot', messages: HELLO, max_tokens: 20 })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
  expect(refused).toMatchObject({
    status: 429,
    code: 'rate_limit_exceeded',
    message: expect.stringContaining('100 tokens a minute; 0 are left'),
  });
  const { headers } = await chat();
  expect(Number(headers['retry-after'])).toBeGreaterThan(50);
  expect(headers['x-ratelimit-remaining-tokens']).toBe('0');
  expect(standIn.calls).toHaveLength(2);
  const free = await chat({}, { key: 'gr_free' });
  expect(free.status).toBe(200);
  expect(free.headers).not.toHaveProperty('x-ratelimit-limit-tokens');
});

it('records refusals for the limit of a key apart from those of a provider', async () => {
  await start({ perMinute: 100, mode: 'hard' });
  const [server] = servers;
  standIn.script = answersWith(80, 20);
  expect((await chat()).status).toBe(200);
  expect((await chat()).status).toBe(429);
  expect((await chat({ max_tokens: 200 })).status).toBe(400);
  standIn.script = (_call, response) =>
    openAiUnderTest.refuse(response, 429, 'Slow down.', { 'retry-after': '9' });
  const provider = await chat({ model: 'other' }, { key: 'gr_free' });
  expect(provider.status).toBe(429);
  const recordsOf = (wanted: string) =>
    server.controlPlane.taken
      .flatMap(({ groups }) => groups)
      .filter(({ model }) => model === wanted)
      .flatMap(({ status, limited }) =>
        status.map((each, index) => [each, limited?.[index] ?? 0]),
      );
  await waitFor(() => recordsOf('bot').length === 3);
  await waitFor(() => recordsOf('other').length === 1);
  expect(recordsOf('bot')).toEqual([
    [200, 0],
    [429, 1],
    [400, 1],
  ]);
  expect(recordsOf('other')).toEqual([[429, 0]]);
  const metrics = await server.metrics();
  expect(metrics).toMatch(
    /greenroom_requests_total\{model="bot",.*status="429"\} 1/,
  );
  expect(metrics).toMatch(
    /greenroom_request_duration_seconds_count\{model="bot",version="1"\} 1\n/,
  );
});

it('refuses what never fits the limit as wrong, so that clients do not wait for it', async () => {
  await start({ perMinute: 100, mode: 'hard' });
  const client = new OpenAI({
    baseURL: `${servers[0].url}/v1`,
    apiKey: 'gr_limited',
    maxRetries: 0,
  });
  const refused = await client.chat.completions
    .create({ model: 'bot', messages: HELLO, max_tokens: 200 })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refused).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    code: 'tokens_over_limit',
    message: expect.stringContaining('ask for fewer (max_tokens)'),
  });
  expect((await chat({ max_tokens: 200 })).headers).not.toHaveProperty(
    'retry-after',
  );
  // Nor does the other model answer for it.
  expect(standIn.calls).toHaveLength(0);
});

it('counts what was used, whole, streamed, in batches and where another model answered', async () => {
  await start({ perMinute: 10_000, mode: 'hard' });
  const used = async (ask: () => Promise<unknown>) => {
    const before = await left();
    await ask();
    return before - (await left());
  };
  const own = await used(async () => {});
  standIn.script = answersWith(30, 70);
  const whole = await used(() => chat());
  const batch = await used(() =>
    servers[0].send('/ai/batch', {
      method: 'POST',
      key: 'gr_limited',
      body: JSON.stringify({
        calls: [1, 2].map(() => ({
          path: '/ai/chat',
          body: { model: 'bot', messages: HELLO, max_tokens: 5 },
        })),
      }),
    }),
  );
  expect([whole, batch]).toEqual([200, 300]);
  const answer = standIn.script;
  standIn.script = (_call, response) => {
    standIn.script = answer;
    openAiUnderTest.refuse(response, 500, 'Broken.', { 'retry-after': '30' });
    return undefined;
  };
  expect(await used(() => chat())).toBe(200);
  expect(own).toBeGreaterThan(0);
});

it('settles what came to a caller who goes away, and nothing of what was refused', async () => {
  await start({ perMinute: 10_000, mode: 'hard' });
  standIn.script = answersWith(0, 0);
  const before = await left();
  standIn.script = (_call, response) =>
    openAiUnderTest.refuse(response, 400, 'No.');
  expect((await chat({ max_tokens: 5_000 })).status).toBe(400);
  standIn.script = async (_call, response) => {
    openAiUnderTest.beginStream(response);
    const chunk = {
      choices: [
        { index: 0, delta: { content: 'b'.repeat(40) }, finish_reason: null },
      ],
    };
    for (let i = 0; i < 200 && !response.destroyed; i++) {
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      await setTimeout(20);
    }
    response.end();
  };
  const gone = new AbortController();
  const stream = fetch(`${servers[0].url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer gr_limited' },
    body: JSON.stringify({
      model: 'bot',
      messages: HELLO,
      stream: true,
      max_tokens: 5_000,
    }),
    signal: gone.signal,
  });
  const reader = (await stream).body!.getReader();
  for (let i = 0; i < 10; i++) await reader.read();
  gone.abort();
  await waitFor(async () =>
    (await servers[0].metrics()).includes('\ngreenroom_reserved_tokens 0\n'),
  );
  standIn.script = answersWith(0, 0);
  const used = before - (await left());
  // Ten tokens a chunk, and of each of the questions for what is left nothing.
  expect(used).toBeGreaterThan(50);
  expect(used).toBeLessThan(2_000);
});

it('overspends at most what estimates were wrong by, of a thousand calls at once at two data planes', async () => {
  const perMinute = 6_000;
  await start({ perMinute, mode: 'hard' }, 2);
  // The message is three tokens, and 20 may be written: each estimate is wrong by 7.
  const estimate = 23;
  const used = 30;
  standIn.script = async (call, response) => {
    await setTimeout(20);
    await answersWith(10, 20)(call, response);
  };
  const statuses = await Promise.all(
    Array.from({ length: 1_000 }, (_none, index) =>
      chat({}, { server: servers[index % 2] }).then(({ status }) => status),
    ),
  );
  const answered = statuses.filter(status => status === 200).length;
  expect(statuses.filter(status => status === 429)).toHaveLength(
    1_000 - answered,
  );
  expect(answered).toBeGreaterThan(perMinute / used - 10);
  expect(answered * used).toBeLessThanOrEqual(
    perMinute + Math.ceil(perMinute / estimate) * (used - estimate),
  );
});

it('tells the control plane what was used of a day, and takes what that lends', async () => {
  await start({ perDay: 100, mode: 'hard' }, 1);
  const [server] = servers;
  standIn.script = answersWith(30, 20);
  await chat();
  await waitFor(() =>
    server.controlPlane.reports.some(({ tokensUsed }) => tokensUsed?.length),
  );
  const tokensUsed = () =>
    server.controlPlane.reports.flatMap(report => report.tokensUsed ?? []);
  const [use] = tokensUsed();
  expect(use).toMatchObject({ keyId: 'id-of-gr_limited', used: 50, held: 100 });
  const lease = { keyId: use.keyId, day: use.day, tokens: 60, usedByAll: 90 };
  server.controlPlane.receipt = { dataPlanes: 2, tokenLeases: [lease] };
  await waitFor(() => tokensUsed().at(-1)?.held === 60);
  expect((await chat()).status).toBe(429);
  // It is told once, and once more when it has changed.
  expect(tokensUsed()).toHaveLength(2);
});
