import { status as grpcStatus } from '@grpc/grpc-js';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { estimateMemory } from './runners/ondemand/estimateMemory';
import { row } from './testing/allModels';
import { GrpcTestClient, readProtocol } from './testing/grpcClient';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';
import { buildWorkerProgram } from './testing/workerProgram';

jest.setTimeout(60_000);

const KEYS = [keyOf('gr_all', ['*'], { scopes: ['load'] })];
const NAMES = Array.from(
  { length: 20 },
  (_, i) => `model-${String(i).padStart(2, '0')}`,
);
const BYTES = estimateMemory(variantOf('linear-1').sizeBytes);
const ROOM = 5;

const built = buildWorkerProgram();
let server: TestServer;

afterEach(() => server.close());
afterAll(() => built.remove());

async function start(placement: 'inline' | 'worker') {
  const routes = NAMES.map(name =>
    routeOf(name, [variantOf('linear-1')], { loading: 'on-demand', placement }),
  );
  server = await TestServer.create(snapshotOf(routes, KEYS));
  await server.start(
    { GREENROOM_MODEL_MEMORY_BYTES: String(ROOM * BYTES) },
    { modelWorkerProgram: built.program },
  );
}

/** Models in memory, and what the metrics say of it. */
async function memory() {
  const page = await server.metrics();
  const inMemory = [
    ...page.matchAll(/greenroom_model_in_memory\{model="([^"]+)".*\} 1\n/g),
  ].map(([, model]) => model);
  const [, peak] =
    /greenroom_model_memory_bytes\{of="peak"\} (\d+)/.exec(page) ?? [];
  return { inMemory, peakModels: Number(peak) / BYTES, page };
}

it.each(['inline', 'worker'] as const)(
  'answers for twenty models with room for five, %s, the latest of which stay',
  async placement => {
    await start(placement);
    // Which ones is a matter of chance: several are loaded at a time.
    expect((await memory()).inMemory).toHaveLength(ROOM);
    const all = await Promise.all(
      [...NAMES, ...NAMES].map(name => server.infer(name, row)),
    );
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    for (const name of NAMES) {
      expect((await server.infer(name, row)).status).toBe(200);
    }
    await server.infer(NAMES[15], row);
    await server.infer(NAMES[0], row);
    const { inMemory, peakModels, page } = await memory();
    expect(inMemory).toEqual([0, 15, 17, 18, 19].map(i => NAMES[i]));
    expect(peakModels).toBe(ROOM);
    expect(page).toMatch(
      /greenroom_model_openings_total\{model="model-00",version="1"\} [3-9]/,
    );
    const { json } = await server.send('/v2/models/model-03/stats', {
      key: 'gr_all',
    });
    expect(json.model_stats[0].inference_stats.success.count).toBe(3);
  },
);

it('says what is in memory, and tells the next caller when its file is gone', async () => {
  await start('inline');
  for (const name of NAMES) await server.infer(name, row);
  const index = async () =>
    (
      await server.send('/v2/repository/index', {
        method: 'POST',
        key: 'gr_all',
      })
    ).json;
  expect(server.controlPlane.latestReport?.models).toHaveLength(NAMES.length);
  await waitFor(
    () =>
      server.controlPlane.latestReport?.models.filter(
        ({ placement, inMemory }) => placement === 'inline' && inMemory,
      ).length === ROOM,
  );
  expect((await index()).slice(14, 16)).toEqual([
    {
      name: 'model-14',
      version: '1',
      state: 'UNAVAILABLE',
      reason: 'unloaded',
    },
    { name: 'model-15', version: '1', state: 'READY', reason: '' },
  ]);
  const ready = await server.send('/v2/models/model-14/ready', {
    key: 'gr_all',
  });
  expect(ready.status).toBe(200);
  await rm(join(server.environmentDirectory, 'artifacts'), { recursive: true });
  const { status, json } = await server.infer('model-14', row);
  expect(status).toBe(503);
  expect(json.error).toBe(
    'the model could not be opened again: its files on the disk are not as they were, and are fetched again: try again in a moment',
  );
  // Those that are there need no file.
  expect((await server.infer('model-19', row)).status).toBe(200);
  await waitFor(
    async () => (await server.infer('model-14', row)).status === 200,
  );
});

it('has models that are larger than the bound in memory one at a time, and says so', async () => {
  server = await TestServer.create(
    snapshotOf(
      ['one', 'other'].map(name =>
        routeOf(name, [variantOf('linear-1')], { loading: 'on-demand' }),
      ),
      KEYS,
    ),
  );
  await server.start({ GREENROOM_MODEL_MEMORY_BYTES: '1' });
  for (const name of ['one', 'other', 'one']) {
    expect((await server.infer(name, row)).status).toBe(200);
    expect(await memory()).toMatchObject({ inMemory: [name], peakModels: 1 });
  }
  expect(
    server.logs.filter(line =>
      line.includes('more memory than GREENROOM_MODEL_MEMORY_BYTES allows'),
    ),
  ).toHaveLength(2);
});

it('counts what a model takes in truth, however small its file is', async () => {
  const MEBIBYTE = 1024 * 1024;
  const names = ['one', 'two', 'three'];
  server = await TestServer.create(
    snapshotOf(
      names.map(name =>
        routeOf(name, [variantOf('hungry')], { loading: 'on-demand' }),
      ),
      KEYS,
    ),
  );
  // By their files there would be room for hundreds.
  await server.start(
    { GREENROOM_MODEL_MEMORY_BYTES: String(100 * MEBIBYTE) },
    { modelWorkerProgram: built.program },
  );
  const asked = {
    inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [7] }],
  };
  for (const name of [...names, ...names]) {
    expect((await server.infer(name, asked)).status).toBe(200);
    const { inMemory, page } = await memory();
    expect(inMemory).toEqual([name]);
    const [, now] =
      /greenroom_model_memory_bytes\{of="now"\} (\d+)/.exec(page) ?? [];
    expect(Number(now)).toBeGreaterThan(50 * MEBIBYTE);
  }
});

it('gives kept answers without opening a model', async () => {
  server = await TestServer.create(
    snapshotOf(
      [
        routeOf('kept', [variantOf('linear-1')], {
          loading: 'on-demand',
          responseCacheBytes: 10_000,
        }),
      ],
      KEYS,
    ),
  );
  await server.start();
  const { json } = await server.infer('kept', row);
  await server.send('/v2/repository/models/kept/unload', {
    method: 'POST',
    key: 'gr_all',
  });
  expect((await server.infer('kept', row)).json.outputs).toEqual(json.outputs);
  expect((await memory()).inMemory).toEqual([]);
});

it('says of one that is broken what is wrong before somebody asks for it, and keeps no room for it', async () => {
  const bytes = Buffer.from('no model at all');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  server = await TestServer.create(
    snapshotOf(
      [
        routeOf(
          'broken',
          [variantOf('linear-1', { digest, sizeBytes: bytes.length })],
          { loading: 'on-demand' },
        ),
      ],
      KEYS,
    ),
  );
  server.controlPlane.addArtifact(bytes);
  await server.start();
  const load = await server.send('/v2/repository/models/broken/load', {
    method: 'POST',
    key: 'gr_all',
  });
  expect(load.status).toBe(503);
  expect(load.json.error).toContain('could not be loaded: the model');
  expect((await memory()).page).toContain(
    'greenroom_model_memory_bytes{of="now"} 0\n',
  );
});

it('has callers load and unload with the scope of their key, and only what is on demand', async () => {
  server = await TestServer.create(
    snapshotOf(
      [
        routeOf('spare', [variantOf('linear-1')], { loading: 'on-demand' }),
        routeOf('eager', [variantOf('linear-1')], { loading: 'eager' }),
      ],
      [...KEYS, keyOf('gr_plain', ['*']), keyOf('gr_eager', ['eager'])],
    ),
  );
  await server.start();
  const change = async (what: string, key = 'gr_all', body?: object) => {
    const { status, json } = await server.send(
      `/v2/repository/models/${what}`,
      { method: 'POST', key, body: body && JSON.stringify(body) },
    );
    return [status, json.error ?? json];
  };
  expect(await change('spare/unload')).toEqual([200, {}]);
  // Twice is no error.
  expect(await change('spare/unload')).toEqual([200, {}]);
  expect((await memory()).inMemory).toEqual([]);
  expect(await change('spare/load', 'gr_all', { parameters: {} })).toEqual([
    200,
    {},
  ]);
  expect((await memory()).inMemory).toEqual(['spare']);
  const refused: [string, string, object | undefined, number, string][] = [
    ['spare/unload', 'gr_plain', undefined, 403, 'its scope "load"'],
    ['spare/unload', 'gr_eager', undefined, 403, 'may not call model "spare"'],
    ['eager/unload', 'gr_all', undefined, 415, 'deployment manifest in Git'],
    ['nobody/load', 'gr_all', undefined, 404, 'unknown model "nobody"'],
    ['spare/load', 'gr_all', { parameters: 7 }, 400, '"parameters"'],
    [
      'spare/load',
      'gr_all',
      { parameters: { 'file:1/model.onnx': 'AA==' } },
      415,
      'parameter "file:1/model.onnx" is not supported',
    ],
  ];
  for (const [what, key, body, status, message] of refused) {
    expect(await change(what, key, body)).toEqual([
      status,
      expect.stringContaining(message),
    ]);
  }
  expect((await memory()).inMemory).toEqual(['spare']);
  // Nobody wants it any more: its memory is free.
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('eager', [variantOf('linear-1')])],
    KEYS,
  );
  await waitFor(async () =>
    (await memory()).page.includes('greenroom_model_memory_bytes{of="now"} 0'),
  );
});

it('has the same stand against callers over gRPC', async () => {
  server = await TestServer.create(
    snapshotOf(
      [routeOf('spare', [variantOf('linear-1')], { loading: 'on-demand' })],
      [...KEYS, keyOf('gr_plain', ['*'])],
    ),
  );
  await server.start({ GREENROOM_GRPC_PORT: '0' });
  const root = readProtocol('proto/grpc_service.proto');
  const unload = async (key: string, more: object) => {
    const client = new GrpcTestClient({
      root,
      address: String(server.grpcAddress),
      key,
    });
    try {
      return await client.call('RepositoryModelUnload', {
        model_name: 'spare',
        ...more,
      });
    } finally {
      client.close();
    }
  };
  await expect(unload('gr_plain', {})).rejects.toMatchObject({
    code: grpcStatus.PERMISSION_DENIED,
    details: expect.stringContaining('its scope "load"'),
  });
  await expect(unload('gr_none', {})).rejects.toMatchObject({
    code: grpcStatus.UNAUTHENTICATED,
  });
  await expect(
    unload('gr_all', { repository_name: 'elsewhere' }),
  ).rejects.toMatchObject({
    code: grpcStatus.UNIMPLEMENTED,
    details: expect.stringContaining('"repository_name"'),
  });
  expect((await memory()).inMemory).toEqual(['spare']);
  await unload('gr_all', {});
  expect((await memory()).inMemory).toEqual([]);
});
