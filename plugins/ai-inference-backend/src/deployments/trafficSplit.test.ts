import { chooseByWeight } from '@greenroom/ml-kit';
import fc from 'fast-check';
import {
  canGiveWay,
  giveWay,
  nextDropAt,
  shiftTraffic,
  tidySplit,
  type TrafficSplit,
  withVersion,
} from './trafficSplit';

function split(...percents: number[]): TrafficSplit {
  return percents.map((weightPercent, index) => ({
    version: index + 1,
    digest: `sha256:${index}`,
    weightPercent,
  }));
}

function weights(variants: TrafficSplit): number[] {
  return variants.map(({ weightPercent }) => weightPercent);
}

describe('withVersion', () => {
  it('gives all traffic to the first version, and none to a later one', () => {
    const first = withVersion([], { version: 7, digest: 'sha256:7' });
    expect(weights(first)).toEqual([100]);
    const second = withVersion(first, { version: 8, digest: 'sha256:8' });
    expect(weights(second)).toEqual([100, 0]);
  });

  it('takes a version back that was about to be dropped, in its old place', () => {
    const [one, two] = split(0, 100);
    expect(
      withVersion([{ ...one, retainUntil: '2026-01-01T00:00:00.000Z' }, two], {
        version: 1,
        digest: one.digest,
      }),
    ).toEqual([{ ...one, retainUntil: undefined }, two]);
  });
});

describe('shiftTraffic', () => {
  it.each([
    ['takes from the only other', split(100, 0), 2, 10, [90, 10]],
    ['never lowers a share', split(70, 30), 1, 10, [70, 30]],
    ['takes from the nearest first', split(70, 30, 0), 3, 10, [70, 20, 10]],
    ['takes from the next one then', split(70, 30, 0), 3, 50, [50, 0, 50]],
    ['takes from behind first', split(63, 27, 10), 1, 80, [80, 10, 10]],
    ['takes everything', split(63, 27, 10), 2, 100, [0, 100, 0]],
  ])('%s', (_what, before, version, percent, after) => {
    expect(weights(shiftTraffic(before, version, percent))).toEqual(after);
  });

  it('refuses a version that is not there', () => {
    expect(() => shiftTraffic(split(100), 9, 10)).toThrow(
      'Version 9 is not part of the split',
    );
  });

  it('moves callers to the version only, and keeps the sum at 100', () => {
    const anySplit = fc
      .array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 4 })
      .map(cuts => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 100];
        return split(
          ...edges.slice(1).map((edge, index) => edge - edges[index]),
        );
      });
    fc.assert(
      fc.property(
        anySplit,
        fc.nat({ max: 3 }),
        fc.nat({ max: 100 }),
        fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true }), {
          minLength: 20,
          maxLength: 20,
        }),
        (before, pick, percent, buckets) => {
          const target = pick % before.length;
          const after = shiftTraffic(before, target + 1, percent);
          expect(weights(after).reduce((sum, w) => sum + w, 0)).toBe(100);
          for (const bucket of buckets) {
            const was = chooseByWeight(bucket, weights(before));
            const is = chooseByWeight(bucket, weights(after));
            expect([was, target]).toContain(is);
          }
        },
      ),
    );
  });
});

describe('giveWay', () => {
  it.each([
    ['to its neighbour', split(50, 50, 0), 2, 1, [100, 0, 0]],
    ['over one without traffic', split(50, 0, 50), 3, 1, [100, 0, 0]],
  ])('leaves a whole share %s', (_what, before, from, to, after) => {
    expect(canGiveWay(before, { from, to })).toBe(true);
    expect(weights(giveWay(before, { from, to }))).toEqual(after);
  });

  it('is not possible over somebody else, whose callers would move', () => {
    expect(canGiveWay(split(20, 20, 60), { from: 1, to: 3 })).toBe(false);
    expect(canGiveWay(split(20, 80), { from: 1, to: 9 })).toBe(false);
  });
});

describe('tidySplit', () => {
  const now = new Date('2026-05-03T12:00:00Z');
  const options = { keep: [], now, drainMillis: 60_000 };

  it('keeps a version without traffic for the drain time, then drops it', () => {
    const draining = tidySplit(split(0, 100), options);
    expect(draining[0].retainUntil).toBe('2026-05-03T12:01:00.000Z');
    expect(nextDropAt(draining)).toBe('2026-05-03T12:01:00.000Z');
    expect(tidySplit(draining, options)).toEqual(draining);
    const later = new Date('2026-05-03T12:01:00Z');
    expect(
      tidySplit(draining, { ...options, now: later }).map(v => v.version),
    ).toEqual([2]);
  });

  it('keeps the version that a rollback goes to', () => {
    const kept = tidySplit(split(0, 100), { ...options, keep: [1] });
    expect(kept[0].retainUntil).toBeUndefined();
    expect(nextDropAt(kept)).toBeUndefined();
  });
});
