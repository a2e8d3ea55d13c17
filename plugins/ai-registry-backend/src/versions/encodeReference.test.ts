import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { encodeReference } from './encodeReference';

const schemaOf = (width: number): ModelSchema => ({
  task: 'regression',
  prediction: { tensor: 'y' },
  features: Array.from({ length: width }, (_, column) => ({
    name: `f${column}`,
    tensor: 'X',
    index: column,
  })),
});
const rowsOf = (count: number, width: number) => ({
  features: Array.from({ length: count }, (_, row) =>
    new Array<number>(width).fill(row),
  ),
  predictions: Array.from({ length: count }, (_, row) => row),
});
const read = ({ content }: { content: Buffer }) =>
  JSON.parse(content.toString('utf8'));

describe('encodeReference', () => {
  it('keeps all of few rows, with what they were called', () => {
    const encoded = encodeReference(rowsOf(3, 2), schemaOf(2));
    expect(encoded.rows).toBe(3);
    expect(read(encoded)).toEqual({
      formatVersion: 1,
      features: ['f0', 'f1'],
      rows: [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
      predictions: [0, 1, 2],
    });
  });

  it('keeps a thousand of many, from first to last, the same each time', () => {
    const encoded = encodeReference(rowsOf(10_000, 1), schemaOf(1));
    const { predictions } = read(encoded);
    expect(predictions).toHaveLength(1_000);
    expect(predictions.slice(0, 3)).toEqual([0, 10, 20]);
    expect(predictions.at(-1)).toBe(9_990);
    expect(
      encodeReference(rowsOf(10_000, 1), schemaOf(1)).content.equals(
        encoded.content,
      ),
    ).toBe(true);
  });

  it('keeps fewer of wide rows', () => {
    expect(encodeReference(rowsOf(200, 10_000), schemaOf(10_000)).rows).toBe(
      100,
    );
  });
});
