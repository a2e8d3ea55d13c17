import Long from 'long';
import { typeOf } from './protocol';
import { measureMessage } from './measureMessage';

const type = typeOf('ModelInferRequest');
const measure = (bytes: Uint8Array, maxValues = 1_000) =>
  measureMessage(bytes, type, maxValues);
const written = (request: object) =>
  type.encode(type.fromObject(request)).finish();
/** The bytes again and again, as one message may have any of its fields. */
const repeated = (bytes: number[], times: number) =>
  new Uint8Array(Array.from({ length: times }, () => bytes).flat());

describe('measureMessage', () => {
  it.each<[what: string, values: number, request: object]>([
    ['nothing', 0, {}],
    ['texts', 3, { model_name: 'm', model_version: '1', id: 'x'.repeat(500) }],
    [
      'raw contents, however long',
      1,
      { raw_input_contents: [Buffer.alloc(5_000)] },
    ],
    [
      'an input with its name and shape',
      7,
      { inputs: [{ name: 'x', shape: [3, 4] }] },
    ],
    [
      'long integers of several bytes each',
      10,
      { inputs: [{ contents: { int64_contents: [Long.MAX_VALUE, -1] } }] },
    ],
    [
      'numbers of four bytes each',
      11,
      { inputs: [{ contents: { fp32_contents: [1, 2, 3] } }] },
    ],
    [
      'texts of a tensor',
      10,
      {
        inputs: [
          { contents: { bytes_contents: [Buffer.alloc(300), Buffer.of()] } },
        ],
      },
    ],
    ['a parameter', 10, { parameters: { priority: { int64_param: 1 } } }],
  ])('counts %s', (_, values, request) => {
    expect(measure(written(request))).toBe(values);
  });

  it.each<[what: string, bytes: number[]]>([
    ['empty inputs', [0x2a, 0]],
    ['empty outputs', [0x32, 0]],
    ['empty raw contents', [0x3a, 0]],
    ['parameters', [0x22, 0]],
    ['values of one parameter', [0x22, 4, 0x12, 0, 0x12, 0]],
    ['fields that nobody knows', [0x98, 0x06, 1]],
  ])('refuses too many %s', (_, bytes) => {
    expect(() => measure(repeated(bytes, 1_001))).toThrow(
      /^the message has more than 1000 values /,
    );
  });

  it('counts what is in a parameter', () => {
    const entry = [...repeated([0x12, 0], 60)];
    expect(measure(Uint8Array.of(0x22, entry.length, ...entry))).toBe(244);
  });

  it.each<[what: string, bytes: number[]]>([
    ['a length beyond the end', [0x2a, 5, 0]],
    ['a length beyond what it is within', [0x2a, 2, 0x2a, 5, 0, 0, 0, 0, 0]],
    ['a number without an end', [0x08, 0x80]],
    ['a number of more than ten bytes', [0x08, ...Array(11).fill(0x80), 1]],
    ['a group', [0x0b, 0x0c]],
  ])('refuses %s', (_, bytes) => {
    expect(() => measure(new Uint8Array(bytes))).toThrow(
      /^the message is not valid protobuf at byte \d+$/,
    );
  });
});
