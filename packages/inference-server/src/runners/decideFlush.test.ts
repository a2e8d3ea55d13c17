import fc from 'fast-check';
import { decideFlush, waitForDelay, type Gathering } from './decideFlush';

const millis = fc.double({ min: 0, max: 1_000, noNaN: true });
const gatherings: fc.Arbitrary<Gathering> = fc.record({
  requests: fc.integer({ min: 1, max: 200 }),
  waitedMillis: millis,
  quietMillis: millis,
  maxDelayMillis: millis,
  gapMillis: fc.oneof(millis, fc.constant(Infinity)),
  millisPerRun: fc.option(millis, { nil: undefined }),
  timeLeftMillis: fc.oneof(
    fc.double({ min: -100, max: 1_000, noNaN: true }),
    fc.constant(Infinity),
  ),
});
const some: Gathering = {
  requests: 1,
  waitedMillis: 0,
  quietMillis: 0,
  maxDelayMillis: 20,
  gapMillis: 2,
  millisPerRun: 10,
  timeLeftMillis: Infinity,
};

it.each([
  ['as a rule', decideFlush],
  ['as long as it may', waitForDelay],
])(
  '%s: nobody waits longer than the delay, or than they have time',
  (_, rule) => {
    fc.assert(
      fc.property(gatherings, gathering => {
        const wait = rule(gathering);
        expect(wait).toBeGreaterThanOrEqual(0);
        const { maxDelayMillis, waitedMillis, timeLeftMillis } = gathering;
        expect(wait).toBeLessThanOrEqual(
          Math.max(0, Math.min(maxDelayMillis - waitedMillis, timeLeftMillis)),
        );
      }),
    );
  },
);

it('never makes all who are here wait for more than a run costs', () => {
  fc.assert(
    fc.property(gatherings, gathering => {
      const wait = decideFlush(gathering);
      const { requests, millisPerRun = 0 } = gathering;
      expect(wait * requests).toBeLessThanOrEqual(millisPerRun * 1.000001);
    }),
  );
});

it('waits no longer when more are here, when fewer come, or when runs cost less', () => {
  fc.assert(
    fc.property(gatherings, fc.integer({ min: 1, max: 9 }), (before, more) => {
      const wait = decideFlush(before);
      const { requests, gapMillis, millisPerRun = 0 } = before;
      for (const change of [
        { requests: requests + more },
        { gapMillis: gapMillis + more },
        { millisPerRun: millisPerRun / (1 + more) },
      ]) {
        expect(decideFlush({ ...before, ...change })).toBeLessThanOrEqual(wait);
      }
    }),
  );
});

it('lets a lonely request go at once', () => {
  expect(decideFlush({ ...some, gapMillis: Infinity })).toBe(0);
  expect(decideFlush({ ...some, gapMillis: 60_000 })).toBe(0);
});

it('waits for one that is near, as long as it may be near', () => {
  expect(decideFlush(some)).toBe(10);
  expect(decideFlush({ ...some, quietMillis: 6, waitedMillis: 6 })).toBe(4);
  expect(decideFlush({ ...some, quietMillis: 11, waitedMillis: 11 })).toBe(0);
  expect(decideFlush({ ...some, requests: 5 })).toBe(0);
});

it('does not wait where nobody knows what a run costs', () => {
  expect(decideFlush({ ...some, millisPerRun: undefined })).toBe(0);
});
