import type { TensorSpec } from '../../domain/tensor';
import { decodeJson } from './rest';

const y: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1] };
const call = { inputs: [], outputs: [y], parameters: {} };
const head = (size: number) =>
  Buffer.from(
    JSON.stringify({
      outputs: [
        {
          name: 'y',
          datatype: 'FP32',
          shape: [1],
          parameters: { binary_data_size: size },
        },
      ],
    }),
  );
const decode = (json: Buffer, blob: Buffer, length = String(json.length)) =>
  decodeJson(
    {
      bytes: Buffer.concat([json, blob]),
      headers: { 'inference-header-content-length': length },
    },
    call,
  );

it('reads values behind the JSON', () => {
  const [{ data }] = decode(head(4), Buffer.from([0, 0, 0xc0, 0x3f]));
  expect([...data]).toEqual([1.5]);
});

it.each([
  ['half a surrogate pair, which has no bytes', 'BYTES', ['\ud800']],
  ['BF16 in JSON', 'BF16', [1]],
] as const)('refuses %s', (_what, datatype, data) => {
  const spec: TensorSpec = { name: 'y', datatype, shape: [-1] };
  const outputs = [{ ...spec, shape: [1], data }];
  const bytes = Buffer.from(JSON.stringify({ outputs }));
  expect(() =>
    decodeJson({ bytes, headers: {} }, { ...call, outputs: [spec] }),
  ).toThrow(`element 0 that is no ${datatype}`);
});

it.each([
  ['fewer bytes than are announced', 4, 2, undefined, 'which announces 4'],
  ['more bytes than are announced', 4, 8, undefined, 'which announces 4'],
  ['bytes of another size than the shape', 8, 8, undefined, 'expected 4'],
  ['a length that is none', 4, 4, 'all', 'no number up to that'],
  ['a length beyond the end', 4, 4, '999', 'no number up to that'],
])('refuses %s', (_what, announced, sent, length, reason) => {
  expect(() => decode(head(announced), Buffer.alloc(sent), length)).toThrow(
    reason,
  );
});
