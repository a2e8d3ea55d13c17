import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import { checkEvaluation } from './checkEvaluation';

const evaluation: Evaluation = {
  dataset: { name: 'held out', digest: `sha256:${'1'.repeat(64)}`, rows: 3 },
  metrics: { error: 2 },
  primary: { name: 'error', higherIsBetter: false },
  perRow: [1, 2, 3],
};

describe('checkEvaluation', () => {
  it('accepts what agrees with itself, with the rounding of sums', () => {
    expect(() => checkEvaluation(evaluation)).not.toThrow();
    expect(() =>
      checkEvaluation({ ...evaluation, perRow: undefined }),
    ).not.toThrow();
    expect(() =>
      checkEvaluation({ ...evaluation, metrics: { error: 2.0000005 } }),
    ).not.toThrow();
    expect(() =>
      checkEvaluation({
        ...evaluation,
        metrics: { error: 2e9 + 1 },
        perRow: [1e9, 2e9, 3e9],
      }),
    ).not.toThrow();
  });

  it.each<[Partial<Evaluation>, RegExp]>([
    [
      { primary: { name: 'accuracy', higherIsBetter: true } },
      /primary.name.*'accuracy'/,
    ],
    [
      { primary: { name: 'toString', higherIsBetter: true } },
      /primary.name.*'toString'/,
    ],
    [{ perRow: [2, 2] }, /perRow has 2 values.*rows is 3/],
    [{ perRow: [] }, /perRow has 0 values/],
    [
      { perRow: undefined, slices: [{ name: 'a', rows: [0] }] },
      /slices: expected evaluation.perRow/,
    ],
    [{ slices: [{ name: 'a', rows: [0, 3] }] }, /slices\[0\].rows has 3/],
    [{ slices: [{ name: 'a', rows: [1, 1] }] }, /slices\[0\].rows has 1/],
    [
      {
        slices: [
          { name: 'a', rows: [0] },
          { name: 'a', rows: [1] },
        ],
      },
      /slices\[1\].name.*'a'/,
    ],
    [{ metrics: { error: 2.00001 } }, /has the mean 2, .*error is 2.00001/],
    [{ perRow: [1, 2, Number.NaN] }, /has the mean NaN/],
  ])('names what does not agree (%#)', (wrong, message) => {
    expect(() => checkEvaluation({ ...evaluation, ...wrong })).toThrow(message);
  });
});
