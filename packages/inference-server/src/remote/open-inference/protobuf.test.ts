import { typeOf } from '../../grpc/protocol';
import type { TensorSpec } from '../../domain/tensor';
import { decodeProtobuf, encodeProtobuf } from './protobuf';

const floats: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1] };
const longs: TensorSpec = { name: 'i', datatype: 'INT64', shape: [-1] };
const texts: TensorSpec = { name: 't', datatype: 'BYTES', shape: [-1] };

const answer = (message: object) => {
  const type = typeOf('ModelInferResponse');
  return Buffer.from(type.encode(type.fromObject(message)).finish());
};
const decode = (message: object, ...outputs: TensorSpec[]) =>
  decodeProtobuf(answer(message), { inputs: [], outputs, parameters: {} });
const output = (spec: TensorSpec, size: number, contents?: object) => ({
  name: spec.name,
  datatype: spec.datatype,
  shape: [size],
  ...(contents && { contents }),
});

it('reads values that are not raw, with all that floats have', () => {
  const [y, i, t] = decode(
    {
      outputs: [
        output(longs, 2, { int64_contents: ['-9223372036854775808', '7'] }),
        output(floats, 4, { fp32_contents: [NaN, Infinity, -0, 0.1] }),
        output(texts, 1, { bytes_contents: [Buffer.from('grün')] }),
      ],
    },
    floats,
    longs,
    texts,
  );
  expect([...y.data]).toEqual([NaN, Infinity, -0, Math.fround(0.1)]);
  expect([...i.data]).toEqual([-(2n ** 63n), 7n]);
  expect(t.data).toEqual(['grün']);
});

it('reads bytes that are no text as what they are, raw or not', () => {
  const bytes = [Buffer.from([0xff, 0]), Buffer.from('a')];
  const raw = Buffer.from([2, 0, 0, 0, 0xff, 0, 1, 0, 0, 0, 0x61]);
  const shaped = output(texts, 2);
  for (const message of [
    { outputs: [output(texts, 2, { bytes_contents: bytes })] },
    { outputs: [shaped], raw_output_contents: [raw] },
  ]) {
    expect(decode(message, texts)[0].data).toEqual([
      Uint8Array.of(0xff, 0),
      'a',
    ]);
  }
});

it('tells raw values from others where a server has both', () => {
  const [i, y] = decode(
    {
      outputs: [output(longs, 1, { int64_contents: [5] }), output(floats, 1)],
      raw_output_contents: [Buffer.from(new Float32Array([1.5]).buffer)],
    },
    longs,
    floats,
  );
  expect([...i.data, ...y.data]).toEqual([5n, 1.5]);
});

it.each<[string, object, TensorSpec, string]>([
  [
    'too few raw values',
    {
      outputs: [output(floats, 1), output(longs, 1)],
      raw_output_contents: [Buffer.alloc(4)],
    },
    floats,
    '1 raw_output_contents for 2 outputs',
  ],
  [
    'too few bytes',
    { outputs: [output(floats, 2)], raw_output_contents: [Buffer.alloc(4)] },
    floats,
    'has 4 bytes, expected 8 (2 x FP32)',
  ],
  [
    'texts that are cut off',
    {
      outputs: [output(texts, 1)],
      raw_output_contents: [Buffer.from([9, 0, 0, 0, 1])],
    },
    texts,
    'element 0 that is cut off',
  ],
  [
    'fewer values than the shape says',
    { outputs: [output(floats, 2, { fp32_contents: [1] })] },
    floats,
    'has 4 bytes, expected 8',
  ],
  ['another output', { outputs: [output(longs, 0)] }, floats, 'no output "y"'],
])('refuses %s', (_what, message, spec, reason) => {
  expect(() => decode(message, spec)).toThrow(reason);
});

it('says the parameters of a version that the protocol can say', () => {
  const encode = (parameters: Record<string, unknown>) =>
    encodeProtobuf({ inputs: [], outputs: [], parameters }, 'm/3');
  const { body } = encode({ a: true, b: 1, c: 0.5, d: 'x' });
  const type = typeOf('ModelInferRequest');
  expect(
    type.toObject(type.decode(body as Buffer), { longs: Number }),
  ).toMatchObject({
    model_name: 'm',
    model_version: '3',
    parameters: {
      a: { bool_param: true },
      b: { int64_param: 1 },
      c: { double_param: 0.5 },
      d: { string_param: 'x' },
    },
  });
  expect(() => encode({ list: [1] })).toThrow('parameter "list"');
});
