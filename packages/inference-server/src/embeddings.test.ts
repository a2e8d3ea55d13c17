import { OpenAI } from 'openai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addEmbedder,
  EMBEDDER,
  embedderSignature,
  readVectors,
} from './testing/embedder';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const SIZE = 4;
const KNOWN = readVectors('vectors.json');
const LANGUAGE = {
  formatVersion: 1,
  task: 'embeddings',
  pooling: 'mean',
  normalize: true,
  maxTokens: 24,
};

let server: TestServer;
let client: OpenAI;

const fixture = (name: string) => readFileSync(join(EMBEDDER, name));
/** Serves the model `texts`, and one of tensors alone beside it. */
function serve(files: Record<string, Buffer | string> = {}, folder = '') {
  const bundle = {
    'model.onnx': fixture('model.onnx'),
    'tokenizer.json': fixture('tokenizer.json'),
    'language.json': JSON.stringify(LANGUAGE),
    ...files,
  };
  const variant = addEmbedder(server.controlPlane, {
    files: Object.fromEntries(
      Object.entries(bundle)
        .filter(([, content]) => content.length > 0)
        .map(([name, content]) => [folder + name, content]),
    ),
    signature: embedderSignature(SIZE),
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('texts', [variant]), routeOf('linear', [variantOf('linear-1')])],
    [keyOf('gr_all', ['*'])],
  );
}

beforeEach(async () => {
  server = await TestServer.create();
});
afterEach(() => server.close());

async function start(): Promise<void> {
  await server.start();
  await waitFor(
    async () =>
      (await server.send('/v2/models/texts', { key: 'gr_all' })).status === 200,
  );
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_all',
    maxRetries: 0,
  });
}

const embed = (input: string | string[], more: Record<string, unknown> = {}) =>
  client.embeddings.create({ model: 'texts', input, ...more });
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  return error as InstanceType<typeof OpenAI.APIError>;
};
function expectVector(found: number[], wanted: number[]): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries())
    expect(found[i]).toBeCloseTo(value, 5);
}

it.each(['', 'onnx/'])(
  'gives the vectors that Python gives, alone and together (model in "%s")',
  async folder => {
    serve({}, folder);
    await start();
    const { data, usage, model } = await embed(KNOWN.map(({ text }) => text));
    expect(model).toBe('texts');
    for (const [index, { vector }] of KNOWN.entries()) {
      expect(data[index].index).toBe(index);
      expectVector(data[index].embedding, vector);
    }
    const tokens = KNOWN.reduce((sum, one) => sum + one.tokens, 0);
    expect(usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
    for (const { text, vector, tokens: own } of KNOWN) {
      const alone = await embed(text, { encoding_format: 'float' });
      expectVector(alone.data[0].embedding, vector);
      expect(alone.usage.prompt_tokens).toBe(own);
    }
  },
);

it('counts the tokens, and is found as a model of both', async () => {
  serve();
  await start();
  await embed(KNOWN[0].text);
  await waitFor(async () =>
    (
      await server.metrics()
    ).includes(
      `greenroom_tokens_total{model="texts",version="1",direction="input"} ${KNOWN[0].tokens}`,
    ),
  );
  await waitFor(() => server.controlPlane.countRecords() === 1);
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([
    'texts',
  ]);
  const { json } = await server.send('/ai/models', { key: 'gr_all' });
  expect(json.models).toMatchObject([
    { name: 'linear', versions: [{ takes: 'tensors' }] },
    {
      name: 'texts',
      versions: [{ takes: 'both' }],
      paths: ['/v2/models/texts/infer', '/ai/embeddings'],
    },
  ]);
});

it('answers tensors as ever', async () => {
  serve();
  await start();
  const input = (name: string, data: number[]) => ({
    name,
    datatype: 'INT64',
    shape: [1, 3],
    data,
  });
  const { status, json } = await server.infer('texts', {
    inputs: [
      input('input_ids', [2, 5, 3]),
      input('attention_mask', [1, 1, 1]),
      input('token_type_ids', [0, 0, 0]),
    ],
  });
  expect(status).toBe(200);
  expect(json.outputs[0].shape).toEqual([1, 3, SIZE]);
  const chat = await failure(
    client.chat.completions.create({
      model: 'texts',
      messages: [{ role: 'user', content: 'Hello' }],
    }),
  );
  expect([chat.status, chat.message]).toEqual([
    404,
    expect.stringMatching(
      /does not answer \/v1\/chat\/completions: call \/v1\/embeddings/,
    ),
  ]);
});

it('computes many texts of many callers together', async () => {
  serve();
  await start();
  const texts = Array.from({ length: 100 }, (_, i) => KNOWN[i % KNOWN.length]);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => embed(texts.map(({ text }) => text))),
  );
  for (const { data } of answers) {
    expect(data).toHaveLength(texts.length);
    for (const [index, { vector }] of texts.entries()) {
      expectVector(data[index].embedding, vector);
    }
  }
});

it.each<[string, unknown, Record<string, unknown>, string, RegExp]>([
  ['an empty text', '', {}, 'input', /not empty/],
  ['an empty text among others', ['a', ''], {}, 'input.1', /is empty/],
  [
    'too many tokens',
    'the mat '.repeat(20),
    {},
    'input',
    /has 42 tokens, expected at most 24/,
  ],
  [
    'too many characters',
    ['a', 'x'.repeat(5_000)],
    {},
    'input.1',
    /has 5000 characters/,
  ],
  ['tokens', [1, 2], {}, 'input', /takes texts, not tokens/],
  ['another length', 'a', { dimensions: 2 }, 'dimensions', /of one length/],
  [
    'too many texts',
    Array(2_049).fill('a'),
    {},
    'input',
    /has 2049 texts, expected at most 2048/,
  ],
])('refuses %s by name', async (_what, input, more, param, reason) => {
  serve();
  await start();
  const error = await failure(embed(input as string, more));
  expect([error.status, error.param]).toEqual([400, param]);
  expect(error.message).toMatch(reason);
});

it.each<[string, Record<string, string>, RegExp]>([
  [
    'no tokenizer',
    { 'tokenizer.json': '' },
    /no tokenizer\.json beside its model: add it/,
  ],
  [
    'a tokenizer that is none',
    { 'tokenizer.json': '{}' },
    /tokenizer\.json cannot be used/,
  ],
  ['no JSON', { 'language.json': '{' }, /language\.json: expected JSON/],
  [
    'another task',
    { 'language.json': JSON.stringify({ ...LANGUAGE, task: 'chat' }) },
    /language\.json: task: expected embeddings/,
  ],
  [
    'an output that is not there',
    { 'language.json': JSON.stringify({ ...LANGUAGE, output: 'pooled' }) },
    /language\.json: output: expected one of .*last_hidden_state/,
  ],
  [
    'pooling that does not fit',
    { 'language.json': JSON.stringify({ ...LANGUAGE, pooling: 'none' }) },
    /cannot be embedded with pooling none .*has the shape \[2,\d+,4\]/,
  ],
])(
  'does not serve a version with %s, and says why',
  async (_what, files, reason) => {
    serve(files);
    await server.start();
    const failed = () =>
      server.controlPlane.latestReport?.models.find(
        ({ state }) => state === 'failed',
      );
    await waitFor(() => failed() !== undefined);
    expect(JSON.stringify(failed())).toMatch(reason);
  },
);

it('is a model of tensors alone where nothing says that it embeds', async () => {
  serve({ 'language.json': '' });
  await start();
  expect((await client.models.list()).data).toEqual([]);
  expect((await failure(embed('a'))).message).toMatch(
    /takes tensors, not text: call \/v2\/models\/texts\/infer/,
  );
});
