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
    expect(() => createDdSketch(0)).toThrow('between 0 and 1');
  });
});
