import { sampleRatioMismatch } from './sampleRatio';

describe('sample ratio mismatch', () => {
  it.each([
    [[1000, 1000], [0.5, 0.5], 1],
    [[1000, 1100], [0.5, 0.5], 0.02909633174],
    [[10000, 10400], [0.5, 0.5], 0.005101399646],
    [[9000, 1100], [0.9, 0.1], 0.00283474908],
    [[5000, 5100, 4700], [1, 1, 1], 0.0001531973216],
  ])('of %j against %j', (counts, weights, pValue) => {
    const result = sampleRatioMismatch(counts, weights);
    expect(result.pValue).toBeCloseTo(pValue, 11);
    expect(result.isMismatch).toBe(pValue < 0.001);
  });
});

describe('sample ratio mismatch of what is no count or share', () => {
  it.each([
    [
      [500, 500, 400],
      [1, 1],
      0.001,
      'counts and weights must have the same length, got 3, 2',
    ],
    [[500, -500], [1, 1], 0.001, 'counts[1] is -500'],
    [[500, NaN], [1, 1], 0.001, 'counts[1] is NaN'],
    [[500, 500], [2, -1], 0.001, 'weights[1] is -1'],
    [[500, 500], [Infinity, 1], 0.001, 'weights[0] is Infinity'],
    [[500, 500], [0, 0], 0.001, 'weights has no positive share'],
    [[500, 500], [1, 1], 5, 'alpha is 5'],
  ])('refuses %j against %j at %d', (counts, weights, alpha, message) => {
    expect(() => sampleRatioMismatch(counts, weights, alpha)).toThrow(message);
  });

  it('alarms for units in an arm that was to have none, and not before any unit arrived', () => {
    expect(sampleRatioMismatch([500, 5], [1, 0]).isMismatch).toBe(true);
    expect(sampleRatioMismatch([500, 0], [1, 0]).isMismatch).toBe(false);
    expect(sampleRatioMismatch([0, 0], [1, 1]).isMismatch).toBe(false);
  });
});
