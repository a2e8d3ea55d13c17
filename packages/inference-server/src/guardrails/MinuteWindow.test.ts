import fc from 'fast-check';
import { MinuteWindow } from './MinuteWindow';

const SECOND = 1_000;

it('takes up to the limit in any sixty seconds', () => {
  const window = new MinuteWindow();
  expect(window.take(60, 100, 0)).toBeDefined();
  expect(window.take(40, 100, 59.9 * SECOND)).toBeDefined();
  expect(window.take(1, 100, 59.9 * SECOND)).toBeUndefined();
  expect(window.take(60, 100, 60 * SECOND)).toBeDefined();
  expect(window.take(1, 100, 60 * SECOND)).toBeUndefined();
});

it('never lets more pass in sixty seconds than the limit, whatever comes when', () => {
  const calls = fc.array(
    fc.record({
      pauseSeconds: fc.integer({ min: 0, max: 40 }),
      tokens: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(calls, all => {
      const window = new MinuteWindow();
      const passed: { second: number; tokens: number }[] = [];
      let second = 0;
      for (const { pauseSeconds, tokens } of all) {
        second += pauseSeconds;
        if (window.take(tokens, 100, second * SECOND)) {
          passed.push({ second, tokens });
        }
      }
      for (const { second: end } of passed) {
        const sum = passed
          .filter(one => one.second <= end && one.second > end - 60)
          .reduce((total, { tokens }) => total + tokens, 0);
        expect(sum).toBeLessThanOrEqual(100);
      }
    }),
  );
});

it('gives back what was not used, and takes what was used besides', () => {
  const window = new MinuteWindow();
  const taken = window.take(80, 100, 0)!;
  window.settle(taken, 30, 2 * SECOND);
  expect(window.state(100, 2 * SECOND)).toEqual({
    limit: 100,
    remaining: 70,
    resetSeconds: 58,
    windowSeconds: 60,
  });
  const more = window.take(10, 100, 2 * SECOND)!;
  window.settle(more, 25, 3 * SECOND);
  expect(window.state(100, 3 * SECOND).remaining).toBe(45);
});

it('counts what is used beyond an estimate that is long gone when it is known', () => {
  const window = new MinuteWindow();
  const taken = window.take(10, 100, 0)!;
  window.settle(taken, 60, 300 * SECOND);
  expect(window.state(100, 300 * SECOND).remaining).toBe(50);
  const other = window.take(10, 100, 300 * SECOND)!;
  window.settle(other, 0, 400 * SECOND);
  expect(window.state(100, 400 * SECOND)).toEqual({
    limit: 100,
    remaining: 100,
    resetSeconds: 0,
    windowSeconds: 60,
  });
});

it('says when so much is left', () => {
  const window = new MinuteWindow();
  window.take(50, 100, 0);
  window.take(50, 100, 10 * SECOND);
  expect(window.secondsUntil(20, 100, 20 * SECOND)).toBe(40);
  expect(window.secondsUntil(60, 100, 20 * SECOND)).toBe(50);
});
