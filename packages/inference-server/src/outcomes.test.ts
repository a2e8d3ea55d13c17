import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';
import { unitOf } from './domain/unitOf';
import type { WantedRoute } from './domain/WantedRoute';
import {
  createOpenAiStandIn,
  STAND_IN_KEY,
} from './providers/testing/openAiStandIn';
import { addExternalModel } from './testing/externalModel';
import {
  CLASSIFIER_SCHEMA,
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;

beforeEach(async () => {
  server = await TestServer.create();
});
afterEach(() => server.close());

const KEYS = [keyOf('gr_all', ['*']), keyOf('gr_plain', ['plain'])];

async function start(
  overrides: Partial<WantedRoute> = {},
  environment: Record<string, string> = {},
): Promise<void> {
  const classifier = variantOf('classifier', { schema: CLASSIFIER_SCHEMA });
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('colours', [classifier], {
        outcomes: { samplePercent: 100 },
        recordedRowsPerSecond: 0,
        ...overrides,
      }),
      routeOf('plain', [variantOf('classifier')]),
    ],
    KEYS,
  );
  await server.start(environment);
}

const rows = (...values: number[][]) => ({
  inputs: [
    {
      name: 'x',
      datatype: 'FP32',
      shape: [values.length, 4],
      data: values.flat(),
    },
  ],
});
const GREEN = rows([0, 1, 0, 0]);

const predictions = (): PredictionRecord[] =>
  server.controlPlane.taken.flatMap(({ predictions: some = [] }) => some);
const outcomes = (): OutcomeRecord[] =>
  server.controlPlane.taken.flatMap(({ outcomes: some = [] }) => some);

const tell = (body: object, key?: string) =>
  server.send('/v2/feedback', {
    method: 'POST',
    key,
    body: JSON.stringify(body),
  });

const outcome = (request_id: string, model = 'colours') => ({
  request_id,
  model,
  name: 'label',
  value: 'green',
});

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

describe('the id of a request', () => {
  it.each([
    [
      "the caller's header",
      { 'x-request-id': 'order 66' },
      undefined,
      /^order 66$/,
    ],
    ['the id in the body', {}, 'from-body', /^from-body$/],
    ['the header before the body', { 'x-request-id': 'h' }, 'b', /^h$/],
    ['one of its own where there is none', {}, undefined, UUID],
    [
      'one of its own for one too long',
      { 'x-request-id': 'x'.repeat(129) },
      undefined,
      UUID,
    ],
    [
      'one of its own for one in the body that no header carries',
      {},
      'ключ',
      UUID,
    ],
  ])('is %s', async (_what, headers, id, expected) => {
    await start();
    const { status, headers: answered } = await server.infer(
      'colours',
      { ...GREEN, ...(id && { id }) },
      { headers },
    );
    expect(status).toBe(200);
    const said = String(answered['x-request-id']);
    expect(said).toMatch(expected);
    await waitFor(() => predictions().length === 1);
    expect(predictions()[0].requestId).toBe(said);
  });

  it('comes with errors and binary answers too, and only where outcomes are taken', async () => {
    await start();
    const refused = await server.infer('colours', '{', {
      headers: { 'x-request-id': 'mine' },
    });
    expect([refused.status, refused.headers['x-request-id']]).toEqual([
      400,
      'mine',
    ]);
    const binary = await server.infer('colours', {
      ...GREEN,
      parameters: { binary_data_output: true },
    });
    expect(binary.headers['x-request-id']).toMatch(UUID);
    const plain = await server.infer('plain', GREEN, {
      headers: { 'x-request-id': 'mine' },
    });
    expect(plain.headers).not.toHaveProperty('x-request-id');
    await waitFor(() => predictions().length === 1);
    expect(predictions()[0].requestId).toBe(binary.headers['x-request-id']);
  });

  it('is one for each call of a batch', async () => {
    await start();
    const path = '/v2/models/colours/infer';
    const { json } = await server.send('/ai/batch', {
      method: 'POST',
      key: 'gr_all',
      headers: { 'x-request-id': 'of-the-batch' },
      body: JSON.stringify({
        calls: [
          { path, body: { ...GREEN, id: 'first' } },
          { path, body: GREEN },
        ],
      }),
    });
    const ids = json.results.map(
      ({ requestId }: { requestId: string }) => requestId,
    );
    expect(ids).toEqual(['first', expect.stringMatching(UUID)]);
    await waitFor(() => predictions().length === 2);
    expect(
      predictions()
        .map(({ requestId }) => requestId)
        .sort(),
    ).toEqual([...ids].sort());
  });

  it('comes with answers of language models', async () => {
    process.env.STAND_IN_KEY = STAND_IN_KEY;
    const standIn = createOpenAiStandIn();
    await standIn.start();
    try {
      const variant = addExternalModel(server.controlPlane, {
        connection: {
          name: 'llm',
          kind: 'openai',
          settings: {
            baseUrl: `${standIn.url}/v1`,
            secret: 'env:STAND_IN_KEY',
          },
        },
      });
      server.controlPlane.snapshot = snapshotOf(
        [routeOf('bot', [variant], { outcomes: { samplePercent: 100 } })],
        KEYS,
      );
      await server.start();
      for (const path of ['/v1/chat/completions', '/ai/chat']) {
        for (const stream of [false, true]) {
          const { headers } = await server.send(path, {
            method: 'POST',
            key: 'gr_all',
            headers: { 'x-request-id': `${path} ${stream}` },
            body: JSON.stringify({
              model: 'bot',
              stream,
              messages: [{ role: 'user', content: 'Hello' }],
            }),
          });
          expect(headers['x-request-id']).toBe(`${path} ${stream}`);
        }
      }
      const failed = await server.send('/v1/chat/completions', {
        method: 'POST',
        key: 'gr_all',
        headers: { 'x-request-id': 'failed' },
        body: JSON.stringify({
          model: 'bot@9',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      });
      expect([failed.status, failed.headers['x-request-id']]).toEqual([
        404,
        'failed',
      ]);
      await waitFor(() => predictions().length === 4);
      expect(predictions()[0]).toEqual({
        requestId: '/v1/chat/completions false',
        at: expect.any(Number),
        model: 'bot',
        version: 1,
        unit: 0,
      });
    } finally {
      await standIn.stop();
      delete process.env.STAND_IN_KEY;
    }
  });
});

describe('a request that can be given an outcome', () => {
  it('is told with what the version said of it, and nothing of what it carried', async () => {
    await start({ comparison: { id: 'r.1', control: 1 } });
    const ask = (headers: Record<string, string>, body: object = GREEN) =>
      server.infer('colours', body, { headers });
    await ask({ 'x-request-id': 'a', 'x-assignment-id': 'ann' });
    await ask({ 'x-request-id': 'b', 'x-model-version': '1' });
    await ask({ 'x-request-id': 'c' }, rows([1, 0, 0, 0], [0, 0, 1, 0]));
    await ask({ 'x-request-id': 'd' }, { inputs: [] });
    await waitFor(() => predictions().length === 3);
    const told = (requestId: string, more: object) => ({
      requestId,
      at: expect.any(Number),
      model: 'colours',
      version: 1,
      ...more,
    });
    const byId = (a: PredictionRecord, b: PredictionRecord) =>
      a.requestId < b.requestId ? -1 : 1;
    expect(predictions().sort(byId)).toEqual([
      told('a', {
        comparison: 'r.1',
        unit: unitOf('r.1', 'ann'),
        prediction: 'green',
        confidence: expect.any(Number),
      }),
      told('b', {
        unit: -1,
        prediction: 'green',
        confidence: expect.any(Number),
      }),
      told('c', { comparison: 'r.1', unit: 0 }),
    ]);
    const { json } = await ask({});
    const { data } = json.outputs.find(
      ({ name }: { name: string }) => name === 'probabilities',
    );
    expect(predictions()[0].confidence).toBeCloseTo(data[1], 5);
  });

  it('is one of the sample: all of a caller or none, and each has an id all the same', async () => {
    await start({ outcomes: { samplePercent: 50 } });
    const callers = Array.from({ length: 40 }, (_, i) => `caller-${i}`);
    for (const caller of [...callers, ...callers]) {
      const { headers } = await server.infer('colours', GREEN, {
        headers: { 'x-assignment-id': caller, 'x-request-id': caller },
      });
      expect(headers['x-request-id']).toBe(caller);
    }
    await waitFor(() => server.controlPlane.countRecords() === 80);
    await server.stop();
    const counts = new Map<string, number>();
    for (const { requestId } of predictions()) {
      counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
    }
    expect(new Set(counts.values())).toEqual(new Set([2]));
    expect(counts.size).toBeGreaterThan(8);
    expect(counts.size).toBeLessThan(32);
  });
});

describe('feedback', () => {
  it('is taken, one or several, and told to the control plane', async () => {
    await start();
    const single = await tell(outcome('a'), 'gr_all');
    expect([single.status, single.json]).toEqual([202, { accepted: 1 }]);
    const several = await tell(
      {
        items: [
          { ...outcome('b'), value: true, at: '2026-01-31T12:00:00Z' },
          { ...outcome('c'), value: 2.5, covariate: 7 },
        ],
      },
      'gr_all',
    );
    expect([several.status, several.json]).toEqual([202, { accepted: 2 }]);
    await waitFor(() => outcomes().length === 3);
    const common = { model: 'colours', name: 'label' };
    expect(outcomes()).toEqual([
      { ...common, requestId: 'a', at: expect.any(Number), value: 'green' },
      {
        ...common,
        requestId: 'b',
        at: Date.parse('2026-01-31T12:00:00Z'),
        value: true,
      },
      {
        ...common,
        requestId: 'c',
        at: expect.any(Number),
        value: 2.5,
        covariate: 7,
      },
    ]);
    expect(await server.metrics()).toContain(
      'greenroom_outcomes_total{model="colours"} 3',
    );
  });

  it.each([
    ['without a key', outcome('a'), undefined, 401, 'a key is needed'],
    [
      'for a model that the key may not call',
      outcome('a'),
      'gr_plain',
      403,
      'model: the key "name of gr_plain" may not call model "colours"',
    ],
    [
      'for a model that takes none',
      outcome('a', 'plain'),
      'gr_all',
      400,
      'model: "plain" takes no outcomes: its manifest says so with spec.outcomes',
    ],
    [
      'for a model that is not there',
      { items: [outcome('a'), outcome('b', 'nothing')] },
      'gr_all',
      404,
      'items[1].model: unknown model "nothing"',
    ],
    [
      'when one of several is wrong',
      { items: [outcome('a'), { ...outcome('b'), name: '' }] },
      'gr_all',
      400,
      'items[1].name: expected at most 63',
    ],
  ])(
    'is refused %s, and none of it is taken',
    async (_what, body, key, status, error) => {
      await start();
      const answer = await tell(body, key);
      expect([answer.status, answer.json]).toEqual([
        status,
        { error: expect.stringContaining(error) },
      ]);
      await server.stop();
      expect(outcomes()).toEqual([]);
    },
  );

  it('is a use of the data plane, which is to stay for it', async () => {
    await start();
    const { controlPlane } = server;
    await waitFor(() => controlPlane.reports.length > 0);
    expect(controlPlane.latestReport?.lastRequestAt).toBeUndefined();
    await tell(outcome('a'), 'gr_all');
    await waitFor(() => controlPlane.latestReport?.lastRequestAt !== undefined);
    expect(controlPlane.countRecords()).toBe(0);
  });

  it('is no JSON, or another method, and says so', async () => {
    await start();
    const broken = await server.send('/v2/feedback', {
      method: 'POST',
      key: 'gr_all',
      body: '{',
    });
    expect([broken.status, broken.json.error]).toEqual([
      400,
      'the body is not valid JSON',
    ]);
    const read = await server.send('/v2/feedback', { key: 'gr_all' });
    expect([read.status, read.headers.allow]).toEqual([405, 'POST']);
  });

  it('waits on disk over a stop while the control plane is away', async () => {
    await start();
    await server.controlPlane.stop();
    await server.infer('colours', GREEN, { headers: { 'x-request-id': 'a' } });
    expect((await tell(outcome('a'), 'gr_all')).status).toBe(202);
    await server.stop();
    await server.controlPlane.start();
    await server.start();
    await waitFor(() => outcomes().length === 1 && predictions().length === 1);
    expect(outcomes()[0].requestId).toBe('a');
    expect(predictions()[0].requestId).toBe('a');
  });

  it('is counted as lost when there is no room for it', async () => {
    await start({}, { GREENROOM_RECORDS_MAX_BUFFERED: '1000' });
    await server.controlPlane.stop();
    const items = Array.from({ length: 1_000 }, (_, i) => outcome(`r-${i}`));
    expect((await tell({ items }, 'gr_all')).status).toBe(202);
    await server.controlPlane.start();
    await waitFor(() => outcomes().length > 0);
    await server.stop();
    const lost = server.controlPlane.taken.at(-1)?.lost.outcomes ?? 0;
    expect(lost).toBeGreaterThan(100);
    expect(lost + outcomes().length).toBe(1_000);
    expect(outcomes().at(-1)?.requestId).toBe('r-999');
  });
});
