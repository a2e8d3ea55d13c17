import { createHash } from 'node:crypto';
import type { PlacementMode } from '@greenroom/plugin-ai-inference-common';
import { ALL_MODELS, x } from './testing/allModels';
import {
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
  type FixtureName,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';
import { buildWorkerProgram } from './testing/workerProgram';

jest.setTimeout(60_000);

const built = buildWorkerProgram();
const KEYS = [keyOf('gr_all', ['*'])];
const PLACES = ['inline', 'worker'] as const;

let server: TestServer;

function routeIn(name: FixtureName, placement?: PlacementMode) {
  return routeOf(`${name}.${placement ?? 'auto'}`, [variantOf(name)], {
    placement,
  });
}

async function start(
  routes: ReturnType<typeof routeOf>[],
  environment: Record<string, string> = {},
): Promise<void> {
  server = await TestServer.create(snapshotOf(routes, KEYS));
  await server.start(environment, { modelWorkerProgram: built.program });
}

afterEach(() => server.close());
afterAll(() => built.remove());

/** Values of a datatype that each model takes. */
function valuesOf(datatype: string, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => {
    if (datatype === 'BOOL') return i % 2 === 0;
    if (datatype === 'BYTES') return `text ${i} – ü`;
    return i % 3;
  });
}

function requestFor(name: FixtureName, rows: number) {
  const inputs = SIGNATURES[name].inputs.map(tensor => {
    const shape = tensor.shape.map((size, axis) => {
      if (size >= 0) return size;
      return axis === 0 ? rows : 2;
    });
    const count = shape.reduce((product, size) => product * size, 1);
    const { name: of, datatype } = tensor;
    return { name: of, datatype, shape, data: valuesOf(datatype, count) };
  });
  return { inputs };
}

/** The answer, without the name of the model. */
async function ask(name: string, body: unknown) {
  const { status, json } = await server.infer(name, body);
  return { status, ...json, model_name: undefined };
}

it('gives the same answers in a thread as on the serving thread, of every datatype', async () => {
  await start(
    ALL_MODELS.flatMap(name => PLACES.map(place => routeIn(name, place))),
  );
  const differing: unknown[] = [];
  const statuses = new Map<number, number>();
  for (const name of ALL_MODELS) {
    for (const rows of [1, 3]) {
      const body = requestFor(name, rows);
      const [inline, worker] = await Promise.all(
        PLACES.map(place => ask(`${name}.${place}`, body)),
      );
      statuses.set(inline.status, (statuses.get(inline.status) ?? 0) + 1);
      if (JSON.stringify(inline) !== JSON.stringify(worker)) {
        differing.push({ name, rows, inline, worker });
      }
    }
  }
  expect(differing).toEqual([]);
  // Most can compute what is made up here.
  expect(statuses.get(200)).toBeGreaterThan(ALL_MODELS.length);
});

it('refuses in a thread what the model refuses, in the same words', async () => {
  await start(PLACES.map(place => routeIn('lookup', place)));
  const body = {
    inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }],
  };
  const [inline, worker] = await Promise.all(
    PLACES.map(place => ask(`lookup.${place}`, body)),
  );
  expect(worker).toEqual(inline);
  expect(worker).toMatchObject({
    status: 422,
    error: expect.stringContaining('the model refuses this input: Gather'),
  });
});

it('measures a model in a thread, and takes a small and quick one home', async () => {
  await start([
    routeIn('linear-1'),
    routeIn('linear-1', 'worker'),
    routeIn('linear-1', 'inline'),
  ]);
  const metrics = await server.metrics();
  expect(metrics).toMatch(/greenroom_worker_models\{thread="\d+"\} 1\n/);
  const log = (model: string) =>
    server.logs
      .map(line => JSON.parse(line))
      .find(
        entry =>
          entry.model === model && entry.message.startsWith('the model runs'),
      );
  expect(log('linear-1.auto')).toMatchObject({
    message: 'the model runs on the serving thread',
    reason: expect.stringMatching(
      /^it is small, and a row takes [0-9.e-]+ ms$/,
    ),
  });
  expect(log('linear-1.worker')).toMatchObject({
    message: 'the model runs in a worker thread',
    reason: 'its manifest says so',
  });
  const { json } = await server.send('/v2/models/linear-1.worker/config', {
    key: 'gr_all',
  });
  expect(json.parameters).toMatchObject({
    placement: { string_value: 'worker' },
    placement_reason: { string_value: 'its manifest says so' },
  });
  expect(metrics).toContain(
    'greenroom_model_placement{model="linear-1.auto",version="1",where="inline"} 1\n',
  );
  expect(log('linear-1.inline')).toMatchObject({
    message: 'the model runs on the serving thread',
    reason: 'its manifest says so',
  });
});

it('keeps a small model in a thread whose loading would hold up callers', async () => {
  await start([routeIn('hungry'), routeIn('linear-1')]);
  const config = async (name: string) =>
    (await server.send(`/v2/models/${name}.auto/config`, { key: 'gr_all' }))
      .json.parameters;
  expect(await config('hungry')).toMatchObject({
    placement: { string_value: 'worker' },
    placement_reason: {
      string_value: expect.stringMatching(
        /^loading it takes \d+ ms, more than 25 ms$/,
      ),
    },
  });
  expect(await config('linear-1')).toMatchObject({
    placement: { string_value: 'inline' },
  });
});

it('computes requests together in a thread, and counts runs and their time there', async () => {
  await start([routeIn('linear-1', 'worker')]);
  const requests = Array.from({ length: 40 }, (_, i) =>
    ask('linear-1.worker', { inputs: [x([i, 0, 0])] }),
  );
  const answers = await Promise.all(requests);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const { json } = await server.send('/v2/models/linear-1.worker/stats', {
    key: 'gr_all',
  });
  const [stats] = json.model_stats;
  expect(stats).toMatchObject({ inference_count: 40 });
  expect(stats.execution_count).toBeGreaterThan(0);
  expect(stats.execution_count).toBeLessThanOrEqual(40);
  const { success, queue, compute_infer: compute } = stats.inference_stats;
  expect(compute.count).toBe(40);
  expect(compute.ns).toBeGreaterThan(0);
  expect(compute.ns + queue.ns).toBeLessThanOrEqual(success.ns);
});

it('says of a broken file in a thread what is wrong with it', async () => {
  const bytes = Buffer.from('no model at all');
  const route = routeIn('linear-1', 'worker');
  server = await TestServer.create(
    snapshotOf(
      [
        {
          ...route,
          variants: [
            variantOf('linear-1', {
              digest: `sha256:${createHash('sha256')
                .update(bytes)
                .digest('hex')}`,
              sizeBytes: bytes.length,
            }),
          ],
        },
      ],
      KEYS,
    ),
  );
  server.controlPlane.addArtifact(bytes);
  await server.start({}, { modelWorkerProgram: built.program });
  await waitFor(() =>
    server.logs.some(line => line.includes('"model not loaded"')),
  );
  const { status, json } = await server.infer('linear-1.worker', {
    inputs: [x([1, 2, 3])],
  });
  expect(status).toBe(503);
  expect(json.error).toContain('version 1 could not be loaded: the model');
});

it('frees a model in a thread that is wanted no more', async () => {
  await start([routeIn('linear-1', 'worker'), routeIn('pair', 'worker')]);
  server.controlPlane.snapshot = snapshotOf([routeIn('pair', 'worker')], KEYS);
  await waitFor(async () => {
    const counts = [
      ...(await server.metrics()).matchAll(
        /greenroom_worker_models\{.*\} (\d)/g,
      ),
    ].map(([, count]) => Number(count));
    return counts.reduce((sum, count) => sum + count, 0) === 1;
  });
  expect(await ask('pair.worker', requestFor('pair', 2))).toMatchObject({
    status: 200,
  });
});

it('has shadows in threads answer copies', async () => {
  await start([
    routeOf(
      'linear',
      [
        variantOf('linear-1', { version: 1, weightPercent: 100 }),
        variantOf('linear-2', { version: 2, weightPercent: 0 }),
      ],
      {
        placement: 'worker',
        shadow: {
          comparison: 's.1',
          version: 2,
          samplePercent: 100,
          maxCopiesInFlight: 8,
        },
      },
    ),
  ]);
  expect(await ask('linear', { inputs: [x([1, 2, 3])] })).toMatchObject({
    status: 200,
  });
  await waitFor(async () =>
    (
      await server.metrics()
    ).includes(
      'greenroom_shadow_copies_total{model="linear",version="2",result="differs"} 1',
    ),
  );
});
