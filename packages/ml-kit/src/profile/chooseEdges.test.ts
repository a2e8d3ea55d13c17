import * as fc from 'fast-check';
import { chooseEdges } from './chooseEdges';

const sorted = (values: number[]) => Float64Array.from(values).sort();

function countsOf(values: number[], edges: number[]): number[] {
  const last = edges.length - 2;
  return edges
    .slice(0, -1)
    .map(
      (low, i) =>
        values.filter(
          v =>
            v >= low &&
            (v < edges[i + 1] || (i === last && v === edges[i + 1])),
        ).length,
    );
}

describe('chooseEdges', () => {
  it('cuts distinct values into bins of equal mass', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i / 7);
    const edges = chooseEdges(sorted(values), 10);
    expect(countsOf(values, edges)).toEqual(new Array(10).fill(100));
    expect(edges[0]).toBe(0);
    expect(edges[10]).toBe(999 / 7);
  });

  it('gives each of a few integers its own bin, cut at halves', () => {
    const values = [0, 0, 0, 1, 1, 2, 5];
    expect(chooseEdges(sorted(values), 10)).toEqual([0, 0.5, 1.5, 3.5, 5]);
  });

  it('gives a value that fills most quantiles one bin, and the rest the others', () => {
    const values = [
      ...new Array<number>(600).fill(0),
      ...Array.from({ length: 400 }, (_, i) => 1 + (i % 16)),
    ];
    const edges = chooseEdges(sorted(values), 10);
    const counts = countsOf(values, edges);
    expect(counts[0]).toBe(600);
    expect(counts.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...counts.slice(1))).toBeLessThanOrEqual(75);
  });

  it('gives a constant a bin of zero width, and no values a bin at zero', () => {
    expect(chooseEdges(sorted([5, 5, 5]), 10)).toEqual([5, 5]);
    expect(chooseEdges(sorted([]), 10)).toEqual([0, 0]);
  });

  it('covers every value with ascending edges, none of the bins empty', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.integer({ min: -3, max: 3 }),
            fc.double({ noNaN: true, noDefaultInfinity: true }),
          ),
          { minLength: 2, maxLength: 60 },
        ),
        fc.integer({ min: 1, max: 12 }),
        (values, bins) => {
          const ascending = sorted(values.map(v => v + 0));
          const edges = chooseEdges(ascending, bins);
          expect(edges.length - 1).toBeLessThanOrEqual(bins);
          if (ascending[0] === ascending[ascending.length - 1]) return;
          for (let i = 1; i < edges.length - 1; i++) {
            expect(edges[i]).toBeGreaterThan(edges[i - 1]);
          }
          const counts = countsOf([...ascending], edges);
          expect(counts.reduce((a, b) => a + b)).toBe(values.length);
          expect(Math.min(...counts)).toBeGreaterThan(0);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});
