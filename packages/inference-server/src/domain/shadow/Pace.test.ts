import { Pace } from './Pace';

it('spends one part in a hundred of the time, after what was saved', () => {
  const pace = new Pace(0);
  let now = 0;
  let spent = 0;
  while (now < 3_600_000) {
    const wait = pace.waitMillis(now);
    now += wait;
    expect(pace.waitMillis(now + 1e-6)).toBeLessThan(1e-3);
    now += 50;
    spent += 50;
    pace.spend(50, now);
  }
  expect(spent / now).toBeGreaterThan(0.0095);
  expect(spent / now).toBeLessThan(0.0101);
});

it('saves no more than a tenth of a second', () => {
  const pace = new Pace(0);
  pace.spend(99, 3_600_000);
  expect(pace.waitMillis(3_600_000)).toBe(0);
  pace.spend(2, 3_600_000);
  expect(pace.waitMillis(3_600_000)).toBeCloseTo(100);
});
