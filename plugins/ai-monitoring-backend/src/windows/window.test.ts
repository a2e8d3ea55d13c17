import { NOON } from '../__testUtils__/fixtures';
import { choosePointSeconds, windowStart } from './window';

const HOUR_MILLIS = 3_600_000;

function range(hours: number) {
  return { fromMillis: NOON - hours * HOUR_MILLIS, toMillis: NOON };
}

describe('windowStart', () => {
  it.each([
    [NOON, 10, NOON],
    [NOON + 9_999, 10, NOON],
    [NOON + 10_000, 10, NOON + 10_000],
    [NOON + 3_599_999, 3_600, NOON],
  ])('of %i in windows of %i s is %i', (at, seconds, start) => {
    expect(windowStart(at, seconds)).toBe(start);
  });
});

describe('choosePointSeconds', () => {
  it.each([
    [0.5, 10],
    [1, 10],
    [1.1, 60],
    [24, 60],
    [24.1, 3_600],
    [24 * 62, 3_600],
    [24 * 90, 86_400],
    [24 * 366, 86_400],
  ])('shows %d hours in windows of %i s', (hours, seconds) => {
    expect(choosePointSeconds(range(hours), [])).toBe(seconds);
  });

  it('is never finer than what is left of the past', () => {
    expect(
      choosePointSeconds(range(0.5), [
        { windowSeconds: 60 },
        { windowSeconds: 10 },
      ]),
    ).toBe(60);
    expect(choosePointSeconds(range(0.5), [{ windowSeconds: 3_600 }])).toBe(
      3_600,
    );
  });
});
