import { ClusterClock } from './ClusterClock';

it("tells the cluster's time, whatever our clock says", () => {
  let ours = Date.parse('2026-05-03T08:10:00Z');
  let passed = 1_000;
  const clock = new ClusterClock({
    clock: () => ours,
    passed: () => passed,
  });
  expect(clock.nowMillis).toBe(ours);
  clock.hear('Sun, 03 May 2026 08:00:00 GMT');
  passed += 2_500;
  ours -= 3_600_000;
  expect(new Date(clock.nowMillis).toISOString()).toBe(
    '2026-05-03T08:00:02.500Z',
  );
});

it('goes by what was heard last where an answer has no date', () => {
  const clock = new ClusterClock({ clock: () => 7, passed: () => 0 });
  clock.hear(undefined);
  clock.hear('soon');
  expect(clock.nowMillis).toBe(7);
  clock.hear('Sun, 03 May 2026 08:00:00 GMT');
  clock.hear(undefined);
  expect(clock.nowMillis).toBe(Date.parse('2026-05-03T08:00:00Z'));
});
