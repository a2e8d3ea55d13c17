import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

/** Long enough for all requests of a test to be in one batch. */
const GATHERING_MICROS = 200_000;

let server: TestServer;

beforeEach(async () => {
  const batching = { maxRows: 64, maxDelayMicros: GATHERING_MICROS };
  server = await TestServer.create(
    snapshotOf(
      [
        routeOf('lookup', [variantOf('lookup')], { batching }),
        routeOf('classifier', [variantOf('classifier')], { batching }),
        routeOf('small', [variantOf('lookup')], {
          batching: { maxRows: 4, maxDelayMicros: GATHERING_MICROS },
        }),
      ],
      [keyOf('gr_all', ['*'])],
    ),
  );
  await server.start();
});

afterEach(() => server.close());

const lookup = (...data: number[]) => ({
  inputs: [{ name: 'index', datatype: 'INT64', shape: [data.length], data }],
});

async function metric(line: string): Promise<number> {
  const text = await server.metrics();
  const found = text.split('\n').find(each => each.startsWith(`${line} `));
  return found === undefined ? 0 : Number(found.slice(line.length + 1));
}

const batchesOf = (model: string) =>
  metric(`greenroom_batch_rows_count{model="${model}",version="1"}`);
const rowsOf = (model: string) =>
  metric(`greenroom_batch_rows_sum{model="${model}",version="1"}`);

it('computes requests together and gives each its own rows', async () => {
  const answers = await Promise.all([
    server.infer('lookup', lookup(0)),
    server.infer('lookup', lookup(1, 2)),
    server.infer('lookup', lookup(3, 0, 1)),
  ]);
  expect(answers.map(({ json }) => json.outputs[0])).toEqual([
    { name: 'value', datatype: 'FP32', shape: [1, 2], data: [0, 1] },
    { name: 'value', datatype: 'FP32', shape: [2, 2], data: [2, 3, 4, 5] },
    {
      name: 'value',
      datatype: 'FP32',
      shape: [3, 2],
      data: [6, 7, 0, 1, 2, 3],
    },
  ]);
  expect([await batchesOf('lookup'), await rowsOf('lookup')]).toEqual([1, 6]);
});

it('lets one request fail without the others', async () => {
  const answers = await Promise.all([
    server.infer('lookup', lookup(0)),
    server.infer('lookup', lookup(9)),
    server.infer('lookup', { inputs: [] }),
    server.infer('lookup', lookup(2)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 400, 200]);
  expect(answers[0].json.outputs[0].data).toEqual([0, 1]);
  expect(answers[1].json.error).toContain(
    'the model refuses this input: Gather: indices element out of data bounds',
  );
  expect(answers[3].json.outputs[0].data).toEqual([4, 5]);
  expect(await batchesOf('lookup')).toBe(1);
});

it('leaves out who has gone away', async () => {
  const leaver = new AbortController();
  const gone = server
    .infer('lookup', lookup(1), { signal: leaver.signal })
    .catch(error => error.name);
  const stayed = [
    server.infer('lookup', lookup(0)),
    server.infer('lookup', lookup(2)),
  ];
  await waitFor(async () => (await metric('greenroom_queued_requests')) === 3);
  leaver.abort();
  expect(await gone).toBe('AbortError');
  const answers = await Promise.all(stayed);
  expect(answers.map(({ json }) => json.outputs[0].data)).toEqual([
    [0, 1],
    [4, 5],
  ]);
  expect(await rowsOf('lookup')).toBe(2);
  const cancelled =
    'greenroom_requests_total{model="lookup",version="1",status="499"}';
  await waitFor(async () => (await metric(cancelled)) === 1);
});

it('separates requests that want other outputs', async () => {
  const inputs = [
    { name: 'x', datatype: 'FP32', shape: [1, 4], data: [0, 0, 1, 0] },
  ];
  const answers = await Promise.all([
    server.infer('classifier', { inputs }),
    server.infer('classifier', { inputs, outputs: [{ name: 'label' }] }),
    server.infer('classifier', { inputs, outputs: [{ name: 'label' }] }),
  ]);
  expect(answers.map(({ json }) => json.outputs.length)).toEqual([2, 1, 1]);
  for (const { json } of answers) expect(json.outputs[0].data).toEqual([2]);
  expect(await batchesOf('classifier')).toBe(2);
});

it('does not wait once a batch is full', async () => {
  const started = performance.now();
  const answers = await Promise.all(
    [0, 1, 2, 3].map(index => server.infer('small', lookup(index))),
  );
  expect(performance.now() - started).toBeLessThan(GATHERING_MICROS / 1000);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await batchesOf('small')).toBe(1);
});

it('runs a request at once that fills a batch by itself', async () => {
  const started = performance.now();
  const { json } = await server.infer('small', lookup(0, 1, 2, 3, 0, 1));
  expect(performance.now() - started).toBeLessThan(GATHERING_MICROS / 1000);
  expect(json.outputs[0].shape).toEqual([6, 2]);
});
