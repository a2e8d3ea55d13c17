import { sampleStatistic } from '../experiment/armStatistic';
import { createRandom, nextNormal } from '../random/random';
import { limeSegments, limeTabular, topOverlap } from './lime';
import {
  gridSegments,
  keepSegments,
  keepWords,
  textSegments,
} from './segments';
import { model } from './__testUtils__/model';

const random = createRandom(11);
const normalRows = (rows: number, features: number) =>
  Array.from({ length: rows }, () =>
    Array.from({ length: features }, () => nextNormal(random)),
  );

describe('LIME', () => {
  const background = normalRows(200, 4);
  const options = {
    predict: model(x => 5 * Number(x[0] > 0.7) - 2 * Number(x[2] > 0.7)),
    instance: [2, 0, 2, 0],
    background,
  };

  it('ranks the features of a row, is deterministic, and says how well it fits', async () => {
    const result = await limeTabular(options);
    const [a, b, c, d] = result.coefficients;
    expect(a).toBeGreaterThan(3);
    expect(c).toBeLessThan(-1);
    expect(Math.max(Math.abs(b), Math.abs(d))).toBeLessThan(0.3);
    expect(result.prediction).toBe(3);
    expect(result.fit).toBeGreaterThan(0.8);
    expect(await limeTabular(options)).toEqual(result);
    const bySeed = await Promise.all(
      [1, 2, 3, 4, 5].map(seed => limeTabular({ ...options, seed })),
    );
    expect(
      topOverlap(
        bySeed.map(r => r.coefficients),
        2,
      ),
    ).toBe(1);
  });

  it('has honest standard errors over seeds', async () => {
    const runs = await Promise.all(
      Array.from({ length: 30 }, (_, seed) =>
        limeTabular({
          ...options,
          predict: model(x => x[0] * x[1] + x[2]),
          samples: 400,
          seed,
        }),
      ),
    );
    options.instance.forEach((_, p) => {
      const { variance } = sampleStatistic(runs.map(r => r.coefficients[p]));
      const stated = sampleStatistic(runs.map(r => r.standardErrors[p])).mean;
      expect(stated / Math.sqrt(variance)).toBeGreaterThan(0.65);
      expect(stated / Math.sqrt(variance)).toBeLessThan(1.5);
    });
  });

  it('finds the words that a text model looks for', async () => {
    const segments = textSegments("I don't like it, gar nicht gut!");
    expect(segments.words.map(w => segments.pieces[w])).toEqual([
      'I',
      "don't",
      'like',
      'it',
      'gar',
      'nicht',
      'gut',
    ]);
    expect(keepWords(segments, new Uint8Array(7).fill(1))).toBe(
      "I don't like it, gar nicht gut!",
    );
    const { coefficients } = await limeSegments({
      segments: 7,
      predictMasks: async masks =>
        masks.map(mask => {
          const text = keepWords(segments, mask);
          return Number(text.includes('gut')) - Number(text.includes('nicht'));
        }),
    });
    expect(coefficients[6]).toBeCloseTo(1, 1);
    expect(coefficients[5]).toBeCloseTo(-1, 1);
    expect(Math.abs(coefficients[0])).toBeLessThan(0.1);
  });

  it('finds the patch of an image', async () => {
    const patches = gridSegments({ width: 8, height: 8, rows: 2, columns: 2 });
    const image = Float64Array.from({ length: 64 }, (_, i) =>
      i % 8 > 4 && i < 32 ? 9 : 1,
    );
    const { coefficients } = await limeSegments({
      segments: 4,
      predictMasks: async masks =>
        masks.map(mask => Math.max(...keepSegments(image, patches, mask))),
    });
    expect(coefficients.indexOf(Math.max(...coefficients))).toBe(1);
    expect(() =>
      gridSegments({ width: 2, height: 2, rows: 3, columns: 1 }),
    ).toThrow('3 x 1 does not fit');
  });

  it('says what does not fit, and stops when told', async () => {
    await expect(limeTabular({ ...options, background: [] })).rejects.toThrow(
      'background has no rows',
    );
    await expect(
      limeTabular({ ...options, background: [[1]] }),
    ).rejects.toThrow('Background row 0 has 1 values');
    const segments = { segments: 3, predictMasks: async () => [1] };
    await expect(limeSegments(segments)).rejects.toThrow(
      'returned 1 numbers for 256 masks',
    );
    await expect(
      limeSegments({ ...segments, signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
    await expect(limeSegments({ ...segments, batchRows: 0 })).rejects.toThrow(
      'batchRows must be an integer of at least 1, got 0',
    );
    await expect(limeTabular({ ...options, samples: 0 })).rejects.toThrow(
      'samples must be an integer of at least 1, got 0',
    );
  });

  it('fits a constant model with coefficients of zero', async () => {
    const result = await limeTabular({ ...options, predict: model(() => 7) });
    expect(result.fit).toBe(1);
    expect(result.intercept).toBeCloseTo(7, 12);
    for (const coefficient of result.coefficients) {
      expect(coefficient).toBeCloseTo(0, 12);
    }
  });

  it('measures overlap', () => {
    expect(
      topOverlap(
        [
          [3, 2, 1],
          [3, 1, 2],
        ],
        2,
      ),
    ).toBeCloseTo(1 / 3, 12);
    expect(topOverlap([[1, 2]], 1)).toBe(1);
  });
});
