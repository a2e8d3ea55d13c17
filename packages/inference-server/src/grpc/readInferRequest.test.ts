import Long from 'long';
import type { Datatype, Signature } from '../domain/tensor';
import { definitionOfService, INFERENCE_SERVICE, typeOf } from './protocol';
import { readInferRequest, type ModelInferRequest } from './readInferRequest';

const signatureOf = (datatype: Datatype): Signature => ({
  inputs: [{ name: 'x', datatype, shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 3] }],
});

/** As it comes over the wire. */
function received(request: object): ModelInferRequest {
  const type = typeOf('ModelInferRequest');
  const bytes = type.encode(type.fromObject(request)).finish();
  const { requestDeserialize } =
    definitionOfService(INFERENCE_SERVICE).ModelInfer;
  return requestDeserialize(Buffer.from(bytes)).message;
}

const request = (datatype: Datatype, contents: object, size = 1) => ({
  model_name: 'm',
  inputs: [{ name: 'x', datatype, shape: [size], contents }],
});

describe('readInferRequest', () => {
  it.each<[Datatype, object, unknown]>([
    ['BOOL', { bool_contents: [true, false] }, [1, 0]],
    ['INT8', { int_contents: [-128, 127] }, [-128, 127]],
    ['UINT16', { uint_contents: [0, 65535] }, [0, 65535]],
    [
      'INT64',
      {
        int64_contents: [
          Long.fromString('-9223372036854775808'),
          Long.fromString('9007199254740993'),
        ],
      },
      [-9223372036854775808n, 9007199254740993n],
    ],
    [
      'UINT64',
      { uint64_contents: [Long.MAX_UNSIGNED_VALUE, 1] },
      [18446744073709551615n, 1n],
    ],
    ['FP32', { fp32_contents: [0.5, -1] }, [0.5, -1]],
    ['FP64', { fp64_contents: [0.1, 1e300] }, [0.1, 1e300]],
    [
      'BYTES',
      { bytes_contents: [Buffer.from('grün'), Buffer.from('')] },
      ['grün', ''],
    ],
  ])('reads %s that is not raw', (datatype, contents, expected) => {
    const { inputs } = readInferRequest(
      received(request(datatype, contents, 2)),
      signatureOf(datatype),
    );
    expect(Array.from(inputs[0].data as ArrayLike<unknown>)).toEqual(expected);
    expect(inputs[0]).toMatchObject({ name: 'x', datatype, shape: [2] });
  });

  it.each<[string, object, Datatype, string]>([
    [
      'another number of elements',
      request('FP32', { fp32_contents: [1, 2] }),
      'FP32',
      'input "x": 2 elements in "fp32_contents", expected 1',
    ],
    [
      "another datatype's place",
      request('FP32', { fp64_contents: [1] }),
      'FP32',
      'input "x": 0 elements in "fp32_contents", expected 1',
    ],
    [
      'a number out of range',
      request('INT8', { int_contents: [128] }),
      'INT8',
      'input "x": element 0 is 128, expected a number from -128 to 127 (INT8)',
    ],
    [
      'FP16 that is not raw',
      request('FP16', {}),
      'FP16',
      'FP16 has no place in "contents"',
    ],
    [
      'BF16 that is not raw',
      request('BF16', {}),
      'BF16',
      'BF16 has no place in "contents"',
    ],
    [
      'raw values for some inputs only',
      {
        ...request('FP32', { fp32_contents: [1] }),
        raw_input_contents: [Buffer.alloc(4), Buffer.alloc(4)],
      },
      'FP32',
      'there are 2 raw_input_contents for 1 inputs',
    ],
    [
      'a size below zero',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }] },
      'FP32',
      '"shape" has the size -1',
    ],
    ['no input', { inputs: [] }, 'FP32', 'missing input "x"'],
    [
      'a parameter that is not known',
      {
        ...request('FP32', { fp32_contents: [1] }),
        parameters: { sequence_id: { int64_param: 7 } },
      },
      'FP32',
      'parameter "sequence_id" is not supported',
    ],
    [
      'an output that there is not',
      { ...request('FP32', { fp32_contents: [1] }), outputs: [{ name: 'z' }] },
      'FP32',
      'unknown output "z"',
    ],
  ])('refuses %s', (_, message, datatype, sentence) => {
    expect(() =>
      readInferRequest(received(message), signatureOf(datatype)),
    ).toThrow(sentence);
  });

  it('reads raw values, outputs and how many classes are wanted', () => {
    const read = readInferRequest(
      received({
        id: 'seven',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [2] }],
        raw_input_contents: [Buffer.from(Float32Array.of(1, 2).buffer)],
        outputs: [
          {
            name: 'y',
            parameters: {
              classification: { int64_param: 2 },
              binary_data: { bool_param: true },
            },
          },
        ],
      }),
      signatureOf('FP32'),
    );
    expect(read).toMatchObject({
      id: 'seven',
      outputs: ['y'],
      classified: new Map([['y', 2]]),
    });
    expect(read.inputs[0].data).toEqual(Float32Array.of(1, 2));
  });
});
