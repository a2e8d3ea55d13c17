import type { Tensor } from '../domain/tensor';
import { explainRow } from './explain';
import { FeatureTable } from './FeatureTable';

const text = 'A good film, not a bad one';

describe('explainRow', () => {
  it('says which words of a text matter', async () => {
    const inputs: Tensor[] = [
      { name: 'text', datatype: 'BYTES', shape: [1, 1], data: [text] },
    ];
    const schema = {
      task: 'classification' as const,
      features: [{ name: 'text', tensor: 'text', index: 0 }],
      prediction: { tensor: 'label' },
    };
    const table = FeatureTable.for(
      {
        model: 'reviews',
        version: 1,
        schema,
        signature: {
          inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1, 1] }],
          outputs: [],
        },
      },
      inputs,
    );
    const ask = (seed: number) =>
      explainRow({
        table,
        schema,
        instance: table.instance(),
        background: [],
        settings: { method: 'auto', seed, background_rows: 1 },
        maxEvaluations: 10_000,
        predict: async () => [],
        predictTexts: async (_feature, texts) =>
          texts.map(
            one =>
              (one.includes('good') ? 0.6 : 0) -
              (one.includes('bad') ? 0.3 : 0),
          ),
        signal: new AbortController().signal,
      });
    const explained = await ask(1);
    expect(explained).toMatchObject({
      method: 'lime',
      parts: { words: ['A', 'good', 'film', 'not', 'a', 'bad', 'one'] },
    });
    const values = explained.attributions.map(({ value }) => value);
    expect(values[1]).toBeCloseTo(0.6, 1);
    expect(values[5]).toBeCloseTo(-0.3, 1);
    [0, 2, 3, 4, 6].forEach(at => expect(values[at]).toBeCloseTo(0, 1));
    expect(explained.fit).toBeGreaterThan(0.9);
    expect(await ask(1)).toEqual(explained);
  });
});
