import { OpenAI } from 'openai';
import { setTimeout } from 'node:timers/promises';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import type { StandIn } from './providers/testing/StandIn';
import { addExternalModel } from './testing/externalModel';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;
let standIn: StandIn;
let client: OpenAI;

const answerTo = (path: string, key = 'gr_all') => server.send(path, { key });

/** Serves the model `bot`, and one of tensors beside it. */
function serve(options: {
  descriptor?: Record<string, unknown>;
  settings?: Record<string, string>;
}) {
  const variant = addExternalModel(server.controlPlane, {
    descriptor: options.descriptor,
    connection: {
      name: 'llm',
      kind: 'openai',
      settings: {
        baseUrl: `${standIn.url}/v1`,
        secret: 'env:STAND_IN_KEY',
        ...options.settings,
      },
    },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant]), routeOf('linear-1', [variantOf('linear-1')])],
    [keyOf('gr_all', ['*']), keyOf('gr_linear', ['linear-1'])],
  );
}

beforeEach(async () => {
  process.env.STAND_IN_KEY = STAND_IN_KEY;
  standIn = createOpenAiStandIn();
  await standIn.start();
  server = await TestServer.create();
  serve({});
  await server.start();
  await waitFor(
    async () => (await answerTo('/v1/models')).json.data.length > 0,
  );
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_all',
    maxRetries: 0,
  });
});
afterEach(async () => {
  delete process.env.STAND_IN_KEY;
  await server.close();
  await standIn.stop();
});

const HELLO = [{ role: 'user' as const, content: 'Grüezi, wie gaht’s? 👋' }];

it('answers the official client, whole and streamed', async () => {
  const whole = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
  });
  expect(whole.choices[0].message.content).toBe(
    'You said: Grüezi, wie gaht’s? 👋',
  );
  expect(standIn.calls.at(-1)?.json.model).toBe('small');
  expect(whole.usage?.completion_tokens).toBe(5);

  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) {
    expect(chunk.usage ?? undefined).toBeUndefined();
    text += chunk.choices[0]?.delta.content ?? '';
  }
  expect(text).toBe('You said: Grüezi, wie gaht’s? 👋');
});

it('gives the usage at the end of a stream to whom asks for it, and counts it for all', async () => {
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: { completion_tokens: 5 },
  });
  await waitFor(async () =>
    (
      await server.metrics()
    ).includes(
      'greenroom_tokens_total{model="bot",version="1",direction="output"} 5',
    ),
  );
  await waitFor(() =>
    server.controlPlane.taken.some(({ groups }) =>
      groups.some(group => group.outputTokens?.includes(5)),
    ),
  );
});

it('passes tools and output schemas through', async () => {
  const called = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    tools: [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object' } },
      },
    ],
  });
  expect(called.choices[0].finish_reason).toBe('tool_calls');
  expect(called.choices[0].message.tool_calls).toMatchObject([
    { function: { name: 'weather', arguments: '{"city":"Zürich"}' } },
  ]);
  const parsed = await client.chat.completions.parse({
    model: 'bot',
    messages: HELLO,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: { type: 'object' } },
    },
  });
  expect(parsed.choices[0].message.parsed).toEqual({ answer: 42 });
});

it('completes and embeds', async () => {
  const completion = await client.completions.create({
    model: 'bot',
    prompt: 'Hello',
  });
  expect(completion.choices[0].text).toBe('Hello!');
  const { data } = await client.embeddings.create({
    model: 'bot',
    input: ['a', 'bcd'],
  });
  expect(data.map(({ embedding }) => embedding)).toEqual([
    [1, 0.5, -1],
    [3, 0.5, -1],
  ]);
});

it('lists the language models that the key may call', async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model.id);
  expect(models).toEqual(['bot']);
  expect((await client.models.retrieve('bot')).id).toBe('bot');
  expect((await answerTo('/v1/models', 'gr_linear')).json.data).toEqual([]);
});

it("applies the version's defaults and messages, and lets the caller decide otherwise", async () => {
  serve({
    descriptor: {
      parameters: { temperature: 0, max_tokens: 10 },
      messages: [{ role: 'system', content: 'Be brief.' }],
    },
  });
  const seen = () => standIn.calls.at(-1)?.json;
  await waitFor(async () => {
    await client.chat.completions.create({ model: 'bot', messages: HELLO });
    return seen().messages.length === 2;
  });
  expect(seen()).toMatchObject({ temperature: 0, max_tokens: 10 });
  expect(seen().messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    ...HELLO,
  ]);
  await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    temperature: 1,
    max_completion_tokens: 20,
  });
  expect(seen()).toMatchObject({ temperature: 1, max_completion_tokens: 20 });
  expect(seen()).not.toHaveProperty('max_tokens');
});

it.each<[string, Record<string, unknown>, number, RegExp]>([
  ['no model', { messages: HELLO }, 400, /^model: expected the name/],
  [
    'no messages',
    { model: 'bot', messages: [] },
    400,
    /^messages: expected at/,
  ],
  [
    'a role that is none',
    { model: 'bot', messages: [{ role: 'king', content: 'x' }] },
    400,
    /^messages\.0\.role: expected system/,
  ],
  [
    'an unknown model',
    { model: 'nobody', messages: HELLO },
    404,
    /your key may call "bot"/,
  ],
  [
    'a model of tensors',
    { model: 'linear-1', messages: HELLO },
    404,
    /takes tensors, not text/,
  ],
  [
    'a version that is none',
    { model: 'bot@7', messages: HELLO },
    404,
    /unknown version "7"/,
  ],
])(
  'refuses %s in the form of the API',
  async (_what, body, status, message) => {
    const answer = await server.send('/v1/chat/completions', {
      method: 'POST',
      key: 'gr_all',
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(status);
    expect(answer.json.error.message).toMatch(message);
    expect(answer.json.error).toHaveProperty('type');
  },
);

it('refuses who has no key, before reading what they send', async () => {
  const nobody = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'x',
    maxRetries: 0,
  });
  const call = nobody.chat.completions.create({
    model: 'bot',
    messages: HELLO,
  });
  await expect(call).rejects.toThrow(OpenAI.AuthenticationError);
  const other = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_linear',
    maxRetries: 0,
  });
  await expect(
    other.chat.completions.create({ model: 'bot', messages: HELLO }),
  ).rejects.toThrow(OpenAI.PermissionDeniedError);
  expect(standIn.calls).toHaveLength(0);
});

it('names the paths of the API that it does not have', async () => {
  const answer = await answerTo('/v1/audio/speech');
  expect(answer.status).toBe(404);
  expect(answer.json.error.message).toMatch(/unknown path.*\/v1\/embeddings/);
});

it('sends those who mistake one kind of model for the other to the right path', async () => {
  const answer = await server.infer('bot', { inputs: [] });
  expect(answer.status).toBe(404);
  expect(answer.json.error).toMatch(/takes text.*\/v1\/chat\/completions/);
});

it('says that the platform, not the caller, has the wrong secret, and does not tell it', async () => {
  process.env.STAND_IN_KEY = 'sk-wrong-0123456789';
  const call = client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
  });
  const error = await call.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 502 });
  expect(String(error)).toMatch(/"llm": the provider does not take its secret/);
  expect(JSON.stringify(error) + server.logs.join('\n')).not.toContain(
    'sk-wrong',
  );
});

it('says where a secret should lie that is missing', async () => {
  delete process.env.STAND_IN_KEY;
  await expect(
    client.chat.completions.create({ model: 'bot', messages: HELLO }),
  ).rejects.toThrow(
    /environment variable STAND_IN_KEY of the data plane is not set/,
  );
});

it('ends the call to the provider when the caller goes away', async () => {
  standIn.script = async (_call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    );
    await setTimeout(20_000, undefined, { ref: false });
  };
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    stream: true,
  });
  for await (const chunk of stream) {
    expect(chunk.choices[0].delta.content).toBe('a');
    break;
  }
  const leftMillis = performance.now();
  await waitFor(() => standIn.calls[0].abortedAtMillis !== undefined);
  expect(standIn.calls[0].abortedAtMillis! - leftMillis).toBeLessThan(1_000);
});

it('tells within a stream that it broke off', async () => {
  standIn.script = (_call, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(
      'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    );
    setImmediate(() => response.destroy());
  };
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: HELLO,
    stream: true,
  });
  const read = async () => {
    for await (const chunk of stream) expect(chunk.choices).toHaveLength(1);
  };
  await expect(read()).rejects.toThrow(/the connection broke/);
  await waitFor(async () =>
    (await server.metrics()).includes('model="bot",version="1",status="502"'),
  );
});

it('tries again what passes, and passes on a limit that does not', async () => {
  const answer = standIn.script;
  let failures = 2;
  standIn.script = (call, response) => {
    if (failures-- > 0) {
      response.writeHead(503, { 'retry-after': '0' }).end('busy');
      return undefined;
    }
    return answer(call, response);
  };
  await client.chat.completions.create({ model: 'bot', messages: HELLO });
  expect(standIn.calls).toHaveLength(3);
  standIn.script = (_call, response) => {
    response.writeHead(429, {
      'retry-after': '30',
      'content-type': 'application/json',
    });
    response.end('{"error":{"message":"Slow down","type":"rate_limit_error"}}');
  };
  const error = await client.chat.completions
    .create({ model: 'bot', messages: HELLO })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect(error).toMatchObject({ message: expect.stringMatching(/Slow down/) });
  expect(
    (error as InstanceType<typeof OpenAI.RateLimitError>).headers.get(
      'retry-after',
    ),
  ).toBe('30');
  expect(standIn.calls).toHaveLength(4);
});

it('reports a connection that cannot be used as the reason why the version does not load', async () => {
  serve({ settings: { secret: 'sk-in-plain-text' } });
  await waitFor(
    () =>
      server.controlPlane.latestReport?.models.some(({ error }) =>
        /secret: expected where the secret lies/.test(error ?? ''),
      ) ?? false,
  );
  expect(JSON.stringify(server.controlPlane.latestReport)).not.toContain(
    'sk-in-plain',
  );
});

it('says where each model is called that the key may call', async () => {
  const { json } = await answerTo('/ai/models');
  expect(json.models).toEqual([
    {
      name: 'bot',
      aliases: [],
      ready: true,
      versions: [{ version: 1, weightPercent: 100, takes: 'text' }],
      paths: ['/ai/chat', '/ai/completions', '/ai/embeddings'],
    },
    {
      name: 'linear-1',
      aliases: [],
      ready: true,
      versions: [{ version: 1, weightPercent: 100, takes: 'tensors' }],
      paths: ['/v2/models/linear-1/infer'],
    },
  ]);
  const { json: less } = await answerTo('/ai/models', 'gr_linear');
  expect(less.models).toHaveLength(1);
});

it('answers several calls in one, and tells their failures apart', async () => {
  const chat = { model: 'bot', messages: HELLO };
  const x = { name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] };
  const answer = await server.send('/ai/batch', {
    method: 'POST',
    key: 'gr_all',
    body: JSON.stringify({
      calls: [
        { id: 'talk', path: '/ai/chat', body: chat },
        { path: '/v2/models/linear-1/infer', body: { inputs: [x] } },
        { path: '/v2/models/linear-1/infer', body: { inputs: [] } },
        { path: '/ai/chat', body: { ...chat, model: 'nobody' } },
        { path: '/ai/chat', body: { ...chat, stream: true } },
        { path: '/ai/models', body: {} },
      ],
    }),
  });
  expect(answer.status).toBe(200);
  const { results } = answer.json;
  expect(results.map(({ status }: { status: number }) => status)).toEqual([
    200, 200, 400, 404, 400, 404,
  ]);
  expect(results[0]).toMatchObject({
    id: 'talk',
    body: { choices: [{ message: { role: 'assistant' } }] },
  });
  expect(results[1]).toMatchObject({
    id: '1',
    body: { model_name: 'linear-1', outputs: [{ name: 'y' }] },
  });
  expect(results[3].body.error.message).toMatch(/unknown model "nobody"/);
  // Each is counted as if it had come alone.
  await waitFor(async () => {
    const metrics = await server.metrics();
    return (
      metrics.includes('{model="linear-1",version="1",status="200"} 1') &&
      metrics.includes('{model="linear-1",version="1",status="400"} 1')
    );
  });
});

it('reads other requests while batches wait for a model that stands still', async () => {
  await server.stop();
  await server.start({ GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT: '2' });
  await waitFor(
    async () => (await answerTo('/v1/models')).json.data.length > 0,
  );
  standIn.script = () => {};
  const gone = new AbortController();
  const body = JSON.stringify({
    calls: [{ path: '/ai/chat', body: { model: 'bot', messages: HELLO } }],
  });
  const batches = [1, 2].map(() =>
    server
      .send('/ai/batch', {
        method: 'POST',
        key: 'gr_all',
        body,
        signal: gone.signal,
      })
      .catch(() => undefined),
  );
  await waitFor(async () => standIn.calls.length === 2);
  const send = (path: string, text: string) =>
    server.send(path, { method: 'POST', key: 'gr_all', body: text });
  // It is read: what it says is judged.
  const other = await send(
    '/ai/chat',
    JSON.stringify({ model: 'nobody', messages: HELLO }),
  );
  expect([other.status, other.json.error.message]).toEqual([
    404,
    expect.stringContaining('unknown model "nobody"'),
  ]);
  const more = await send('/ai/batch', body);
  expect([more.status, more.json.error.message]).toEqual([
    503,
    expect.stringContaining('(batches)'),
  ]);
  gone.abort();
  await Promise.all(batches);
});

it('keeps the calls of a batch on the variant of its assignment id', async () => {
  const variants = [1, 2].map(version =>
    variantOf('linear-1', { version, weightPercent: 50 }),
  );
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('linear-1', variants)],
    [keyOf('gr_all', ['*'])],
  );
  await waitFor(
    async () =>
      (await answerTo('/ai/models')).json.models[0].versions.length === 2,
  );
  const x = { name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] };
  const call = { path: '/v2/models/linear-1/infer', body: { inputs: [x] } };
  const versionsFor = async (assignmentId: string) => {
    const { json } = await server.send('/ai/batch', {
      method: 'POST',
      key: 'gr_all',
      headers: { 'x-assignment-id': assignmentId },
      body: JSON.stringify({ calls: Array.from({ length: 20 }, () => call) }),
    });
    const versions = json.results.map(
      ({ body }: { body: { model_version: string } }) => body.model_version,
    );
    return new Set<string>(versions);
  };
  const seen = new Set<string>();
  for (const caller of ['ada', 'grace', 'joan', 'mary', 'kay', 'jean']) {
    const versions = await versionsFor(caller);
    expect(versions.size).toBe(1);
    for (const version of versions) seen.add(version);
  }
  expect(seen.size).toBe(2);
});

it('refuses a batch that is none', async () => {
  const send = (body: object) =>
    server.send('/ai/batch', {
      method: 'POST',
      key: 'gr_all',
      body: JSON.stringify(body),
    });
  const call = { path: '/ai/chat', body: {} };
  for (const [body, param] of [
    [{ calls: [] }, 'calls'],
    [{ calls: Array.from({ length: 65 }, () => call) }, 'calls'],
    [{ calls: [{ ...call, path: 'ai' }] }, 'calls.0.path'],
    [{}, 'calls'],
  ] as const) {
    const answer = await send(body);
    expect([answer.status, answer.json.error.param]).toEqual([400, param]);
  }
});
