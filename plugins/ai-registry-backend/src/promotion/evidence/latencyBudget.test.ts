import { better, millis, overBudget } from './latencyBudget';

const latency = (p95: number) => ({ p50: p95 / 2, p95 });
const half = { maxIncreaseShare: 0.5 };

describe('overBudget', () => {
  it('goes by the running version, measured beside it', () => {
    expect(overBudget(latency(14_000), latency(10_000), half)).toEqual([]);
    expect(overBudget(latency(16_000), latency(10_000), half)).toEqual([
      "One row takes 16 ms in 95 of 100 cases, 60 % longer than the running version's 10 ms, and may take 50 % longer.",
    ]);
  });

  it('takes no noise of small models for slowness', () => {
    expect(overBudget(latency(250), latency(50), half)).toEqual([]);
    expect(overBudget(latency(300), latency(50), half)).toHaveLength(1);
  });

  it('goes by a bound of its own, also where nothing runs', () => {
    const budget = { ...half, maxMillis: 20 };
    expect(overBudget(latency(20_000), undefined, budget)).toEqual([]);
    expect(overBudget(latency(20_500), undefined, budget)).toEqual([
      'One row takes 21 ms in 95 of 100 cases, and may take 20 ms.',
    ]);
    expect(overBudget(latency(99_000), latency(10_000), budget)).toHaveLength(
      2,
    );
  });

  it('keeps the better of two measurements', () => {
    expect(better(latency(5), latency(3)).p95).toBe(3);
    expect(millis(384)).toBe('0.38 ms');
  });
});
