import fc from 'fast-check';
import {
  afterRequest,
  requestsLeft,
  waitMillis,
  type Rate,
} from './requestRate';

const SECOND = 1_000;

it('lets a burst come at once, and then as many a second as the rate', () => {
  const rate = { perSecond: 10, burst: 3 };
  let fullAt = 0;
  for (const left of [2, 1, 0]) {
    expect(waitMillis(fullAt, 0, rate)).toBe(0);
    fullAt = afterRequest(fullAt, 0, rate);
    expect(requestsLeft(fullAt, 0, rate)).toBe(left);
  }
  expect(waitMillis(fullAt, 0, rate)).toBe(100);
  expect(waitMillis(fullAt, 99, rate)).toBe(1);
  expect(waitMillis(fullAt, 100, rate)).toBe(0);
  expect(requestsLeft(fullAt, 300, rate)).toBe(3);
});

it('keeps parts of one request a second, as of a limit that many data planes share', () => {
  const rate = { perSecond: 1 / 3, burst: 1 };
  const fullAt = afterRequest(0, 5_000, rate);
  expect(waitMillis(fullAt, 5_000, rate)).toBeCloseTo(3_000);
  expect(waitMillis(fullAt, 8_000, rate)).toBe(0);
});

it('lets no more come in any time than the burst and what the rate gives in it, and that much', () => {
  const cases = fc.record({
    rate: fc.record({
      perSecond: fc.integer({ min: 1, max: 200 }),
      burst: fc.integer({ min: 1, max: 50 }),
    }),
    pauses: fc.array(fc.integer({ min: 0, max: 300 }), {
      minLength: 1,
      maxLength: 300,
    }),
  });
  fc.assert(
    fc.property(cases, ({ rate, pauses }: { rate: Rate; pauses: number[] }) => {
      let now = 0;
      let fullAt = 0;
      const passed: number[] = [];
      for (const pause of pauses) {
        now += pause;
        if (waitMillis(fullAt, now, rate) === 0) {
          fullAt = afterRequest(fullAt, now, rate);
          passed.push(now);
          continue;
        }
        // Whoever waits as long as they are told is let in.
        expect(
          waitMillis(fullAt, now + waitMillis(fullAt, now, rate), rate),
        ).toBe(0);
        expect(requestsLeft(fullAt, now, rate)).toBe(0);
      }
      passed.forEach((from, first) =>
        passed.slice(first).forEach((to, index) => {
          const most = rate.burst + ((to - from) * rate.perSecond) / SECOND;
          expect(index + 1).toBeLessThanOrEqual(most + 1e-6);
        }),
      );
      expect(passed.length).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});
