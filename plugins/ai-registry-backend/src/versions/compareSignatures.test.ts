import type {
  Signature,
  TensorSpec,
} from '@greenroom/plugin-ai-registry-common';
import { compareSignatures } from './compareSignatures';

const tensor = (name: string, shape: number[]): TensorSpec => ({
  name,
  datatype: 'FP32',
  shape,
});

const base: Signature = {
  inputs: [tensor('x', [-1, 64])],
  outputs: [tensor('label', [-1]), tensor('scores', [-1, 10])],
};

describe('compareSignatures', () => {
  it.each<[string, Signature]>([
    ['the same', base],
    [
      'one more output, another order',
      {
        ...base,
        outputs: [tensor('extra', [-1]), ...[...base.outputs].reverse()],
      },
    ],
    [
      'an input that takes more shapes',
      { ...base, inputs: [tensor('x', [-1, -1])] },
    ],
  ])('lets %s pass', (_what, candidate) => {
    expect(compareSignatures(base, candidate)).toEqual({
      compatible: true,
      differences: [],
    });
  });

  it.each<[string, Signature, string]>([
    [
      'a missing input',
      { ...base, inputs: [] },
      "Input 'x' is gone: callers still send it.",
    ],
    [
      'a new input',
      { ...base, inputs: [...base.inputs, tensor('z', [1])] },
      "Input 'z' is new: callers do not send it.",
    ],
    [
      'an input of another datatype',
      { ...base, inputs: [{ ...base.inputs[0], datatype: 'FP64' }] },
      "Input 'x' is FP64 instead of FP32.",
    ],
    [
      'an input of another size',
      { ...base, inputs: [tensor('x', [-1, 32])] },
      "Input 'x' takes the shape [-1, 32] instead of [-1, 64].",
    ],
    [
      'an input that has lost its batch',
      { ...base, inputs: [tensor('x', [1, 64])] },
      "Input 'x' takes the shape [1, 64] instead of [-1, 64].",
    ],
    [
      'an input of another rank',
      { ...base, inputs: [tensor('x', [-1, 8, 8])] },
      "Input 'x' takes the shape [-1, 8, 8] instead of [-1, 64].",
    ],
    [
      'a missing output',
      { ...base, outputs: [base.outputs[0]] },
      "Output 'scores' is gone: callers read it.",
    ],
    [
      'an output that may have any size',
      { ...base, outputs: [base.outputs[0], tensor('scores', [-1, -1])] },
      "Output 'scores' has the shape [-1, -1] instead of [-1, 10].",
    ],
    [
      'an output of another datatype',
      {
        ...base,
        outputs: [{ ...base.outputs[0], datatype: 'INT64' }, base.outputs[1]],
      },
      "Output 'label' is INT64 instead of FP32.",
    ],
  ])('names %s', (_what, candidate, difference) => {
    expect(compareSignatures(base, candidate)).toEqual({
      compatible: false,
      differences: [difference],
    });
  });

  it('names the first class that has another place', () => {
    const named = (...labels: string[]) => ({
      ...base,
      outputs: [{ ...tensor('scores', [-1, 2]), labels }],
    });
    expect(
      compareSignatures(named('a', 'b'), named('b', 'a')).differences,
    ).toEqual(["Output 'scores' has at place 0 'b' instead of 'a'."]);
    expect(compareSignatures(named('a', 'b'), named('a', 'b'))).toEqual({
      compatible: true,
      differences: [],
    });
  });

  it('lets an output become more definite', () => {
    const free = { ...base, outputs: [tensor('label', [-1, -1])] };
    const definite = { ...base, outputs: [tensor('label', [-1, 1])] };
    expect(compareSignatures(free, definite).compatible).toBe(true);
  });
});
