import { makeRollout } from '../__testUtils__/fixtures';
import { actsFor } from './steering';

const paused = {
  since: '2026-05-03T10:00:00Z',
  by: 'plan',
  leftSeconds: 0,
};

describe('actsFor', () => {
  it.each([
    [{ phase: 'loading' as const }, ['pause', 'abort']],
    [{ phase: 'loading' as const, paused }, ['resume', 'abort']],
    [
      {
        phase: 'rejected' as const,
        rejectedAt: '2026-05-03T10:00:00Z',
        reason: 'errors',
      },
      ['restart'],
    ],
    [{ phase: 'completed' as const, completedAt: '2026-05-03T10:00:00Z' }, []],
  ])('of %j are %j', (state, acts) => {
    expect(actsFor(makeRollout({ state }))).toEqual(acts);
  });

  it('takes back no first version', () => {
    expect(actsFor(makeRollout({ fromVersion: undefined }))).toEqual(['pause']);
  });
});
