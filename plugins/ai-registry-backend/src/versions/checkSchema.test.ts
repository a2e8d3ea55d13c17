import type {
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { checkSchema } from './checkSchema';

const signature: Signature = {
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 2, 3] },
    { name: 'scalar', datatype: 'FP32', shape: [-1] },
    { name: 'free', datatype: 'FP32', shape: [-1, -1] },
  ],
  outputs: [
    { name: 'label', datatype: 'INT64', shape: [-1] },
    { name: 'scores', datatype: 'FP32', shape: [-1, 2] },
  ],
};

const schema: ModelSchema = {
  task: 'classification',
  features: [
    { name: 'first', tensor: 'x', index: 0 },
    { name: 'last', tensor: 'x', index: 5, range: [0, 1] },
    { name: 'only', tensor: 'scalar', index: 0 },
    { name: 'far', tensor: 'free', index: 1000 },
  ],
  image: { tensor: 'x', width: 3, height: 2, maxValue: 16 },
  prediction: {
    tensor: 'label',
    labels: ['no', 'yes'],
    probabilityTensor: 'scores',
  },
};

const withFeature = (feature: object): ModelSchema => ({
  ...schema,
  features: [schema.features[0], { ...schema.features[1], ...feature }],
});

describe('checkSchema', () => {
  it('accepts what fits the model file', () => {
    expect(() => checkSchema(schema, signature)).not.toThrow();
    expect(() =>
      checkSchema(
        { task: 'regression', features: [], prediction: { tensor: 'label' } },
        signature,
      ),
    ).not.toThrow();
  });

  it.each<[ModelSchema, RegExp]>([
    [withFeature({ tensor: 'z' }), /features\[1\].tensor.*'z'.*'x'/],
    [withFeature({ tensor: 'label' }), /features\[1\].tensor/],
    [withFeature({ index: 6 }), /features\[1\].index is 6.*has 6 values/],
    [
      withFeature({ tensor: 'scalar', index: 1 }),
      /features\[1\].index is 1.*has 1 values/,
    ],
    [withFeature({ name: 'first' }), /features\[1\].name 'first'.*twice/],
    [withFeature({ index: 0 }), /features\[1\].*index 0.*already/],
    [withFeature({ range: [2, 1] }), /features\[1\].range/],
    [
      { ...schema, image: { ...schema.image!, tensor: 'z' } },
      /schema.image.tensor/,
    ],
    [
      { ...schema, image: { ...schema.image!, width: 4 } },
      /4 x 2 = 8 pixels.*has 6 values/,
    ],
    [
      { ...schema, prediction: { tensor: 'x' } },
      /prediction.tensor.*'x'.*'label', 'scores'/,
    ],
    [
      {
        ...schema,
        prediction: { ...schema.prediction, probabilityTensor: 'z' },
      },
      /prediction.probabilityTensor/,
    ],
    [
      { ...schema, prediction: { ...schema.prediction, labels: ['yes'] } },
      /labels has 1 names.*2 classes/,
    ],
    [{ ...schema, task: 'regression' }, /labels belong to a classification/],
  ])('names what does not fit (%#)', (wrong, message) => {
    expect(() => checkSchema(wrong, signature)).toThrow(message);
  });
});
