import type {
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import {
  blankRequest,
  formatRequest,
  requestOf,
  rowShape,
} from './inferRequest';

describe('rowShape', () => {
  it('is one row, and a free dimension takes what is left', () => {
    const shape = (...sizes: number[]) =>
      rowShape({ name: 'x', datatype: 'FP32', shape: sizes }, 64);
    expect(shape(-1, 64)).toEqual([1, 64]);
    expect(shape(-1, 1, 8, 8)).toEqual([1, 1, 8, 8]);
    expect(shape(-1, -1)).toEqual([1, 64]);
    expect(shape(-1, 8, -1, -1)).toEqual([1, 8, 8, 1]);
  });
});

describe('requestOf', () => {
  const signature: Signature = {
    inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'estimate', datatype: 'FP32', shape: [-1, 1] }],
  };
  const schema: ModelSchema = {
    task: 'regression',
    features: [
      { name: 'age', tensor: 'features', index: 0 },
      { name: 'bmi', tensor: 'features', index: 1 },
    ],
    prediction: { tensor: 'estimate' },
  };

  it('puts each value at the place of its feature', () => {
    expect(
      requestOf({ signature, schema, values: { bmi: 25.5, age: 50 } }),
    ).toEqual({
      inputs: [
        { name: 'features', shape: [1, 2], datatype: 'FP32', data: [50, 25.5] },
      ],
    });
  });

  it('names what is missing', () => {
    expect(() => requestOf({ signature, schema, values: { age: 50 } })).toThrow(
      '"bmi" needs a number.',
    );
    expect(() =>
      requestOf({
        signature: {
          ...signature,
          inputs: [{ name: 'mask', datatype: 'BOOL', shape: [-1] }],
        },
        schema,
        values: {},
      }),
    ).toThrow('No feature fills the input "mask"');
  });
});

describe('blankRequest', () => {
  it('has values that fit the datatype', () => {
    expect(
      blankRequest({
        inputs: [
          { name: 'text', datatype: 'BYTES', shape: [-1] },
          { name: 'mask', datatype: 'BOOL', shape: [-1, 2] },
        ],
        outputs: [],
      }).inputs.map(({ shape, data }) => [shape, data]),
    ).toEqual([
      [[1], ['']],
      [
        [1, 2],
        [false, false],
      ],
    ]);
  });
});

describe('formatRequest', () => {
  it('keeps each row of values on one line and stays the same JSON', () => {
    const request = {
      inputs: [
        {
          name: 'a',
          shape: [1, 3],
          datatype: 'BYTES' as const,
          data: ['x, "y"]', 'z', '{'],
        },
      ],
    };
    const text = formatRequest(request, 4);
    expect(JSON.parse(text)).toEqual(request);
    expect(text).toContain('"shape": [1, 3]');
    expect(text.split('\n')[1]).toMatch(/^ {6}"inputs"/);
  });
});
