import { effectiveCounts } from './effectiveCounts';
import { addUnit, emptySums, independentSums, type UnitSums } from './unitSums';

function sumsOf(units: { n: number; sum: number; times: number }[]): UnitSums {
  const sums = emptySums();
  for (const { n, sum, times } of units) {
    for (let i = 0; i < times; i++) {
      addUnit(sums, { n, sum, covariates: 0, covariateSum: 0 });
    }
  }
  return sums;
}

describe('effectiveCounts', () => {
  it('counts every request where each is a unit', () => {
    const sums = independentSums({ units: 900, events: 9 });
    expect(effectiveCounts(sums)).toEqual({ events: 9, n: 900 });
  });

  it('counts a caller once whose requests all do the same', () => {
    const sums = sumsOf([
      { n: 20, sum: 20, times: 50 },
      { n: 20, sum: 0, times: 50 },
    ]);
    const { events, n } = effectiveCounts(sums);
    expect(n).toBeCloseTo(100, -1);
    expect(events / n).toBeCloseTo(0.5, 12);
  });

  it('counts nearly every request where those of a caller are independent, once that is known', () => {
    const sums = sumsOf([
      { n: 2, sum: 0, times: 2_500 },
      { n: 2, sum: 1, times: 5_000 },
      { n: 2, sum: 2, times: 2_500 },
    ]);
    expect(effectiveCounts(sums).n).toBeGreaterThan(19_900);
  });

  it('takes the worst while few failed: one caller with twenty errors is one error', () => {
    const sums = sumsOf([
      { n: 20, sum: 20, times: 1 },
      { n: 20, sum: 0, times: 9 },
    ]);
    const { events, n } = effectiveCounts(sums);
    expect(events).toBeLessThan(1.2);
    expect(n).toBeLessThan(12);
  });

  it('lets no single caller decide who asks for most', () => {
    const sums = sumsOf([
      { n: 10_000, sum: 10_000, times: 1 },
      { n: 1, sum: 0, times: 100 },
    ]);
    expect(effectiveCounts(sums).n).toBeLessThan(2);
  });

  it('of nothing is nothing', () => {
    expect(effectiveCounts(emptySums())).toEqual({ events: 0, n: 0 });
  });
});
