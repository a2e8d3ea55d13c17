import {
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  variantOf,
  type FixtureName,
} from './testing/fixtures';
import { TestServer, type Answer } from './testing/startTestServer';

jest.setTimeout(60_000);

const MODELS = Object.keys(SIGNATURES).filter(
  name => name.startsWith('identity-') || name === 'classifier',
) as FixtureName[];

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(
    snapshotOf(
      MODELS.map(name => routeOf(name, [variantOf(name)])),
      [keyOf('gr_all', ['*'])],
    ),
  );
  await server.start();
});

afterAll(() => server.close());

/** Sends JSON with blobs behind it. */
function send(
  model: string,
  json: unknown,
  blobs: Buffer[],
  headerLength?: string,
): Promise<Answer> {
  const head = Buffer.from(JSON.stringify(json));
  return server.infer(model, Buffer.concat([head, ...blobs]), {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': headerLength ?? String(head.length),
    },
  });
}

function input(datatype: string, size: number, shape = [1, 2]) {
  return {
    name: 'x',
    datatype,
    shape,
    parameters: { binary_data_size: size },
  };
}

it.each([
  ['no UTF-8', Buffer.from([0x61, 0xff]), 'is no UTF-8'],
  ['a zero byte', Buffer.from('a\0b'), 'has a zero character'],
])('refuses texts with %s', async (_what, bytes, error) => {
  const good = Buffer.from([1, 0, 0, 0, 0x61]);
  const bad = Buffer.concat([Buffer.from([bytes.length, 0, 0, 0]), bytes]);
  const blob = Buffer.concat([good, bad]);
  const { status, json } = await send(
    'identity-bytes',
    { inputs: [input('BYTES', blob.length)] },
    [blob],
  );
  expect(status).toBe(400);
  expect(json.error).toContain('input "x": element 1');
  expect(json.error).toContain(error);
});

it.each([
  ['FP32', Float32Array.of(NaN, -Infinity), 'element 0 is NaN'],
  ['FP64', Float64Array.of(1, Infinity), 'element 1 is Infinity'],
])(
  'carries %s values that JSON has no number for, in binary only',
  async (datatype, data, error) => {
    const blob = Buffer.from(data.buffer);
    const model = `identity-${datatype.toLowerCase()}`;
    const inputs = [input(datatype, blob.length)];
    const parameters = { binary_data_output: true };
    const exact = await send(model, { inputs, parameters }, [blob]);
    expect(exact.status).toBe(200);
    expect(take(exact).blobs).toEqual(blob);
    const asJson = await send(model, { inputs }, [blob]);
    expect([asJson.status, asJson.json]).toEqual([
      422,
      {
        error: `output "y": ${error}, for which JSON has no number: ask for the output in binary ("binary_data": true)`,
      },
    ]);
  },
);

/** Takes JSON and blobs apart again. */
function take(answer: Answer): { json: any; blobs: Buffer } {
  const length = Number(answer.headers['inference-header-content-length']);
  return {
    json: JSON.parse(String(answer.body.subarray(0, length))),
    blobs: answer.body.subarray(length),
  };
}

function bytesTensor(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap(text => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

const bits = (data: NodeJS.TypedArray) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength);

it.each<[string, Buffer]>([
  ['BOOL', Buffer.from([1, 0])],
  ['UINT8', Buffer.from([0, 255])],
  ['UINT16', bits(new Uint16Array([0, 65535]))],
  ['UINT32', bits(new Uint32Array([0, 4294967295]))],
  ['UINT64', bits(new BigUint64Array([0n, 2n ** 64n - 1n]))],
  ['INT8', bits(new Int8Array([-128, 127]))],
  ['INT16', bits(new Int16Array([-32768, 32767]))],
  ['INT32', bits(new Int32Array([-1, 2147483647]))],
  ['INT64', bits(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]))],
  ['FP16', bits(new Uint16Array([0x3c00, 0xc500]))],
  ['FP32', bits(new Float32Array([0.1, NaN]))],
  ['FP64', bits(new Float64Array([0.1, -Infinity]))],
  ['BYTES', bytesTensor('grün', '')],
])('carries %s both ways', async (datatype, blob) => {
  const answer = await send(
    `identity-${datatype.toLowerCase()}`,
    {
      parameters: { binary_data_output: true },
      inputs: [input(datatype, blob.length)],
    },
    [blob],
  );
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/octet-stream');
  const { json, blobs } = take(answer);
  expect(json.outputs).toEqual([
    {
      name: 'y',
      datatype,
      shape: [1, 2],
      parameters: { binary_data_size: blob.length },
    },
  ]);
  expect(blobs.equals(blob)).toBe(true);
});

it('mixes JSON and binary, by output and by default', async () => {
  const inputs = [
    { name: 'x', datatype: 'FP32', shape: [1, 4], data: [0, 9, 0, 0] },
  ];
  const mixed = take(
    await server.infer('classifier', {
      inputs,
      parameters: { binary_data_output: true },
      outputs: [
        { name: 'label', parameters: { binary_data: false } },
        { name: 'probabilities' },
      ],
    }),
  );
  expect(mixed.json.outputs[0].data).toEqual([1]);
  expect(mixed.json.outputs[1].parameters).toEqual({ binary_data_size: 16 });
  const [first, second] = new Float32Array(new Uint8Array(mixed.blobs).buffer);
  expect(second).toBeGreaterThan(0.99);
  expect(first).toBeLessThan(0.01);
  const byName = take(
    await server.infer('classifier', {
      inputs,
      outputs: [{ name: 'label', parameters: { binary_data: true } }],
    }),
  );
  expect(new BigInt64Array(new Uint8Array(byName.blobs).buffer)[0]).toBe(1n);
});

it.each<[string, () => Promise<Answer>, string]>([
  [
    'too few bytes',
    () =>
      send('identity-fp32', { inputs: [input('FP32', 4)] }, [Buffer.alloc(4)]),
    'input "x": 4 bytes of binary data, expected 8 (2 x FP32)',
  ],
  [
    'fewer bytes than announced',
    () =>
      send('identity-fp32', { inputs: [input('FP32', 8)] }, [Buffer.alloc(4)]),
    'input "x": "binary_data_size" is 8, but only 4 bytes follow the JSON (is the header Inference-Header-Content-Length right?)',
  ],
  [
    'more bytes than announced',
    () =>
      send('identity-fp32', { inputs: [input('FP32', 8)] }, [Buffer.alloc(12)]),
    '4 bytes follow the last binary input, expected none',
  ],
  [
    'a negative size',
    () => send('identity-fp32', { inputs: [input('FP32', -8)] }, []),
    'input "x": "binary_data_size" is -8, expected a number of bytes',
  ],
  [
    'a header longer than the body',
    () => send('identity-fp32', { inputs: [] }, [], '999999'),
    'Inference-Header-Content-Length is 999999, but the body has 13 bytes',
  ],
  [
    'a header of an earlier request, shorter than the JSON',
    () => send('identity-fp32', { inputs: [] }, [], '12'),
    'the body is not JSON: it ends too early, at position 12 (line 1, column 13) (is the header Inference-Header-Content-Length right? By it, 12 of 13 bytes are JSON)',
  ],
  [
    'a header that says that there is no JSON',
    () => send('identity-fp32', { inputs: [] }, [], '0'),
    'the body is empty: expected a JSON object with "inputs" (is the header Inference-Header-Content-Length right? By it, 0 of 13 bytes are JSON)',
  ],
  [
    'a header that cuts a character',
    () => send('identity-fp32', { id: 'ä' }, [], '8'),
    'the body is no UTF-8, which JSON is written in (is the header Inference-Header-Content-Length right? By it, 8 of 11 bytes are JSON)',
  ],
  [
    'a header that is no number',
    () => send('identity-fp32', { inputs: [] }, [], 'all'),
    'Inference-Header-Content-Length is "all", expected the number of bytes of the JSON',
  ],
  [
    'strings that are cut off',
    () =>
      send('identity-bytes', { inputs: [input('BYTES', 6)] }, [
        bytesTensor('abcd').subarray(0, 6),
      ]),
    'input "x": 6 bytes of binary data, expected each element as its length (4 bytes, little-endian) and its bytes; element 0 is cut off',
  ],
  [
    'another number of strings',
    () =>
      send('identity-bytes', { inputs: [input('BYTES', 5)] }, [
        bytesTensor('a'),
      ]),
    'input "x": 1 elements in the binary data, expected 2',
  ],
  [
    'booleans that are neither',
    () =>
      send('identity-bool', { inputs: [input('BOOL', 2)] }, [
        Buffer.from([0, 2]),
      ]),
    'input "x": element 1 of the binary data is 2, expected 0 or 1 (BOOL)',
  ],
  [
    'FP16 asked for in JSON',
    () =>
      send('identity-fp16', { inputs: [input('FP16', 4)] }, [Buffer.alloc(4)]),
    'output "y": FP16 cannot be written in JSON, ask for it in binary ("binary_data": true)',
  ],
])('refuses %s', async (_what, call, error) => {
  const { status, json } = await call();
  expect([status, json]).toEqual([400, { error }]);
});
