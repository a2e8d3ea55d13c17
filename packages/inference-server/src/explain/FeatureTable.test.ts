import type { Datatype, Tensor, TensorData } from '../domain/tensor';
import { FeatureTable } from './FeatureTable';

const tensor = (
  name: string,
  datatype: Datatype,
  data: TensorData,
): Tensor => ({ name, datatype, shape: [1, data.length], data });

function tableOf(inputs: Tensor[], features: [string, string, number][]) {
  return FeatureTable.for(
    {
      model: 'm',
      version: 1,
      signature: {
        inputs: inputs.map(({ name, datatype, shape }) => ({
          name,
          datatype,
          shape: [-1, ...shape.slice(1)],
        })),
        outputs: [],
      },
      schema: {
        task: 'regression',
        features: features.map(([name, of, index]) => ({
          name,
          tensor: of,
          index,
        })),
        prediction: { tensor: 'y' },
      },
    },
    inputs,
  );
}

const inputs = [
  tensor('numbers', 'FP32', Float32Array.of(0.1, 7)),
  tensor('ids', 'INT64', BigInt64Array.of(2n ** 60n)),
  tensor('texts', 'BYTES', ['red']),
  tensor('flags', 'BOOL', Uint8Array.of(1)),
];
const table = () =>
  tableOf(inputs, [
    ['weight', 'numbers', 0],
    ['id', 'ids', 0],
    ['colour', 'texts', 0],
    ['new', 'flags', 0],
  ]);

describe('FeatureTable', () => {
  it('gives back exactly what it was given, in every kind of input', () => {
    const made = table();
    const instance = made.instance();
    const other = made.encode([null, 5, 'blue', false], 'a row');
    const values = new Float64Array([...instance, ...other]);
    const tensors = made.toTensors({ rows: 2, features: 4, values });
    expect(tensors).toEqual([
      {
        name: 'numbers',
        datatype: 'FP32',
        shape: [2, 2],
        // The second number is no feature: it stays as the request has it.
        data: Float32Array.of(0.1, 7, NaN, 7),
      },
      {
        name: 'ids',
        datatype: 'INT64',
        shape: [2, 1],
        data: BigInt64Array.of(2n ** 60n, 5n),
      },
      {
        name: 'texts',
        datatype: 'BYTES',
        shape: [2, 1],
        data: ['red', 'blue'],
      },
      {
        name: 'flags',
        datatype: 'BOOL',
        shape: [2, 1],
        data: Uint8Array.of(1, 0),
      },
    ]);
    expect(
      made.features.map((_, at) => made.valueOf(at, instance[at])),
    ).toEqual([Math.fround(0.1), 2n ** 60n, 'red', true]);
    expect(made.isNumeric).toBe(false);
  });

  it('knows equal values as equal, also where the input rounds them', () => {
    const made = table();
    const [weight, , colour] = made.instance();
    const row = made.encode([0.1, 1, 'red', true], 'a row');
    expect(row[0]).toBe(weight);
    expect(row[2]).toBe(colour);
  });

  it.each<[string, (number | string | boolean | null)[], string]>([
    ['no number', ['many', 1, 'red', true], 'feature "weight" is no number'],
    ['missing', [1, null, 'red', true], 'feature "id" is missing'],
    ['a fraction', [1, 1.5, 'red', true], 'feature "id" is 1.5'],
    [
      'what would be rounded',
      [1, 2 ** 60, 'red', true],
      'feature "id" is 1152921504606847000',
    ],
  ])('refuses what the input cannot hold: %s', (_what, row, message) => {
    expect(() => table().encode(row, 'row 3')).toThrow(`row 3: ${message}`);
  });

  it.each<[Datatype, TensorData, number]>([
    ['INT8', Int8Array.of(1), 128],
    ['UINT8', Uint8Array.of(1), -1],
    ['UINT64', BigUint64Array.of(1n), -1],
  ])('refuses integers out of range: %s', (datatype, data, value) => {
    const made = tableOf([tensor('x', datatype, data)], [['size', 'x', 0]]);
    expect(() => made.encode([value], 'reference row 0')).toThrow(
      `reference row 0: feature "size" is ${value}, expected a value of ${datatype}`,
    );
  });

  it('refuses a version that does not say what its inputs mean', () => {
    expect(() => tableOf(inputs, [])).toThrow(
      'register a version with a schema',
    );
    expect(() => tableOf(inputs, [['far', 'numbers', 9]])).toThrow(
      'feature "far" is value 9 of input "numbers"',
    );
  });
});
