import * as fc from 'fast-check';
import { createRandom, nextNormal } from '../random/random';
import {
  addToDdSketch,
  createDdSketch,
  ddSketchQuantile,
  mergeDdSketches,
} from './ddSketch';
import type { DdSketch, LogBins } from './ddSketch';

function sketchOf(values: number[], accuracy = 0.01): DdSketch {
  const sketch = createDdSketch(accuracy);
  for (const value of values) addToDdSketch(sketch, value);
  return sketch;
}

function usedBins({ offset, counts }: LogBins): [number, number][] {
  return counts
    .map((count, i): [number, number] => [offset + i, count])
    .filter(([, count]) => count > 0);
}

/** What must be equal whatever the order of merges; spare bins and the rounding of the sum may differ. */
function content(sketch: DdSketch) {
  const { positive, negative, count, zeros, min, max, rejected } = sketch;
  return {
    positive: usedBins(positive),
    negative: usedBins(negative),
    count,
    zeros,
    min,
    max,
    rejected,
  };
}

const anyValue = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ noNaN: false }),
  fc.constant(0),
);

describe('DDSketch', () => {
  it.each([0.001, 0.01, 0.05])(
    'keeps every quantile within relative accuracy %s',
    accuracy => {
      const random = createRandom(5);
      const values = Array.from({ length: 20_000 }, (_, i) =>
        i % 50 === 0
          ? 0
          : Math.exp(0.2 * nextNormal(random)) * (i % 7 ? 1 : -1),
      );
      const sketch = sketchOf(values, accuracy);
      const sorted = Float64Array.from(values).sort();
      for (let q = 0; q <= 1; q += 0.001) {
        const exact = sorted[Math.floor(q * (values.length - 1))];
        const estimate = ddSketchQuantile(sketch, q)!;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(
          accuracy * Math.abs(exact) * (1 + 1e-9),
        );
      }
    },
  );

  it('is the sketch of all values, in any order and grouping of merges', () => {
    const values = fc.array(anyValue, { maxLength: 30 });
    fc.assert(
      fc.property(values, values, values, (x, y, z) => {
        const [a, b, c] = [x, y, z].map(part => sketchOf(part));
        const all = content(sketchOf([...x, ...y, ...z]));
        expect(content(mergeDdSketches(mergeDdSketches(a, b), c))).toEqual(all);
        expect(content(mergeDdSketches(c, mergeDdSketches(b, a)))).toEqual(all);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('bounds its memory and keeps the upper quantiles when magnitudes span more than its bins', () => {
    const values = Array.from({ length: 6000 }, (_, i) => 10 ** (i / 20 - 150));
    const ascending = sketchOf(values);
    const descending = sketchOf([...values].reverse());
    expect(ascending.positive.counts.length).toBe(2048);
    expect(content(descending)).toEqual(content(ascending));
    const exact = values[Math.floor(0.99 * 5999)];
    const p99 = ddSketchQuantile(ascending, 0.99)!;
    expect(Math.abs(p99 / exact - 1)).toBeLessThanOrEqual(0.01 + 1e-9);
  });

  it.each([0.02, 0.005, 0.002, 0.001])(
    'keeps %s over twelve orders of magnitude, in bounded memory',
    accuracy => {
      const values = Array.from({ length: 2000 }, (_, i) =>
        Math.exp((i / 1999) * Math.log(0.99e12)),
      );
      const sketch = createDdSketch(accuracy);
      // The far ends first: the worst order for a run of bins
      for (const value of [values[1999], values[0], ...values.slice(1, -1)]) {
        addToDdSketch(sketch, value);
      }
      for (const q of [0.001, 0.1, 0.5, 0.9, 0.999]) {
        const exact = values[Math.floor(q * 1999)];
        const answer = ddSketchQuantile(sketch, q)!;
        expect(Math.abs(answer / exact - 1)).toBeLessThanOrEqual(
          accuracy + 1e-9,
        );
      }
      expect(sketch.positive.counts.length).toBeLessThanOrEqual(13_900);
    },
  );

  it('takes no memory for the gap between the smallest and the largest double', () => {
    const sketch = createDdSketch(0.001);
    for (const value of [1e-299, 1e308, 1, -1e-299, -1e308]) {
      addToDdSketch(sketch, value);
    }
    for (const { counts } of [sketch.positive, sketch.negative]) {
      expect(counts.length).toBeLessThanOrEqual(13_900);
      expect(counts.reduce((a, b) => a + b)).toBeGreaterThan(1);
    }
    expect(sketch.count).toBe(5);
    expect(ddSketchQuantile(sketch, 1)).toBe(1e308);
    expect(() => createDdSketch(0.0009)).toThrow('between 0.001 and 1');
  });

  it('refuses another format', () => {
    const newer = JSON.parse(
      JSON.stringify({ ...sketchOf([1]), formatVersion: 2 }),
    );
    for (const use of [
      () => addToDdSketch(newer, 1),
      () => mergeDdSketches(sketchOf([1]), newer),
      () => ddSketchQuantile(newer, 0.5),
    ]) {
      expect(use).toThrow('The DDSketch has format version 2, expected 1');
    }
  });

  it('answers the exact extremes, and undefined when it has nothing to say', () => {
    const sketch = sketchOf([3, 1, 2]);
    expect([0, 1].map(q => ddSketchQuantile(sketch, q))).toEqual([1, 3]);
    expect(ddSketchQuantile(sketch, 1.1)).toBeUndefined();
    expect(ddSketchQuantile(sketch, NaN)).toBeUndefined();
    expect(ddSketchQuantile(createDdSketch(), 0.5)).toBeUndefined();
  });

  it('leaves NaN and infinities out, but says how many', () => {
    const sketch = sketchOf([NaN, Infinity, -Infinity, 7]);
    expect(sketch).toMatchObject({ rejected: 3, count: 1, sum: 7, max: 7 });
  });

  it('counts a value several times at once', () => {
    const sketch = createDdSketch();
    addToDdSketch(sketch, 1, 99);
    addToDdSketch(sketch, 100);
    expect(sketch.count).toBe(100);
    expect(ddSketchQuantile(sketch, 0.5)).toBeCloseTo(1, 1);
  });

  it.each([-1, 0.5, NaN, Infinity])('refuses to count %s times', count => {
    const sketch = sketchOf([5]);
    for (const value of [5, 0, -5, NaN]) {
      expect(() => addToDdSketch(sketch, value, count)).toThrow(
        `count must be an integer of at least 0, got ${count}`,
      );
    }
    expect(sketch).toEqual(sketchOf([5]));
  });

  it('is not changed by a value that occurs zero times', () => {
    const sketch = sketchOf([5]);
    addToDdSketch(sketch, 100, 0);
    expect(sketch).toEqual(sketchOf([5]));
  });

  it('survives a trip through JSON', () => {
    for (const sketch of [sketchOf([-2, 0, 5]), createDdSketch()]) {
      expect(JSON.parse(JSON.stringify(sketch))).toEqual(sketch);
    }
  });

  it('refuses what it cannot merge or make', () => {
    expect(() =>
      mergeDdSketches(createDdSketch(0.01), createDdSketch(0.02)),
    ).toThrow('relative accuracy 0.01 and 0.02');
    expect(() => createDdSketch(0)).toThrow('between 0.001 and 1');
  });
});
