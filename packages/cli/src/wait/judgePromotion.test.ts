import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { judgePromotion } from './judgePromotion';

const commit = 'b'.repeat(40);
const gate = (status: Promotion['gates'][number]['status']) => ({
  id: 'evaluation' as const,
  title: 'Evaluation',
  status,
  summary: 'It is worse',
});
const promotion = (
  state: Promotion['state'],
  gates: Promotion['gates'] = [],
) => ({ state, gates, steps: [], environment: 'production' });
const completed = (
  kind: 'serving' | 'rejected' | 'superseded' | 'not-served',
) =>
  promotion({
    phase: 'completed',
    commit,
    mergedAt: '',
    completedAt: '',
    outcome: { kind, note: 'why' },
  });

describe('judgePromotion', () => {
  it.each([
    ['checked', promotion({ phase: 'checking' }), 'waiting'],
    [
      'checked',
      promotion({ phase: 'awaiting-review' }, [gate('passed')]),
      'done',
    ],
    [
      'checked',
      promotion({ phase: 'awaiting-review' }, [gate('running')]),
      'waiting',
    ],
    [
      'checked',
      promotion({ phase: 'awaiting-review' }, [gate('undecided')]),
      'failed',
    ],
    [
      'checked',
      promotion({ phase: 'awaiting-review' }, [
        gate('warned'),
        gate('waiting'),
        gate('skipped'),
      ]),
      'done',
    ],
    [
      'checked',
      promotion({ phase: 'rolling-out', commit, mergedAt: '' }),
      'done',
    ],
    ['merged', promotion({ phase: 'awaiting-review' }), 'waiting'],
    ['merged', promotion({ phase: 'merging' }), 'waiting'],
    [
      'merged',
      promotion({ phase: 'rolling-out', commit, mergedAt: '' }),
      'done',
    ],
    ['merged', completed('rejected'), 'done'],
    [
      'completed',
      promotion({ phase: 'rolling-out', commit, mergedAt: '' }),
      'waiting',
    ],
    ['completed', completed('serving'), 'done'],
    ['completed', completed('rejected'), 'failed'],
    ['completed', completed('superseded'), 'failed'],
    ['completed', completed('not-served'), 'failed'],
    [
      'merged',
      promotion({ phase: 'blocked', failedGates: ['evaluation'] }),
      'failed',
    ],
    [
      'checked',
      promotion({ phase: 'failed', step: 'merge', error: 'x' }),
      'failed',
    ],
    [
      'completed',
      promotion({
        phase: 'closed',
        closedBy: 'user:default/ada',
        closedAt: '',
        reason: 'no',
      }),
      'failed',
    ],
  ] as const)('until %s, %j: %s', (until, looked, state) => {
    expect(judgePromotion(looked, until).state).toBe(state);
  });

  it('says which gate is against it', () => {
    expect(
      judgePromotion(
        promotion({ phase: 'awaiting-review' }, [gate('failed')]),
        'checked',
      ).note,
    ).toBe('Evaluation: It is worse');
  });

  it('says what still waits for its time', () => {
    const judged = judgePromotion(
      promotion({ phase: 'awaiting-review' }, [
        gate('passed'),
        gate('waiting'),
      ]),
      'checked',
    );
    expect(judged.note).toBe(
      'nothing stands against it; it still waits: Evaluation: It is worse',
    );
  });
});
