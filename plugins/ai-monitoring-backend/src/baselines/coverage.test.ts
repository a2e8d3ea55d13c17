import { freezeBaseline } from '@greenroom/ml-kit';
import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { uncoveredInputs } from './coverage';

const signature = {
  inputs: [
    { name: 'x', datatype: 'FP32' as const, shape: [-1, 4] },
    { name: 'text', datatype: 'BYTES' as const, shape: [-1] },
    { name: 'tokens', datatype: 'INT64' as const, shape: [-1, -1] },
  ],
  outputs: [],
};
const schema = (...tensors: string[]): ModelSchema => ({
  task: 'regression',
  features: tensors.map((tensor, index) => ({
    name: `f${index}`,
    tensor,
    index,
  })),
  prediction: { tensor: 'y' },
});

describe('uncoveredInputs', () => {
  it('names inputs that no feature names, and those that are named in part', () => {
    expect(uncoveredInputs({ signature, schema: schema('x', 'x') })).toEqual([
      "features name 2 of the 4 values of input 'x'",
      "no feature names input 'text'",
      "no feature names input 'tokens'",
    ]);
  });

  it('finds nothing where all is named', () => {
    const all = schema('x', 'x', 'x', 'x', 'text', 'tokens');
    expect(uncoveredInputs({ signature, schema: all })).toEqual([]);
  });

  it('says that a schema is missing', () => {
    expect(uncoveredInputs({ signature, schema: undefined })).toEqual([
      'its schema is missing, which names what to watch',
    ]);
  });

  it('names what is watched in part because it is no category', () => {
    const baseline = freezeBaseline({
      featureNames: ['f0', 'f1'],
      features: [[null, null]],
      kinds: ['categorical', 'categorical'],
      task: 'regression',
    });
    const [free] = baseline.features;
    if (free.histogram.kind === 'categorical') free.histogram.unseen = 1;
    const one = { inputs: [signature.inputs[1]], outputs: [] };
    expect(
      uncoveredInputs({ signature: one, schema: schema('text'), baseline }),
    ).toEqual([
      "nearly each value of 'f0' is another, so only whether it is missing is watched",
      "'f1' has no value in the reference rows",
    ]);
  });

  it('names a few of many', () => {
    const inputs = Array.from({ length: 25 }, (_, index) => ({
      name: `i${index}`,
      datatype: 'FP32' as const,
      shape: [-1],
    }));
    const found = uncoveredInputs({
      signature: { inputs, outputs: [] },
      schema: schema('x'),
    });
    expect(found).toHaveLength(21);
    expect(found[20]).toBe('and 5 more');
  });
});
