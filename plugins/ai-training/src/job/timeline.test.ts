import type { JobEvent } from '@greenroom/plugin-ai-training-common';
import { timelineOf } from './timeline';

const at = '2026-05-03T10:00:00.000Z';

const preparing = (id: number, what: string, attempt = 1): JobEvent => ({
  id,
  at,
  attempt,
  state: { phase: 'starting', since: at, reason: { kind: 'preparing', what } },
});

const creating = (id: number, attempt = 1): JobEvent => ({
  id,
  at,
  attempt,
  state: { phase: 'starting', since: at, reason: { kind: 'creating' } },
});

describe('timelineOf', () => {
  it('has what goes on once, in its last words', () => {
    const entries = timelineOf([
      {
        id: 1,
        at,
        state: { phase: 'queued', since: at, reason: { kind: 'new' } },
      },
      preparing(2, 'the environment is made'),
      preparing(3, 'installing numpy'),
      creating(8),
      { id: 4, at, attempt: 1, state: { phase: 'running', since: at } },
      preparing(5, 'the environment is made', 2),
    ]);
    expect(
      entries.map(({ event, said }) => [event.id, said.explanation]),
    ).toEqual([
      [1, expect.stringMatching(/within seconds/)],
      [2, 'Installing numpy.'],
      [4, expect.stringMatching(/as it comes/)],
      [5, 'The environment is made.'],
    ]);
    expect(timelineOf([])).toEqual([]);
  });

  it('says once of each attempt that it is being made', () => {
    const entries = timelineOf([
      creating(1),
      preparing(2, 'the environment is made'),
      creating(3),
      creating(4, 2),
    ]);
    expect(entries.map(({ event }) => event.id)).toEqual([1, 2, 4]);
  });
});
