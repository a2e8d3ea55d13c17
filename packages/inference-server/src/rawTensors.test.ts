import type { RouteShadow } from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import type { ProviderKind } from './providers/Provider';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { RemoteEcho } from './testing/remoteEcho';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const KEY = 'gr_some';

let server: TestServer;
let upstreams: RemoteEcho;

beforeEach(async () => {
  upstreams = new RemoteEcho();
  await upstreams.start();
  server = await TestServer.create();
});
afterEach(async () => {
  await server.close();
  await upstreams.stop();
});

/** A request with elements as they are, in binary. */
function binaryBytes(...elements: Buffer[]): Buffer[] {
  const blob = Buffer.concat(
    elements.flatMap(bytes => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
  const head = Buffer.from(
    JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [
        {
          name: 'x',
          datatype: 'BYTES',
          shape: [elements.length, 1],
          parameters: { binary_data_size: blob.length },
        },
      ],
    }),
  );
  return [head, blob];
}

const sendBytes = (model: string, ...elements: Buffer[]) => {
  const [head, blob] = binaryBytes(...elements);
  return server.infer(model, Buffer.concat([head, blob]), {
    key: KEY,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
  });
};

it('takes text of JSON with a zero character to a server that takes JSON', async () => {
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('there', [upstreams.add(server.controlPlane, 'BYTES', 'json')]),
      routeOf('here', [variantOf('identity-bytes')]),
      routeOf('bf16', [upstreams.add(server.controlPlane, 'BF16', 'rest')]),
    ],
    [keyOf(KEY, ['*'])],
  );
  await server.start();
  const ask = (model: string, datatype: string, ...data: unknown[]) =>
    server.infer(
      model,
      { inputs: [{ name: 'x', datatype, shape: [1, data.length], data }] },
      { key: KEY },
    );
  const there = await ask('there', 'BYTES', 'a\0b', 'grün');
  expect(there.json.outputs[0].data).toEqual(['a\0b', 'grün']);
  const here = await ask('here', 'BYTES', 'a\0b', 'grün');
  expect([here.status, here.json.error]).toEqual([
    400,
    'input "x": element 0 has a zero character, expected text without one (BYTES)',
  ]);
  const half = await ask('there', 'BYTES', 'a', '\ud800');
  expect([half.status, half.json.error]).toEqual([
    400,
    expect.stringContaining('element 1 has half a surrogate pair'),
  ]);
  const bf16 = await ask('bf16', 'BF16', 1);
  expect([bf16.status, bf16.json.error]).toEqual([
    400,
    'input "x": BF16 cannot be written in JSON, expected binary data ("binary_data_size")',
  ]);
});

it('loads no version with BF16 for a service that takes JSON alone', async () => {
  const unused = () => {
    throw new Error('nothing is called here');
  };
  const kind: ProviderKind = {
    kind: 'open-inference',
    settings: z.looseObject({}),
    connect: () => ({
      dialects: {},
      tensors: { 'open-inference': unused },
      prepare: unused,
      explain: unused,
      listModels: unused,
      close: async () => {},
    }),
  };
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf('bf16', [upstreams.add(server.controlPlane, 'BF16', 'rest')]),
      routeOf('bytes', [upstreams.add(server.controlPlane, 'BYTES', 'rest')]),
    ],
    [keyOf(KEY, ['*'])],
  );
  await server.start({}, { kinds: [kind] });
  const states = () =>
    server.controlPlane.latestReport?.models.map(
      ({ model, state, error = '' }) => [model, state, error],
    );
  await waitFor(
    () => states()?.every(([, state]) => state !== 'loading') ?? false,
  );
  expect(states()).toEqual([
    [
      'bf16',
      'failed',
      expect.stringContaining('JSON alone, for which "x" (BF16) has no form'),
    ],
    ['bytes', 'ready', ''],
  ]);
});

it('copies no row that a record cannot hold, counts it, and copies its neighbours', async () => {
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf(
        'told',
        [
          upstreams.add(server.controlPlane, 'BYTES', 'rest', {
            schema: {
              task: 'classification',
              features: [{ name: 'word', tensor: 'x', index: 0 }],
              prediction: { tensor: 'y' },
            },
          }),
        ],
        { recordedRowsPerSecond: 1_000 },
      ),
    ],
    [keyOf(KEY, ['*'])],
  );
  await server.start();
  const rows = [[0xff, 0xfe], [0x61], [0x61, 0, 0x62], [0x62]].map(bytes =>
    Buffer.from(bytes),
  );
  expect((await sendBytes('told', ...rows)).status).toBe(200);
  const samples = () =>
    server.controlPlane.batches.flatMap(({ groups }) =>
      groups.flatMap(group => group.samples),
    );
  await waitFor(() => samples().length > 0);
  expect(samples()).toEqual(
    ['a', 'b'].map(word => ({
      at: expect.any(Number),
      features: [word],
      prediction: word,
    })),
  );
  expect(await server.metrics()).toContain(
    'greenroom_unsayable_rows_total{model="told",version="1",input="x"} 2\n',
  );
});

it('answers bytes that a shadow here does not take, which fails alone', async () => {
  const shadow: RouteShadow = {
    comparison: 's.1',
    version: 2,
    samplePercent: 100,
    maxCopiesInFlight: 8,
  };
  const here = variantOf('identity-bytes', { version: 2, weightPercent: 0 });
  server.controlPlane.snapshot = snapshotOf(
    [
      routeOf(
        'shadowed',
        [upstreams.add(server.controlPlane, 'BYTES', 'rest'), here],
        { shadow },
      ),
    ],
    [keyOf(KEY, ['*'])],
  );
  await server.start();
  const pair = (...elements: string[]) => {
    const [head, blob] = binaryBytes(
      ...elements.map(text => Buffer.from(text, 'latin1')),
    );
    const inRow = String(head).replace('[2,1]', '[1,2]');
    return server.infer('shadowed', Buffer.concat([Buffer.from(inRow), blob]), {
      key: KEY,
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(inRow.length),
      },
    });
  };
  expect((await pair('\xff', 'b')).status).toBe(200);
  expect((await pair('a', 'b')).status).toBe(200);
  const of = 'greenroom_shadow_copies_total{model="shadowed",version="2"';
  await waitFor(async () => {
    const metrics = await server.metrics();
    return ['failed', 'agrees'].every(result =>
      metrics.includes(`${of},result="${result}"} 1`),
    );
  });
});
