import type { Rollout } from '@greenroom/plugin-ai-inference-common';
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

  it('skips an analysis while it is waited for', () => {
    const plan: Rollout['plan'] = {
      strategy: 'canary',
      steps: [{ weightPercent: 10, holdSeconds: 60 }, { analysisSeconds: 600 }],
    };
    const at = (step: number, state: object = {}) =>
      actsFor(
        makeRollout({
          plan,
          state: {
            phase: 'progressing',
            step,
            nextStepAt: '2026-05-03T10:00:00Z',
            ...state,
          },
        }),
      );
    expect(at(0)).toEqual(['pause', 'abort']);
    expect(at(1)).toEqual(['pause', 'skip', 'abort']);
    expect(at(1, { paused: { ...paused, asks: true } })).toEqual([
      'resume',
      'abort',
    ]);
  });
});
