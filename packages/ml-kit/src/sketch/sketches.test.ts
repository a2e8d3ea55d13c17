import * as fc from 'fast-check';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import {
  addToHyperLogLog,
  createHyperLogLog,
  hyperLogLogCount,
  hyperLogLogError,
  mergeHyperLogLogs,
} from './hyperLogLog';
import {
  addToKll,
  createKll,
  kllQuantile,
  kllRank,
  kllRankError,
  mergeKll,
} from './kll';
import type { KllSketch } from './kll';
import {
  addToTopValues,
  createTopValues,
  listTopValues,
  mergeTopValues,
} from './topValues';

describe('KLL', () => {
  const worstRankError = (
    values: number[],
    quantile: (q: number) => number | undefined,
  ) => {
    const sorted = Float64Array.from(values).sort();
    let worst = 0;
    for (let q = 0.005; q < 1; q += 0.005) {
      const answer = quantile(q)!;
      let low = 0;
      let high = sorted.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle] <= answer) low = middle + 1;
        else high = middle;
      }
      worst = Math.max(worst, Math.abs(low / sorted.length - q));
    }
    return worst;
  };

  it.each([50, 200, 1024])(
    'keeps quantiles and ranks within the stated error at k = %s',
    k => {
      const random = createRandom(k);
      const values = Array.from({ length: 100_000 }, () =>
        Math.exp(nextNormal(random)),
      );
      const sketch = createKll(k, 1);
      for (const value of values) addToKll(sketch, value);
      // The bound holds for 99 % of single ranks, so the worst of 200 gets twice it.
      expect(worstRankError(values, q => kllQuantile(sketch, q))).toBeLessThan(
        2 * kllRankError(k),
      );
      const below = values.filter(value => value <= 1).length / values.length;
      expect(Math.abs(kllRank(sketch, 1)! - below)).toBeLessThan(
        kllRankError(k),
      );
      const kept = sketch.levels.reduce((sum, level) => sum + level.length, 0);
      expect(kept).toBeLessThan(4 * k);
    },
  );

  it('has the published error at k = 200', () => {
    expect(kllRankError(200)).toBeCloseTo(0.0133, 4);
    expect(kllRankError(200, 'interval')).toBeCloseTo(0.0165, 4);
  });

  it('keeps the error over a hundred merged shards, in either order', () => {
    const random = createRandom(8);
    const values: number[] = [];
    const shards = Array.from({ length: 100 }, (_, shard) => {
      const sketch = createKll(200, shard);
      for (let i = 0; i < 1000; i++) {
        const value = nextUniform(random) + shard / 50;
        values.push(value);
        addToKll(sketch, value);
      }
      return sketch;
    });
    for (const merged of [
      shards.reduce((a, b) => mergeKll(a, b)),
      shards.reduceRight((a, b) => mergeKll(a, b)),
    ]) {
      expect(merged.count).toBe(100_000);
      expect(worstRankError(values, q => kllQuantile(merged, q))).toBeLessThan(
        2 * kllRankError(200),
      );
    }
  });

  it('keeps to the published error in 99 % of single ranks: streams, many small merges, and shards of the same values', () => {
    const k = 50;
    const runs = 300;
    const build = (seed: number, from: number, to: number) => {
      const sketch = createKll(k, seed);
      // 0 to 1 in an order that has nothing to do with their size
      for (let i = from; i < to; i++) {
        addToKll(sketch, (i * 0.6180339887498949) % 1);
      }
      return sketch;
    };
    const whole: Record<string, (run: number) => KllSketch> = {
      stream: run => build(run, 0, 6000),
      merges: run =>
        Array.from({ length: 30 }, (_, i) =>
          build(1000 * run + i, 200 * i, 200 * (i + 1)),
        ).reduce(mergeKll),
      'equal shards': run =>
        Array.from({ length: 30 }, (_, i) =>
          build(1000 * run + i, 0, 200),
        ).reduce(mergeKll),
    };
    for (const sketchOf of Object.values(whole)) {
      let within = 0;
      for (let run = 0; run < runs; run++) {
        const q = (run + 0.5) / runs;
        const error = Math.abs(kllRank(sketchOf(run), q)! - q);
        // A two-hundredth for the ranks of 200 values themselves
        if (error <= kllRankError(k) + 0.005) within++;
      }
      expect(within / runs).toBeGreaterThan(0.975);
    }
  });

  it('keeps the infinities through JSON, and refuses another format', () => {
    const sketch = createKll(200, 1);
    for (const value of [-Infinity, 1, 2, Infinity, Infinity]) {
      addToKll(sketch, value);
    }
    const stored: KllSketch = JSON.parse(JSON.stringify(sketch));
    expect(stored).toEqual(sketch);
    expect([0, 0.5, 1].map(q => kllQuantile(stored, q))).toEqual([
      -Infinity,
      2,
      Infinity,
    ]);
    expect(kllRank(stored, Infinity)).toBe(1);
    expect(kllRank(stored, 1e308)).toBe(0.6);
    const newer = JSON.parse(JSON.stringify({ ...sketch, formatVersion: 2 }));
    for (const use of [
      () => addToKll(newer, 1),
      () => mergeKll(sketch, newer),
      () => kllQuantile(newer, 0.5),
      () => kllRank(newer, 0.5),
    ]) {
      expect(use).toThrow('The KLL sketch has format version 2, expected 1');
    }
  });

  it('never loses weight, keeps the extremes, and merges commutatively', () => {
    const values = fc.array(fc.double({ noNaN: false }), { maxLength: 300 });
    fc.assert(
      fc.property(values, values, (x, y) => {
        const [a, b] = [x, y].map((part, i) => {
          const sketch = createKll(8, i);
          for (const value of part) addToKll(sketch, value);
          return sketch;
        });
        const merged = mergeKll(a, b);
        const weight = merged.levels.reduce(
          (sum, level, i) => sum + level.length * 2 ** i,
          0,
        );
        const kept = [...x, ...y].filter(value => !Number.isNaN(value));
        expect(weight).toBe(kept.length);
        expect(merged.count).toBe(kept.length);
        // The largest finite double is kept for the infinities.
        const largest = Number.MAX_VALUE;
        const second = largest * (1 - Number.EPSILON / 2);
        const stored = (value: number) =>
          Math.abs(value) === largest ? Math.sign(value) * second : value;
        const ends = [0, 1].map(q => kllQuantile(merged, q));
        expect(ends.map(end => end && end + 0)).toEqual(
          kept.length > 0
            ? [stored(Math.min(...kept) || 0), stored(Math.max(...kept) || 0)]
            : [undefined, undefined],
        );
        expect(mergeKll(b, a).count).toBe(merged.count);
      }),
      { seed: 6, numRuns: 200 },
    );
  });

  it('is exact while everything fits, deterministic, and survives JSON', () => {
    const build = () => {
      const sketch = createKll(200, 3);
      for (let i = 1; i <= 5000; i++) addToKll(sketch, (i * 7919) % 5000);
      return sketch;
    };
    expect(build()).toEqual(build());
    expect(JSON.parse(JSON.stringify(build()))).toEqual(build());
    const few = createKll(200, 1);
    for (let i = 1; i <= 100; i++) addToKll(few, i);
    expect(kllQuantile(few, 0.5)).toBe(50);
    expect(kllRank(few, 25)).toBe(0.25);
    expect(kllQuantile(createKll(200, 1), 0.5)).toBeUndefined();
    expect(kllRank(createKll(200, 1), 0.5)).toBeUndefined();
  });

  it('refuses what it cannot merge or make', () => {
    expect(() => mergeKll(createKll(8, 1), createKll(9, 1))).toThrow(
      'k = 8 and 9',
    );
    expect(() => createKll(7, 1)).toThrow('from 8 to 65535');
  });
});

describe('HyperLogLog', () => {
  it.each([0, 1, 10, 1000, 5000, 40_000])(
    'counts %s distinct values within four standard errors, twice each',
    distinct => {
      const sketch = createHyperLogLog(12);
      for (let i = 0; i < 2 * distinct; i++) {
        addToHyperLogLog(sketch, `user-${i % distinct}`);
      }
      expect(Math.abs(hyperLogLogCount(sketch) - distinct)).toBeLessThanOrEqual(
        4 * hyperLogLogError(12) * distinct,
      );
    },
  );

  it('is unbiased with the stated spread', () => {
    const errors = Array.from({ length: 150 }, (_, run) => {
      const sketch = createHyperLogLog(8);
      for (let i = 0; i < 700; i++) addToHyperLogLog(sketch, `${run}/${i}`);
      return hyperLogLogCount(sketch) / 700 - 1;
    });
    const mean = errors.reduce((a, b) => a + b) / errors.length;
    const spread = Math.sqrt(
      errors.reduce((sum, e) => sum + e * e, 0) / errors.length,
    );
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(spread).toBeLessThan(1.25 * hyperLogLogError(8));
  });

  it('merges to exactly the sketch of all values', () => {
    const values = fc.array(fc.string(), { maxLength: 50 });
    const sketchOf = (texts: string[]) => {
      const sketch = createHyperLogLog(6);
      for (const text of texts) addToHyperLogLog(sketch, text);
      return sketch;
    };
    fc.assert(
      fc.property(values, values, values, (x, y, z) => {
        const [a, b, c] = [x, y, z].map(sketchOf);
        const all = sketchOf([...x, ...y, ...z]);
        expect(mergeHyperLogLogs(mergeHyperLogLogs(a, b), c)).toEqual(all);
        expect(mergeHyperLogLogs(c, mergeHyperLogLogs(b, a))).toEqual(all);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('stays finite, and rises, up to registers that cannot hold more', () => {
    const sketch = createHyperLogLog(4);
    const counts = [0, 8, 16].map(full => {
      sketch.registers = sketch.registers.map((_, i) => (i < full ? 61 : 20));
      return hyperLogLogCount(sketch);
    });
    expect(counts[0]).toBeGreaterThan(1e6);
    expect(counts[1]).toBeGreaterThan(counts[0]);
    expect(counts[2]).toBe(Infinity);
  });

  it('refuses what it cannot merge or make', () => {
    expect(() =>
      mergeHyperLogLogs(createHyperLogLog(5), createHyperLogLog(6)),
    ).toThrow('precision 5 and 6');
    expect(() => createHyperLogLog(3)).toThrow('from 4 to 18');
  });
});

describe('top values', () => {
  const letters = fc.array(fc.constantFrom(...'aaaaabbbccdefgh'), {
    maxLength: 80,
  });
  const countOf = (texts: string[], capacity = 4) => {
    const top = createTopValues(capacity);
    for (const text of texts) addToTopValues(top, text);
    return top;
  };

  it('keeps its bounds through merges in any grouping', () => {
    fc.assert(
      fc.property(letters, letters, letters, (x, y, z) => {
        const all = [...x, ...y, ...z];
        const [a, b, c] = [x, y, z].map(part => countOf(part));
        for (const top of [
          mergeTopValues(mergeTopValues(a, b), c),
          mergeTopValues(a, mergeTopValues(b, c)),
          countOf(all),
        ]) {
          const listed = listTopValues(top);
          expect(top.total).toBe(all.length);
          expect(listed.length).toBeLessThanOrEqual(4);
          for (const { value, count, error } of listed) {
            const truth = all.filter(text => text === value).length;
            expect(count).toBeGreaterThanOrEqual(truth);
            expect(count - error).toBeLessThanOrEqual(truth);
            expect(error).toBeLessThanOrEqual(all.length / 4);
          }
          const frequent = [...new Set(all)].filter(
            text => all.filter(other => other === text).length > all.length / 4,
          );
          expect(listed.map(({ value }) => value)).toEqual(
            expect.arrayContaining(frequent),
          );
        }
        expect(mergeTopValues(a, b)).toEqual(mergeTopValues(b, a));
      }),
      { seed: 8, numRuns: 200 },
    );
  });

  it('is exact below its capacity and keeps odd names apart from the prototype', () => {
    const top = countOf(['__proto__', 'constructor', '__proto__'], 10);
    expect(listTopValues(top)).toEqual([
      { value: '__proto__', count: 2, error: 0 },
      { value: 'constructor', count: 1, error: 0 },
    ]);
    expect(listTopValues(top, 1).length).toBe(1);
  });

  it('refuses a capacity of 0 and counts that are none', () => {
    const top = countOf(['a']);
    for (const count of [-1, 0.5, NaN]) {
      expect(() => addToTopValues(top, 'b', count)).toThrow(
        `count must be an integer of at least 0, got ${count}`,
      );
    }
    addToTopValues(top, 'b', 0);
    expect(top).toEqual(countOf(['a']));
    expect(() => createTopValues(0)).toThrow('positive integer');
  });
});
