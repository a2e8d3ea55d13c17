import { metricInterval, metricSpread } from './metricInterval';

describe('metricInterval', () => {
  it("is Wilson's interval for right and wrong answers", () => {
    const perRow = [...Array(8).fill(1), ...Array(2).fill(0)];
    const [low, high] = metricInterval(metricSpread(perRow))!;
    // Values of R's binom::binom.wilson(8, 10).
    expect(low).toBeCloseTo(0.4901625, 5);
    expect(high).toBeCloseTo(0.9433178, 5);
  });

  it.each([1, 30, 1_000])('never leaves what a share of %d can be', rows => {
    for (const value of [0, 1]) {
      const interval = metricInterval(
        metricSpread(Array(rows + 1).fill(value)),
      )!;
      expect(interval[value]).toBe(value);
    }
  });

  it('is the normal interval of the mean for other values', () => {
    const [low, high] = metricInterval(metricSpread([1, 2, 3, 4]))!;
    expect((low + high) / 2).toBeCloseTo(2.5, 10);
    expect(high - low).toBeCloseTo(2 * 1.959964 * (1.2909944 / 2), 5);
  });

  it('needs two rows', () => {
    expect(metricInterval(metricSpread([1]))).toBeUndefined();
  });
});
