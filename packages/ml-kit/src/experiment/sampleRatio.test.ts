import { createRandom, nextUniform } from '../random/random';
import { sampleRatioMismatch, sequentialSampleRatio } from './sampleRatio';

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

describe('sequentialSampleRatio', () => {
  it.each([[[1, 1]], [[1, 9]], [[1, 99]], [[20, 30, 50]]])(
    'keeps its level with shares of %j, looked at after every ten units',
    weights => {
      const random = createRandom(7);
      const whole = weights.reduce((a, b) => a + b, 0);
      const runs = 500;
      let alarms = 0;
      for (let run = 0; run < runs; run++) {
        const counts = weights.map(() => 0);
        for (let unit = 1; unit <= 1_000; unit++) {
          const at = nextUniform(random) * whole;
          let arm = 0;
          let end = weights[0];
          while (at >= end) {
            arm += 1;
            end += weights[arm];
          }
          counts[arm] += 1;
          if (unit % 10 > 0) continue;
          if (sequentialSampleRatio(counts, weights, 0.05).isMismatch) {
            alarms += 1;
            break;
          }
        }
      }
      expect(alarms / runs).toBeLessThan(0.05);
    },
  );

  it('sees what the test for one look sees, with more units', () => {
    expect(sequentialSampleRatio([10_000, 10_400], [1, 1]).isMismatch).toBe(
      false,
    );
    expect(sequentialSampleRatio([100_000, 104_000], [1, 1]).isMismatch).toBe(
      true,
    );
    expect(sequentialSampleRatio([9_000, 1_300], [9, 1]).isMismatch).toBe(true);
  });

  it('says 1 of no units, and 0 of units where none should be', () => {
    expect(sequentialSampleRatio([0, 0], [1, 1]).pValue).toBe(1);
    expect(sequentialSampleRatio([5, 1], [1, 0])).toEqual({
      pValue: 0,
      isMismatch: true,
    });
    expect(() => sequentialSampleRatio([1], [1, 1])).toThrow('counts');
  });
});
