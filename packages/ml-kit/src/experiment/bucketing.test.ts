import * as fc from 'fast-check';
import cases from '../../fixtures/growthbook-cases.json';
import { armOfBucket, bucketRanges, equalWeights } from './bucketRanges';
import type { BucketRange } from './bucketRanges';
import { chooseByWeight } from './chooseByWeight';
import {
  isInNamespace,
  stickyBucket,
  stickyBucketVersion1,
} from './stickyBucket';

const HASHES = new Map([
  [1, stickyBucketVersion1],
  [2, stickyBucket],
]);

describe("GrowthBook's published cases", () => {
  it.each(cases.hash as [string, string, number, number | null][])(
    'hash %j %j version %s',
    (salt, id, version, expected) => {
      expect(HASHES.get(version)?.(salt, id) ?? null).toBe(expected);
    },
  );

  it.each(
    cases.getBucketRange as [
      string,
      [number, number, number[] | null],
      BucketRange[],
    ][],
  )('bucket ranges: %s', (_, [arms, coverage, weights], expected) => {
    const ranges = bucketRanges(arms, coverage, weights ?? undefined);
    expect(ranges.length).toBe(expected.length);
    ranges.flat().forEach((edge, i) => {
      expect(edge).toBeCloseTo(expected.flat()[i], 12);
    });
  });

  it.each(cases.chooseVariation as [string, number, BucketRange[], number][])(
    'arm of bucket: %s',
    (_, bucket, ranges, expected) => {
      expect(armOfBucket(bucket, ranges) ?? -1).toBe(expected);
    },
  );

  it.each(
    cases.inNamespace as [string, string, [string, number, number], boolean][],
  )('namespace: %s', (_, id, [namespace, from, to], expected) => {
    expect(isInNamespace(id, { namespace, from, to })).toBe(expected);
  });

  it.each(cases.getEqualWeights as [number, number[]][])(
    'equal weights of %s arms',
    (arms, expected) => {
      const weights = equalWeights(arms);
      expect(weights.length).toBe(expected.length);
      weights.forEach((weight, i) => {
        expect(weight).toBeCloseTo(expected[i], 8);
      });
    },
  );
});

describe('chooseByWeight', () => {
  it('gives each arm its share of the buckets, exactly', () => {
    const weights = [90, 7, 0, 3];
    const counts = [0, 0, 0, 0];
    for (let k = 0; k < 10_000; k++)
      counts[chooseByWeight(k / 10_000, weights)]++;
    expect(counts).toEqual([9000, 700, 0, 300]);
  });

  it('keeps every id in the growing arm while it ramps', () => {
    const ids = Array.from({ length: 500 }, (_, i) => `user-${i}`);
    let before = new Set<string>();
    for (const canary of [1, 5, 20, 50, 100]) {
      const inCanary = new Set(
        ids.filter(
          id =>
            chooseByWeight(stickyBucket('s', id), [100 - canary, canary]) === 1,
        ),
      );
      for (const id of before) expect(inCanary.has(id)).toBe(true);
      before = inCanary;
    }
    expect(before.size).toBe(500);
  });

  it('never chooses an arm of weight 0, and answers -1 when there is none', () => {
    expect(chooseByWeight(0, [0, 100])).toBe(1);
    expect(chooseByWeight(0.9999, [100, 0])).toBe(0);
    expect(chooseByWeight(0.5, [0, 0])).toBe(-1);
    expect(chooseByWeight(0.5, [])).toBe(-1);
  });
});

describe('bucketRanges', () => {
  it('never moves an id between arms when the coverage grows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        (parts, one, other, bucket) => {
          const total = parts.reduce((a, b) => a + b);
          const weights = parts.map(part => part / total);
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          const arm = armOfBucket(
            bucket,
            bucketRanges(parts.length, low, weights),
          );
          if (arm === undefined) return;
          expect(
            armOfBucket(bucket, bucketRanges(parts.length, high, weights)),
          ).toBe(arm);
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });
});

describe('stickyBucket', () => {
  it('spreads ids evenly and independently between salts', () => {
    const cells = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const a = Math.floor(stickyBucket('salt-1', `${i}`) * 4);
      const b = Math.floor(stickyBucket('salt-2', `${i}`) * 4);
      cells[a * 4 + b]++;
    }
    const chiSquare = cells.reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(37.7);
  });
});
