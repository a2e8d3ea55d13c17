import { addExternalModel } from '../../testing/externalModel';
import {
  keyOf,
  routeOf,
  snapshotOf,
  variantOf,
  SIGNATURES,
  type FixtureName,
} from '../../testing/fixtures';
import { TestServer } from '../../testing/startTestServer';
import { waitFor } from '../../testing/waitFor';

jest.setTimeout(60_000);

const bits = (data: NodeJS.TypedArray) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Two elements of each datatype: the odd ones. */
const VALUES: Record<string, Buffer> = {
  BOOL: Buffer.from([1, 0]),
  UINT8: Buffer.from([0, 255]),
  UINT16: bits(new Uint16Array([0, 65535])),
  UINT32: bits(new Uint32Array([0, 4294967295])),
  UINT64: bits(new BigUint64Array([2n ** 53n + 1n, 2n ** 64n - 1n])),
  INT8: bits(new Int8Array([-128, 127])),
  INT16: bits(new Int16Array([-32768, 32767])),
  INT32: bits(new Int32Array([-1, 2147483647])),
  INT64: bits(new BigInt64Array([-(2n ** 63n), 2n ** 53n + 1n])),
  FP16: bits(new Uint16Array([0x3c01, 0x7e01])),
  // A quiet NaN with something in it, and the smallest number there is.
  FP32: bits(new Uint32Array([0x7fc01234, 1])),
  FP64: bits(new Float64Array([-0, -Infinity])),
  BYTES: Buffer.from([5, 0, 0, 0, ...Buffer.from('grün'), 0, 0, 0, 0]),
};
const DATATYPES = Object.keys(VALUES);
const nameOf = (datatype: string) =>
  `identity-${datatype.toLowerCase()}` as FixtureName;

describe.each(['rest', 'grpc'] as const)(
  'a data plane behind another one, over %s',
  protocol => {
    let behind: TestServer;
    let front: TestServer;

    beforeAll(async () => {
      process.env.BEHIND_KEY = 'gr_behind';
      behind = await TestServer.create(
        snapshotOf(
          DATATYPES.map(datatype =>
            routeOf(nameOf(datatype), [variantOf(nameOf(datatype))]),
          ),
          [keyOf('gr_behind', ['*'])],
        ),
      );
      await behind.start({ GREENROOM_GRPC_PORT: '0' });
      await waitFor(
        async () =>
          (
            await behind.send('/v2/models/identity-bytes/ready', {
              key: 'gr_behind',
            })
          ).status === 200,
      );
      front = await TestServer.create();
      front.controlPlane.snapshot = snapshotOf(
        DATATYPES.map(datatype => {
          const remote = addExternalModel(front.controlPlane, {
            descriptor: {
              model: nameOf(datatype),
              tasks: [],
              tensors: {
                protocol: 'open-inference',
                signature: SIGNATURES[nameOf(datatype)],
              },
            },
            connection: {
              name: 'llm',
              kind: 'open-inference',
              settings: {
                baseUrl:
                  protocol === 'grpc'
                    ? `grpc://${behind.grpcAddress}`
                    : behind.url,
                protocol,
                secret: 'env:BEHIND_KEY',
              },
            },
          });
          return routeOf(nameOf(datatype), [remote]);
        }),
        [keyOf('gr_all', ['*'])],
      );
      await front.start();
    });
    afterAll(async () => {
      delete process.env.BEHIND_KEY;
      await front.close();
      await behind.close();
    });

    it.each(DATATYPES)('carries %s both ways, to the bit', async datatype => {
      const model = nameOf(datatype);
      const blob = VALUES[datatype];
      const head = Buffer.from(
        JSON.stringify({
          parameters: { binary_data_output: true },
          inputs: [
            {
              name: 'x',
              datatype,
              shape: [1, 2],
              parameters: { binary_data_size: blob.length },
            },
          ],
        }),
      );
      await waitFor(
        async () =>
          (
            await front.send(`/v2/models/${model}/ready`, { key: 'gr_all' })
          ).status === 200,
      );
      const { status, headers, body } = await front.infer(
        model,
        Buffer.concat([head, blob]),
        {
          headers: {
            'content-type': 'application/octet-stream',
            'inference-header-content-length': String(head.length),
          },
        },
      );
      expect([status, status === 200 || String(body)]).toEqual([200, true]);
      const length = Number(headers['inference-header-content-length']);
      expect(body.subarray(length)).toEqual(blob);
    });
  },
);
