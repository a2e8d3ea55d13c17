import { defaultSchedule } from './defaultSchedule';

it('lets no two collators begin at the same time', () => {
  const delays = [0, 1, 2, 3].map(
    index => defaultSchedule(index).initialDelay.seconds,
  );
  expect(delays).toEqual([10, 20, 30, 40]);
});
