import type { TensorPayload } from '../domain/Exchange';
import type {
  BytesElement,
  ModelSchema,
  Signature,
  Tensor,
} from '../domain/tensor';
import { RowSampler } from './RowSampler';

const signature: Signature = {
  inputs: [
    { name: 'numbers', datatype: 'FP32', shape: [-1, 3] },
    { name: 'count', datatype: 'INT64', shape: [-1] },
    { name: 'word', datatype: 'BYTES', shape: [-1] },
  ],
  outputs: [
    { name: 'value', datatype: 'FP32', shape: [-1, 1] },
    { name: 'scores', datatype: 'FP32', shape: [-1, 3] },
    { name: 'name', datatype: 'BYTES', shape: [-1] },
  ],
};

function tensor(
  name: string,
  datatype: Tensor['datatype'],
  shape: number[],
  data: Tensor['data'],
): Tensor {
  return { name, datatype, shape, data };
}

const AT_MILLIS = 1234;

const payload: TensorPayload = {
  startedMillis: 0,
  endedMillis: 0,
  computeMillis: 0,
  kind: 'tensors',
  rows: 2,
  inputs: [
    tensor('numbers', 'FP32', [2, 3], Float32Array.of(1, 2, 3, 4, NaN, 6)),
    tensor('count', 'INT64', [2], BigInt64Array.of(7n, 8n)),
    tensor('word', 'BYTES', [2], ['a', 'b']),
  ],
  outputs: [
    tensor('value', 'FP32', [2, 1], Float32Array.of(0.5, 1.5)),
    tensor('scores', 'FP32', [2, 3], Float32Array.of(1, 3, 2, 9, 0, 0)),
    tensor('name', 'BYTES', [2], ['one', 'two']),
  ],
};

function schema(
  features: [tensor: string, index: number][],
  prediction: string,
  overrides: Partial<ModelSchema> = {},
): ModelSchema {
  return {
    task: 'regression',
    features: features.map(([name, index]) => ({
      name: `${name}-${index}`,
      tensor: name,
      index,
    })),
    prediction: { tensor: prediction },
    ...overrides,
  };
}

const sample = (of: ModelSchema, row: number) =>
  RowSampler.for({ signature, schema: of })?.sample(payload, row, AT_MILLIS);

it('takes features from several tensors, row by row', () => {
  const both = schema(
    [
      ['count', 0],
      ['numbers', 2],
    ],
    'value',
  );
  expect([sample(both, 0), sample(both, 1)]).toEqual([
    { at: 1234, features: [7, 3], prediction: 0.5 },
    { at: 1234, features: [8, 6], prediction: 1.5 },
  ]);
});

it('takes the class with the highest score, or the name itself', () => {
  const classes = schema([['count', 0]], 'scores', { task: 'classification' });
  expect(sample(classes, 0)?.prediction).toBe(1);
  const labels = ['low', 'middle', 'high'];
  const labelled: ModelSchema = {
    ...classes,
    prediction: { tensor: 'scores', labels },
  };
  expect(sample(labelled, 0)?.prediction).toBe('middle');
  expect(sample(labelled, 1)?.prediction).toBe('low');
  expect(sample(schema([['count', 0]], 'name'), 1)?.prediction).toBe('two');
});

it('copies every row, whatever is in it', () => {
  const numbers = schema(
    [
      ['numbers', 1],
      ['count', 0],
    ],
    'value',
  );
  expect(sample(numbers, 0)?.features).toEqual([2, 7]);
  expect(sample(numbers, 1)?.features).toEqual([null, 8]);
});

it.each<[string, Tensor['datatype'], Tensor['data'], unknown[]]>([
  ['texts', 'BYTES', ['a', 'b'.repeat(300)], ['a', 'b'.repeat(200)]],
  ['half precision', 'FP16', Uint16Array.of(0x3c00, 0xc500), [1, -5]],
  [
    'half NaN and infinity',
    'FP16',
    Uint16Array.of(0x7e00, 0xfc00),
    [null, '-Infinity'],
  ],
  ['BF16', 'BF16', Uint16Array.of(0x3f80, 0xff80), [1, '-Infinity']],
  ['booleans', 'BOOL', Uint8Array.of(0, 1), [false, true]],
  [
    'integers',
    'INT64',
    BigInt64Array.of(-3n, 2n ** 53n + 1n),
    [-3, '9007199254740993'],
  ],
  [
    'NaN and infinity',
    'FP64',
    Float64Array.of(NaN, Infinity),
    [null, 'Infinity'],
  ],
])('copies %s as what they are', (_what, datatype, data, expected) => {
  const input = { name: 'x', datatype, shape: [-1] };
  const sampler = RowSampler.for({
    signature: { inputs: [input], outputs: [] },
    schema: schema([['x', 0]], 'y'),
  })!;
  const samples = [0, 1].map(row =>
    sampler.sample(
      { ...payload, inputs: [tensor('x', datatype, [2], data)], outputs: [] },
      row,
      AT_MILLIS,
    ),
  );
  expect(samples.map(each => each.features[0])).toEqual(expected);
  expect(JSON.parse(JSON.stringify(samples))).toEqual(samples);
});

it('reads half precision as numbers where it looks for the best class', () => {
  const classes = schema([['count', 0]], 'scores', { task: 'classification' });
  // As bits, -1 is larger than 1.
  const scores = tensor(
    'scores',
    'FP16',
    [2, 2],
    Uint16Array.of(0x3c00, 0xbc00, 0xbc00, 0x3c00),
  );
  const sampler = RowSampler.for({ signature, schema: classes })!;
  expect(
    [0, 1].map(
      row =>
        sampler.sample({ ...payload, outputs: [scores] }, row, AT_MILLIS)
          .prediction,
    ),
  ).toEqual([0, 1]);
});

it('says which input of a row a record cannot hold', () => {
  const word = tensor('word', 'BYTES', [3], ['a\0b', Uint8Array.of(255), 'a']);
  const said = [0, 1, 2].map(row =>
    RowSampler.for({
      signature,
      schema: schema([['word', 0]], 'value'),
    })?.unsayableInput(
      { ...payload, rows: 3, inputs: [word, word, word] },
      row,
    ),
  );
  expect(said).toEqual(['word', 'word', undefined]);
  // What is no feature is not copied.
  expect(
    RowSampler.for({
      signature,
      schema: schema([['count', 0]], 'value'),
    })?.unsayableInput({ ...payload, inputs: [word, word, word] }, 0),
  ).toBeUndefined();
});

it.each<[string, BytesElement]>([
  ['with a zero character', 'a\0'],
  ['that is no text', Uint8Array.of(255)],
])('tells no prediction %s', (_what, said) => {
  const outputs = [tensor('name', 'BYTES', [2], [said, 'b'])];
  const names = schema([['count', 0]], 'name');
  expect(
    RowSampler.for({ signature, schema: names })?.sample(
      { ...payload, outputs },
      0,
      AT_MILLIS,
    ),
  ).toEqual({ at: AT_MILLIS, features: [7] });
});

it('keeps the other features where one cannot be found', () => {
  const places: [string, number][] = [
    ['word', 0],
    ['nothing', 0],
    ['numbers', 3],
    ['count', 1],
    ['count', 0],
  ];
  expect(sample(schema(places, 'value'), 0)?.features).toEqual([
    'a',
    null,
    null,
    null,
    7,
  ]);
});

it('copies nothing where there is nothing to profile, or too much', () => {
  expect(RowSampler.for({ signature, schema: undefined })).toBeUndefined();
  expect(
    RowSampler.for({ signature, schema: schema([], 'value') }),
  ).toBeUndefined();
  const many = Array.from({ length: 10_001 }, (): [string, number] => [
    'numbers',
    0,
  ]);
  expect(
    RowSampler.for({ signature, schema: schema(many, 'value') }),
  ).toBeUndefined();
});
