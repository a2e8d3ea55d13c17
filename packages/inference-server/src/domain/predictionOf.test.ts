import { confidenceOf, predictionOf } from './predictionOf';
import type { ModelSchema, Tensor } from './tensor';

const scores = (...values: number[]): Tensor => ({
  name: 'probabilities',
  datatype: 'FP32',
  shape: [2, values.length / 2],
  data: Float32Array.from(values),
});
const index = (...values: bigint[]): Tensor => ({
  name: 'label',
  datatype: 'INT64',
  shape: [2],
  data: BigInt64Array.from(values),
});
const text = (...values: string[]): Tensor => ({
  name: 'label',
  datatype: 'BYTES',
  shape: [2],
  data: values,
});
const schema = (changes: Partial<ModelSchema> = {}): ModelSchema => ({
  task: 'classification',
  features: [],
  prediction: { tensor: 'label', probabilityTensor: 'probabilities' },
  ...changes,
});
const labelled = schema({
  prediction: { ...schema().prediction, labels: ['ill', 'well'] },
});
const coded = schema({
  prediction: { ...schema().prediction, codes: ['10', '20'] },
});
const BOTH = scores(0.25, 0.75, 0.5, 0.5);

describe('confidenceOf', () => {
  it.each<[string, ModelSchema, Tensor[], number | undefined]>([
    ['a class by its index', schema(), [index(0n, 1n), BOTH], 0.25],
    ['a class by its code', coded, [index(20n, 10n), BOTH], 0.75],
    [
      'a code that the file does not have',
      coded,
      [index(1n, 0n), BOTH],
      undefined,
    ],
    ['a class by its label', labelled, [text('well', 'ill'), BOTH], 0.75],
    [
      'the likeliest class, of the probabilities themselves',
      schema({
        prediction: {
          tensor: 'probabilities',
          probabilityTensor: 'probabilities',
        },
      }),
      [BOTH],
      0.75,
    ],
    [
      'a probability that rounding left above 1',
      schema(),
      [index(1n, 1n), scores(0, 1.000001, 0, 1)],
      1,
    ],
    [
      'no more than six decimals',
      schema(),
      [index(0n, 0n), scores(1 / 3, 2 / 3, 0, 1)],
      0.333333,
    ],
  ])('is that of %s', (_what, of, outputs, expected) => {
    expect(confidenceOf(of, outputs, 2, 0)).toBe(expected);
  });

  it('is that of the row', () => {
    expect(confidenceOf(schema(), [index(0n, 1n), BOTH], 2, 1)).toBe(0.5);
  });

  it.each<[string, ModelSchema, Tensor[]]>([
    ['a regression', schema({ task: 'regression' }), [index(0n, 0n), BOTH]],
    [
      'a schema without probabilities',
      schema({ prediction: { tensor: 'label' } }),
      [index(0n, 0n), BOTH],
    ],
    ['an answer without them', schema(), [index(0n, 0n)]],
    ['a class that has none', schema(), [index(2n, 0n), BOTH]],
    ['a text that is no label', labelled, [text('odd', 'ill'), BOTH]],
    ['scores of another kind', schema(), [index(1n, 0n), scores(0, 7, 0, 1)]],
    ['no number', schema(), [index(1n, 0n), scores(0, NaN, 0, 1)]],
    ['a single column', schema(), [index(0n, 0n), scores(0.2, 0.3)]],
  ])('is not known of %s', (_what, of, outputs) => {
    expect(confidenceOf(of, outputs, 2, 0)).toBeUndefined();
  });
});

describe('predictionOf', () => {
  it('names a class by its label, also where its number is no place', () => {
    const named = schema({
      prediction: { ...coded.prediction, labels: ['low', 'high'] },
    });
    expect(predictionOf(named, [index(20n, 10n), BOTH], 2, 0)).toBe('high');
    expect(predictionOf(coded, [index(20n, 10n), BOTH], 2, 0)).toBe(20);
    expect(predictionOf(labelled, [index(1n, 0n), BOTH], 2, 0)).toBe('well');
  });
});
