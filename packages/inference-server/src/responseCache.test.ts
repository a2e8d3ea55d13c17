import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';

const KEY = 'gr_all';
const MODELS = ['linear-1', 'linear-2'] as const;
const request = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
};

let server: TestServer;

beforeAll(async () => {
  const [kept, plain] = MODELS.map(name => routeOf(name, [variantOf(name)]));
  server = await TestServer.create(
    snapshotOf(
      [{ ...kept, responseCacheBytes: 1_000_000 }, plain],
      [keyOf(KEY, ['*'])],
    ),
  );
  await server.start();
});
afterAll(() => server.close());

async function statisticsOf(model: string) {
  const path = `/v2/models/${model}/stats`;
  const { json } = await server.send(path, { key: KEY });
  const [{ execution_count, inference_count, inference_stats }] =
    json.model_stats;
  const { success, cache_hit, cache_miss } = inference_stats;
  return {
    runs: execution_count,
    rows: inference_count,
    answered: success.count,
    hits: cache_hit.count,
    misses: cache_miss.count,
  };
}

it('answers the same request once more without a run, and says so', async () => {
  const first = await server.infer('linear-1', request);
  const again = await server.infer('linear-1', { id: 'again', ...request });
  expect(again.json).toEqual({ id: 'again', ...first.json });
  await server.infer('linear-1', request);
  expect(await statisticsOf('linear-1')).toEqual({
    runs: 1,
    rows: 3,
    answered: 3,
    hits: 2,
    misses: 1,
  });
  const metrics = await server.metrics();
  const of = '{model="linear-1",version="1"';
  expect(metrics).toContain(
    `greenroom_response_cache_requests_total${of},result="hit"} 2`,
  );
  expect(metrics).toContain(
    `greenroom_response_cache_requests_total${of},result="miss"} 1`,
  );
  expect(metrics).toMatch(
    /greenroom_response_cache_bytes\{model="linear-1",version="1"\} [1-9]/,
  );
});

it('computes each request where no answers are kept', async () => {
  for (let i = 0; i < 2; i++) await server.infer('linear-2', request);
  expect(await statisticsOf('linear-2')).toMatchObject({
    runs: 2,
    hits: 0,
    misses: 0,
  });
  expect(await server.metrics()).not.toContain(
    'greenroom_response_cache_bytes{model="linear-2"',
  );
});
