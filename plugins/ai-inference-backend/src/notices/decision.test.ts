import type { RolloutState } from '@greenroom/plugin-ai-inference-common';
import { decisionOf } from './decision';

const AT = '2026-05-03T12:00:00.000Z';

const decide = (state: RolloutState) =>
  decisionOf({
    id: 'r',
    environment: 'production',
    model: 'digits',
    version: 2,
    state,
  });

describe('decisionOf', () => {
  it.each<[string, RolloutState, object]>([
    [
      'the analysis took it back',
      { phase: 'rejected', rejectedAt: AT, by: 'analysis', reason: 'errors' },
      {
        key: `r rejected ${AT}`,
        title: "'digits' in production: version 2 was taken back",
        description:
          'By the analysis: errors. What ran before has all traffic.',
        severity: 'high',
      },
    ],
    [
      'the brake took it back',
      { phase: 'rejected', rejectedAt: AT, by: 'brake', reason: '37 of 40' },
      { description: expect.stringContaining('By the brake of a data plane') },
    ],
    [
      'it never loaded',
      {
        phase: 'rejected',
        rejectedAt: AT,
        by: 'deadline',
        reason: 'it was not ready after 7 tries',
      },
      {
        description:
          'By its deadline: it was not ready after 7 tries. What ran before has all traffic.',
        severity: 'high',
      },
    ],
    [
      'a version won',
      {
        phase: 'completed',
        completedAt: AT,
        by: 'analysis',
        reason: 'version 2 won the experiment',
      },
      {
        key: `r completed ${AT}`,
        title: "'digits' in production: version 2 has all traffic",
        severity: 'normal',
      },
    ],
    [
      'a decision is asked for',
      {
        phase: 'progressing',
        step: 1,
        nextStepAt: AT,
        paused: {
          since: AT,
          by: 'plan',
          asks: true,
          reason: 'Undecided. Go on, or take it back',
          leftSeconds: 0,
        },
      },
      {
        key: `r asks ${AT}`,
        title: "'digits' in production: version 2 waits for a decision",
        description: 'Undecided. Go on, or take it back.',
      },
    ],
  ])('is told when %s', (_what, state, expected) => {
    expect(decide(state)).toMatchObject(expected);
  });

  it.each<[string, RolloutState]>([
    [
      'somebody took it back, who knows',
      {
        phase: 'rejected',
        rejectedAt: AT,
        by: 'user:default/grace',
        reason: 'no',
      },
    ],
    ['its plan came to its end', { phase: 'completed', completedAt: AT }],
    [
      'its plan pauses, as it says',
      {
        phase: 'progressing',
        step: 1,
        nextStepAt: AT,
        paused: { since: AT, by: 'plan', leftSeconds: 0 },
      },
    ],
    ['it loads', { phase: 'loading' }],
  ])('is nothing when %s', (_what, state) => {
    expect(decide(state)).toBeUndefined();
  });
});
