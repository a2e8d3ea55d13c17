import { intervalScale } from './intervalScale';

const metric = {
  effect: 0.02,
  interval: { lower: -0.01, upper: 0.05 },
  margin: 0.01,
  direction: 'lower-is-better' as const,
  measure: { kind: 'error-rate' as const },
};

describe('intervalScale', () => {
  it('has no effect in the middle, and the margin where it is worse', () => {
    const scale = intervalScale(metric);
    expect(scale).toMatchObject({ zero: 50, isOpenAtEnd: false });
    expect(scale?.from).toBeLessThan(50);
    expect(scale?.to).toBeCloseTo(50 + 50 / 1.15, 6);
    expect(scale?.margin).toBeGreaterThan(50);
    expect(
      intervalScale({ ...metric, direction: 'higher-is-better' })?.margin,
    ).toBeLessThan(50);
  });

  it('does not take the time that a latency may lose for a share', () => {
    const scale = intervalScale({
      ...metric,
      measure: { kind: 'latency', quantilePercent: 95 },
      effect: 0.4,
      interval: { lower: 0.2 },
      margin: 50,
    });
    expect(scale?.margin).toBeUndefined();
    expect(scale?.effect).toBeGreaterThan(90);
  });

  it('is open where the interval has no end', () => {
    expect(
      intervalScale({ ...metric, interval: { lower: 0.01 } }),
    ).toMatchObject({ to: 100, isOpenAtEnd: true, isOpenAtStart: false });
  });

  it('is nothing before there is an effect', () => {
    expect(intervalScale({ ...metric, effect: undefined })).toBeUndefined();
    expect(
      intervalScale({ ...metric, margin: 0, effect: 0, interval: {} }),
    ).toMatchObject({ effect: 50, from: 0, to: 100 });
  });
});
