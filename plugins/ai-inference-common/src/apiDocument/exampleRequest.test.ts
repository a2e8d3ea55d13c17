import { freezeBaseline } from '@greenroom/ml-kit';
import type {
  ModelSchema,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { exampleRequest } from './exampleRequest';

const outputs: TensorSpec[] = [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }];
const schema: ModelSchema = {
  task: 'regression',
  features: [
    { name: 'country', tensor: 'texts', index: 0 },
    { name: 'age', tensor: 'numbers', index: 1, range: [20, 80.5] },
    { name: 'code', tensor: 'numbers', index: 0, kind: 'categorical' },
  ],
  prediction: { tensor: 'y' },
};
const baseline = freezeBaseline({
  featureNames: ['country', 'age', 'code'],
  features: [
    ['de', 30.4, 7],
    ['fr', 40.4, 3],
    ['fr', 50.4, 7],
  ],
  kinds: [undefined, undefined, 'categorical'],
  predictions: [1, 2, 3],
  task: 'regression',
});

it('has one row of typical values: whole ones where the tensor has those, and texts that training saw', () => {
  const { inputs } = exampleRequest({
    signature: {
      inputs: [
        { name: 'texts', datatype: 'BYTES', shape: [-1, 1] },
        { name: 'numbers', datatype: 'INT64', shape: [-1, 2] },
        { name: 'flag', datatype: 'BOOL', shape: [-1] },
      ],
      outputs,
    },
    schema,
    baseline,
  })!;
  expect(inputs.map(({ shape, data }) => ({ shape, data }))).toEqual([
    { shape: [1, 1], data: ['fr'] },
    { shape: [1, 2], data: [7, expect.any(Number)] },
    { shape: [1], data: [false] },
  ]);
  expect(Number.isInteger(inputs[1].data[1])).toBe(true);
});

it('gives a free dimension of an input without columns the size that columns give to another', () => {
  const example = exampleRequest({
    signature: {
      inputs: [
        { name: 'numbers', datatype: 'FP32', shape: [-1, -1] },
        { name: 'mask', datatype: 'BOOL', shape: [-1, -1] },
      ],
      outputs,
    },
    schema,
  });
  expect(example?.inputs.map(({ shape }) => shape)).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

it('asks for outputs in binary that have no form in JSON, and has none for such inputs', () => {
  const half: TensorSpec = { name: 'h', datatype: 'FP16', shape: [-1, 1] };
  expect(
    exampleRequest({ signature: { inputs: outputs, outputs: [half] } }),
  ).toMatchObject({ parameters: { binary_data_output: true } });
  expect(
    exampleRequest({ signature: { inputs: [half], outputs } }),
  ).toBeUndefined();
});

it.each([
  [2_048, true],
  [2_049, false],
])('of %d values is given: %s', (size, isGiven) => {
  const example = exampleRequest({
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, size] }],
      outputs,
    },
  });
  expect(example !== undefined).toBe(isGiven);
});
