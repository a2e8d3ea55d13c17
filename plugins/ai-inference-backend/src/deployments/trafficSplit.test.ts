import fc from 'fast-check';
import { chooseVersion } from '../__testUtils__/chooseVersion';
import {
  giveWay,
  hasSameShares,
  nextDropAt,
  sharesWithout,
  shiftTraffic,
  tidySplit,
  type TrafficSplit,
  withShares,
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

function sumOf(variants: TrafficSplit): number {
  return weights(variants).reduce((sum, weight) => sum + weight, 0);
}

/** Where some callers were, and where they are. */
function moves(before: TrafficSplit, after: TrafficSplit) {
  return Array.from({ length: 50 }, (_, caller) => ({
    was: chooseVersion(before, `caller-${caller}`),
    is: chooseVersion(after, `caller-${caller}`),
  }));
}

const anySplit = fc
  .array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 4 })
  .map(cuts => {
    const edges = [0, ...cuts.sort((a, b) => a - b), 100];
    return split(...edges.slice(1).map((edge, index) => edge - edges[index]));
  });

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
    ['keeps the ratio of the others', split(60, 30, 10), 3, 40, [40, 20, 40]],
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
    fc.assert(
      fc.property(
        anySplit,
        fc.nat({ max: 3 }),
        fc.nat({ max: 100 }),
        (before, pick, percent) => {
          const target = before[pick % before.length].version;
          const after = shiftTraffic(before, target, percent);
          expect(sumOf(after)).toBeCloseTo(100, 9);
          for (const { was, is } of moves(before, after)) {
            expect([was, target]).toContain(is);
          }
        },
      ),
    );
  });
});

describe('giveWay', () => {
  it.each([
    ['to the only other', split(50, 50, 0), [2], 1, [100, 0, 0]],
    ['to those that remain', split(20, 20, 60), [1], 3, [0, 25, 75]],
    ['of several', split(40, 30, 30), [2, 3], 1, [100, 0, 0]],
    ['to one that has none', split(0, 100), [2], 1, [100, 0]],
  ])('leaves a whole share %s', (_what, before, from, to, after) => {
    expect(weights(giveWay(before, { from, to }))).toEqual(after);
  });

  it('moves nobody but the callers of those that leave', () => {
    fc.assert(
      fc.property(
        anySplit.filter(before => before.length > 1),
        fc.nat({ max: 3 }),
        (before, pick) => {
          const from = before[pick % before.length].version;
          const [to] = before.map(v => v.version).filter(v => v !== from);
          const after = giveWay(before, { from: [from], to });
          expect(sumOf(after)).toBeCloseTo(100, 9);
          for (const { was, is } of moves(before, after)) {
            expect([is, from]).toContain(was);
          }
        },
      ),
    );
  });
});

it('tells whether versions have the same shares', () => {
  expect(hasSameShares(split(60, 40), split(60, 40, 0))).toBe(true);
  expect(hasSameShares(split(60, 40), split(60, 20, 20))).toBe(false);
});

it('divides the share of a version that is taken out among the others', () => {
  const shares = [40, 30, 30].map((sharePercent, index) => ({
    version: index + 1,
    sharePercent,
  }));
  const left = sharesWithout(shares, [3]);
  expect(weights(withShares(split(0, 0, 100), left))).toEqual([
    expect.closeTo(57.142857, 6),
    expect.closeTo(42.857143, 6),
    0,
  ]);
  expect(sharesWithout(shares, [])).toEqual(shares);
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
