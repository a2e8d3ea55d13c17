import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAI } from 'openai';
import { addExternalModel } from '../testing/externalModel';
import { keyOf, routeOf, snapshotOf } from '../testing/fixtures';
import { TestServer } from '../testing/startTestServer';
import { waitFor } from '../testing/waitFor';

jest.setTimeout(120_000);

const PACKAGE = join(__dirname, '../..');
const QUESTION = [
  { role: 'user' as const, content: 'What is the capital of France?' },
];

let programs: string;
let server: TestServer;
let client: OpenAI;

// One start for all tests: that of a real model takes seconds.
beforeAll(async () => {
  // `npm run llm:local` installs it, and `npm test` leaves these tests out where it is not.
  const models = process.env.GREENROOM_TEST_LOCAL_MODELS;
  if (!models) throw new Error('run this test by npm test -- jest');
  await mkdir(join(PACKAGE, 'dist'), { recursive: true });
  programs = await mkdtemp(join(PACKAGE, 'dist/test-'));
  execFileSync(process.execPath, [
    join(PACKAGE, 'build.mjs'),
    '--out',
    programs,
  ]);
  server = await TestServer.create();
  const variant = addExternalModel(server.controlPlane, {
    descriptor: {
      tasks: ['chat', 'completions'],
      model: 'smollm2-135m-instruct',
      parameters: { temperature: 0 },
    },
    connection: { name: 'llm', kind: 'local', settings: {} },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
  const localModelProgram = join(programs, 'localModel.cjs');
  await server.start(
    { GREENROOM_LOCAL_MODELS_DIR: models },
    { localModelProgram },
  );
  await waitFor(async () => {
    const { json } = await server.send('/v1/models', { key: 'gr_all' });
    return json?.data?.length === 1;
  });
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_all',
    maxRetries: 0,
  });
});
afterAll(async () => {
  await server?.close();
  if (programs) await rm(programs, { recursive: true, force: true });
});

it('knows the capital of France, whole and streamed, the same each time', async () => {
  const whole = await client.chat.completions.create({
    model: 'bot',
    messages: QUESTION,
    max_tokens: 40,
  });
  const [{ message, finish_reason: finish }] = whole.choices;
  expect(message.content).toMatch(/Paris/);
  expect(finish).toBe('stop');
  expect(whole.usage?.prompt_tokens).toBeGreaterThan(5);
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: QUESTION,
    max_tokens: 40,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe(message.content);
  expect(usage).toEqual(whole.usage);
});

it('writes JSON by a schema', async () => {
  const { choices } = await client.chat.completions.create({
    model: 'bot',
    messages: [
      {
        role: 'user',
        content:
          'Give the name and the city as JSON: Maria Lopez moved to Madrid last year.',
      },
    ],
    max_tokens: 80,
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'person',
        strict: true,
        schema: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            city: { type: 'string' },
            age: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
          },
          required: ['name', 'city', 'age'],
          additionalProperties: false,
        },
      },
    },
  });
  const person = JSON.parse(choices[0].message.content ?? '');
  expect(Object.keys(person)).toEqual(['name', 'city', 'age']);
  expect(person).toMatchObject({ name: 'Maria Lopez', city: 'Madrid' });
});

it('completes a prompt, and stops where it is told to', async () => {
  const { choices, usage } = await client.completions.create({
    model: 'bot',
    prompt: 'The capital of France is',
    max_tokens: 5,
  });
  expect(choices[0].text).toMatch(/^ Paris/);
  expect(choices[0].finish_reason).toBe('length');
  expect(usage?.completion_tokens).toBe(5);
  const stopped = await client.completions.create({
    model: 'bot',
    prompt: 'Count: 1, 2, 3, 4,',
    max_tokens: 40,
    stop: '7',
  });
  expect(stopped.choices[0].text).toMatch(/^ 5, 6, $/);
});

it('writes characters of several bytes whole', async () => {
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: [{ role: 'user', content: 'Repeat exactly: Grüße 👋 日本' }],
    max_tokens: 40,
    stream: true,
  });
  for await (const { choices } of stream) {
    expect(choices[0]?.delta.content ?? '').not.toContain('\ufffd');
  }
});

it('says that a prompt does not fit', async () => {
  const call = client.chat.completions.create({
    model: 'bot',
    messages: [{ role: 'user', content: 'long '.repeat(3_000) }],
  });
  await expect(call).rejects.toThrow(/400 .*the prompt has \d+ tokens.*2048/);
});

it('ends within a moment when the caller goes away, also while it reads the prompt', async () => {
  const call = (gone: AbortController, content: string) =>
    client.chat.completions
      .create(
        { model: 'bot', messages: [{ role: 'user', content }] },
        { signal: gone.signal },
      )
      .catch(() => 'gone');
  for (const content of ['long '.repeat(1_500), 'Tell a long story.']) {
    const gone = new AbortController();
    const answer = call(gone, content);
    await new Promise(resolve => {
      setTimeout(resolve, 300);
    });
    gone.abort();
    expect(await answer).toBe('gone');
    const leftMillis = performance.now();
    await client.completions.create({
      model: 'bot',
      prompt: 'Hi',
      max_tokens: 1,
    });
    // Reading that prompt alone takes about 8 s, and the story longer.
    expect(performance.now() - leftMillis).toBeLessThan(2_000);
  }
});
