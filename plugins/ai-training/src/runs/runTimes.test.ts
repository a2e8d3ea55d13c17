import { makeRun } from '../__testUtils__/fixtures';
import { startOf } from './runTimes';

describe('startOf', () => {
  it.each([
    ['what the client says', 0, '1970-01-01T00:00:00.000Z'],
    ['when it was made, where that is said of no moment', undefined, undefined],
    // A client may send it, and one run must not take the others' list away.
    ['when it was made, where that is no moment', 2 ** 53 - 1, undefined],
  ])('is %s', (_what, startedAt, start) => {
    const run = makeRun({ startedAt });
    expect(startOf(run)).toBe(start ?? run.createdAt);
  });
});
