import type {
  Datatype,
  ModelSchema,
  Tensor,
  TensorData,
} from '../domain/tensor';
import { chooseTarget } from './target';

const tensor = (
  name: string,
  datatype: Datatype,
  data: TensorData,
): Tensor => ({
  name,
  datatype,
  shape: [1, data.length],
  data,
});
const label = tensor('label', 'INT64', BigInt64Array.of(1n));
const scores = tensor('scores', 'FP32', Float32Array.of(0.1, 0.7, 0.2));
const two = {
  scores: tensor('scores', 'FP32', Float32Array.of(1, 2, 3, 4, 5, 6)),
  label: tensor('label', 'INT64', BigInt64Array.of(1n, 0n)),
};

function choose(
  prediction: ModelSchema['prediction'],
  own: Tensor[],
  asked?: string | number,
) {
  const schema: ModelSchema = {
    task: 'classification',
    features: [],
    prediction,
  };
  return chooseTarget({ schema, model: 'm', version: 1 }, own, asked);
}

describe('chooseTarget', () => {
  it('knows a class by what the model answers for it', () => {
    const prediction = {
      tensor: 'label',
      codes: ['1', '2', '9007199254740993'],
      probabilityTensor: 'scores',
    };
    const predicted = choose(prediction, [label, scores]);
    expect(predicted).toMatchObject({ meaning: 'probability', class: '1' });
    expect([...predicted.read([two.label, two.scores], 2)]).toEqual([1, 4]);
    const far = tensor('label', 'INT64', BigInt64Array.of(2n ** 53n + 1n));
    expect(choose(prediction, [far, scores]).class).toBe('9007199254740993');
    expect(choose(prediction, [label, scores], 2).class).toBe('2');
    expect(() => choose(prediction, [label, scores], 0)).toThrow(
      'expected one of "1", "2", "9007199254740993"',
    );
  });

  it('explains the probability of the predicted class, or of one that is named', () => {
    const prediction = {
      tensor: 'label',
      labels: ['a', 'b', 'c'],
      probabilityTensor: 'scores',
    };
    const predicted = choose(prediction, [label, scores]);
    expect(predicted).toMatchObject({ meaning: 'probability', class: 'b' });
    expect([...predicted.read([two.label, two.scores], 2)]).toEqual([2, 5]);
    const named = choose(prediction, [label, scores], 'c');
    expect([...named.read([two.label, two.scores], 2)]).toEqual([3, 6]);
    expect(() => choose(prediction, [label, scores], 'd')).toThrow(
      'expected one of "a", "b", "c"',
    );
  });

  it('explains a score where the answer is scores', () => {
    const target = choose({ tensor: 'scores' }, [scores]);
    expect(target).toMatchObject({ meaning: 'score', class: 1 });
  });

  it('explains whether a class is the answer where there is nothing else', () => {
    const target = choose({ tensor: 'label', labels: ['a', 'b'] }, [label]);
    expect(target).toMatchObject({ meaning: 'is-predicted', class: 'b' });
    expect([...target.read([two.label], 2)]).toEqual([1, 0]);
    expect(() =>
      choose({ tensor: 'label', labels: ['a', 'b'] }, [label], 'zzz'),
    ).toThrow('expected one of "a", "b"');
    const cats = choose({ tensor: 'text', labels: ['cat', 'dog'] }, [
      tensor('text', 'BYTES', ['cat']),
    ]);
    expect(cats.class).toBe('cat');
    expect([
      ...cats.read([tensor('text', 'BYTES', ['dog', 'cat'])], 2),
    ]).toEqual([0, 1]);
    const texts = choose({ tensor: 'text' }, [
      tensor('text', 'BYTES', ['spam']),
    ]);
    expect(texts.class).toBe('spam');
    expect([
      ...texts.read([tensor('text', 'BYTES', ['ham', 'spam'])], 2),
    ]).toEqual([0, 1]);
  });
});
