import type { Datatype, ModelSchema, Tensor, TensorData } from '../tensor';
import { isSameAnswer } from './sameTensors';

function tensor(
  data: TensorData,
  options: { name?: string; datatype?: Datatype; shape?: number[] } = {},
): Tensor {
  const { name = 'y', datatype = 'FP32', shape = [data.length] } = options;
  return { name, datatype, shape, data };
}

const same = (one: Tensor[], other: Tensor[], rows = 1) =>
  isSameAnswer(
    { outputs: one, schema: undefined },
    { outputs: other, schema: undefined },
    rows,
  );
const floats = (...values: number[]) => tensor(Float64Array.from(values));

it.each([
  ['within one in a thousand', floats(1000, -1000), floats(1000.9, -1000.9)],
  ['near zero', floats(0), floats(9e-7)],
  ['that are no numbers', floats(NaN, Infinity), floats(NaN, Infinity)],
  ['of both signs of zero', floats(-0), floats(0)],
  [
    'in half precision',
    tensor(Uint16Array.of(0x3c00), { datatype: 'FP16' }),
    tensor(Uint16Array.of(0x3c00), { datatype: 'FP16' }),
  ],
  [
    'that are long integers',
    tensor(BigInt64Array.of(2n ** 60n), { datatype: 'INT64' }),
    tensor(BigInt64Array.of(2n ** 60n), { datatype: 'INT64' }),
  ],
  [
    'in BF16 that are no numbers',
    tensor(Uint16Array.of(0x7fc0, 0xff80), { datatype: 'BF16' }),
    tensor(Uint16Array.of(0x7fc1, 0xff80), { datatype: 'BF16' }),
  ],
  [
    'that are bytes',
    tensor([Uint8Array.of(255, 0)], { datatype: 'BYTES' }),
    tensor([Uint8Array.of(255, 0)], { datatype: 'BYTES' }),
  ],
  [
    'that are texts',
    tensor(['yes'], { datatype: 'BYTES' }),
    tensor(['yes'], { datatype: 'BYTES' }),
  ],
])('calls outputs the same %s', (_what, one, other) => {
  expect(same([one], [other])).toBe(true);
});

it.each([
  ['further apart', floats(1000), floats(1002)],
  ['of which one is no number', floats(NaN), floats(1)],
  ['of opposite infinities', floats(Infinity), floats(-Infinity)],
  [
    'in BF16, one step apart',
    tensor(Uint16Array.of(0x3f80), { datatype: 'BF16' }),
    tensor(Uint16Array.of(0x3f81), { datatype: 'BF16' }),
  ],
  [
    'of other bytes',
    tensor([Uint8Array.of(255, 0)], { datatype: 'BYTES' }),
    tensor([Uint8Array.of(255, 1)], { datatype: 'BYTES' }),
  ],
  [
    'of other shapes',
    tensor(Float32Array.of(1, 2), { shape: [2, 1] }),
    tensor(Float32Array.of(1, 2), { shape: [1, 2] }),
  ],
  [
    'of other datatypes',
    tensor(Float32Array.of(1)),
    tensor(Int32Array.of(1), { datatype: 'INT32' }),
  ],
  ['of other names', floats(1), tensor(Float64Array.of(1), { name: 'z' })],
  [
    'that are integers one apart',
    tensor(Int32Array.of(100_000), { datatype: 'INT32' }),
    tensor(Int32Array.of(100_001), { datatype: 'INT32' }),
  ],
  [
    'that are other texts',
    tensor(['yes'], { datatype: 'BYTES' }),
    tensor(['no'], { datatype: 'BYTES' }),
  ],
])('calls outputs different %s', (_what, one, other) => {
  expect(same([one], [other])).toBe(false);
  expect(same([other], [one])).toBe(false);
});

it('calls an answer with fewer outputs another one', () => {
  expect(
    same([floats(1), tensor(Float32Array.of(1), { name: 'z' })], [floats(1)]),
  ).toBe(false);
});

describe('classifiers', () => {
  const schema = (labels: string[]): ModelSchema => ({
    task: 'classification',
    features: [],
    prediction: { tensor: 'p', labels },
  });
  const of = (labels: string[], ...probabilities: number[][]) => ({
    schema: schema(labels),
    outputs: [
      tensor(Float32Array.from(probabilities.flat()), {
        name: 'p',
        shape: [probabilities.length, 2],
      }),
    ],
  });

  it('agree when they choose the same classes, however sure they are', () => {
    const one = of(['no', 'yes'], [0.4, 0.6], [0.9, 0.1]);
    const other = of(['no', 'yes'], [0.1, 0.9], [0.6, 0.4]);
    expect(isSameAnswer(one, other, 2)).toBe(true);
    expect(
      isSameAnswer(one, of(['no', 'yes'], [0.1, 0.9], [0.4, 0.6]), 2),
    ).toBe(false);
  });

  it('are compared by the names of the classes, whatever their order is', () => {
    const one = of(['no', 'yes'], [0.4, 0.6]);
    expect(isSameAnswer(one, of(['yes', 'no'], [0.6, 0.4]), 1)).toBe(true);
    expect(isSameAnswer(one, of(['yes', 'no'], [0.4, 0.6]), 1)).toBe(false);
  });

  it('are compared by what was asked for where that is not the class', () => {
    const without = (value: number) => ({
      schema: schema(['no', 'yes']),
      outputs: [floats(value)],
    });
    expect(isSameAnswer(without(1), without(1), 1)).toBe(true);
    expect(isSameAnswer(without(1), without(2), 1)).toBe(false);
  });
});
