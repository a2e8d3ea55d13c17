import type { Tensor } from '../../domain/tensor';
import type { ModelSchema } from '../../domain/tensor';
import { classify, classifyOutputs } from './classify';

const scores = (data: number[], shape: number[]): Tensor => ({
  name: 'scores',
  datatype: 'FP64',
  shape,
  data: Float64Array.from(data),
});

describe('classify', () => {
  it('gives the highest of each row, with places and labels', () => {
    expect(
      classify(scores([0.25, 0.5, 0.125, 3, 1, 2], [2, 3]), 2, ['a', 'b', 'c']),
    ).toEqual({
      name: 'scores',
      datatype: 'BYTES',
      shape: [2, 2],
      data: ['0.5:1:b', '0.25:0:a', '3:0:a', '2:2:c'],
    });
  });

  it('gives equal values by their place, and what is no number last', () => {
    expect(classify(scores([1, NaN, 1, Infinity], [4]), 4).data).toEqual([
      'Infinity:3',
      '1:0',
      '1:2',
      'NaN:1',
    ]);
  });

  it('gives all of a row that is shorter, and nothing of no rows', () => {
    expect(classify(scores([2, 1], [1, 2]), 10)).toMatchObject({
      shape: [1, 2],
      data: ['2:0', '1:1'],
    });
    expect(classify(scores([7], []), 1)).toMatchObject({
      shape: [1],
      data: ['7:0'],
    });
    expect(classify(scores([], [0, 3]), 2)).toMatchObject({
      shape: [0, 0],
      data: [],
    });
  });

  it('keeps long integers exact', () => {
    const output: Tensor = {
      name: 'votes',
      datatype: 'INT64',
      shape: [1, 2],
      data: BigInt64Array.of(9007199254740993n, 9007199254740992n),
    };
    expect(classify(output, 1).data).toEqual(['9007199254740993:0']);
  });

  it('refuses what has no order', () => {
    const texts: Tensor = {
      name: 'label',
      datatype: 'BYTES',
      shape: [1],
      data: ['a'],
    };
    expect(() => classify(texts, 1)).toThrow(
      'output "label": "classification" needs numbers to order, and it is BYTES',
    );
  });

  it('leaves outputs alone of which all values are wanted', () => {
    const output = scores([1, 2], [1, 2]);
    const served = {
      schema: undefined,
      signature: { inputs: [], outputs: [] },
    };
    const [same] = classifyOutputs([output], new Map(), served);
    expect(same).toBe(output);
  });

  it("calls the classes as the schema does, or else the model's file", () => {
    const output = scores([1, 2], [1, 2]);
    const { name, datatype } = output;
    const spec = { name, datatype, shape: [-1, 2], labels: ['no', 'yes'] };
    const signature = { inputs: [], outputs: [spec] };
    const read = (schema?: ModelSchema) =>
      classifyOutputs([output], new Map([[name, 1]]), { schema, signature })[0]
        .data;
    expect(read()).toEqual(['2:1:yes']);
    const prediction = {
      tensor: 'label',
      labels: ['stays', 'leaves'],
      probabilityTensor: name,
    };
    expect(read({ task: 'classification', features: [], prediction })).toEqual([
      '2:1:leaves',
    ]);
  });
});
