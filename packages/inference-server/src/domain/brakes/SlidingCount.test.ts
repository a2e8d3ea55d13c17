import { SlidingCount } from './SlidingCount';

it('counts what happened in the window, and forgets what is older', () => {
  const count = new SlidingCount(3);
  count.add(100, true);
  count.add(100, false);
  count.add(101, true);
  expect(count.sum(102)).toEqual({ requests: 3, failures: 2 });
  expect(count.sum(103)).toEqual({ requests: 1, failures: 1 });
  count.add(103, false);
  expect(count.sum(104)).toEqual({ requests: 1, failures: 0 });
  expect(count.sum(1_000)).toEqual({ requests: 0, failures: 0 });
});
