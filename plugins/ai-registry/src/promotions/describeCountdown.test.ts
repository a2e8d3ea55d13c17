import { describeCountdown } from './describeCountdown';

describe('describeCountdown', () => {
  it.each([
    [125_000, 'in 2 min 5 s'],
    [500, 'in 1 s'],
    [47 * 3_600_000, 'in 47 h'],
    [3 * 86_400_000, 'in 3 days'],
    [0, 'any moment now'],
    [-5_000, 'any moment now'],
  ])('says %i ms as "%s"', (millis, words) => {
    expect(describeCountdown(millis)).toBe(words);
  });
});
