import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { toMarkers } from './markers';

function at(minute: number): string {
  return new Date(Date.UTC(2026, 4, 3, 12, minute)).toISOString();
}

function rollout(overrides: Partial<Rollout> = {}): Rollout {
  return {
    id: 'r',
    environment: 'production',
    model: 'digits',
    fromVersion: 1,
    toVersion: 2,
    kind: 'promotion',
    plan: { strategy: 'canary', steps: [] },
    state: { phase: 'completed', completedAt: at(2) },
    commit: 'c',
    startedAt: at(0),
    history: [
      { at: at(0), weightPercent: 0, note: '' },
      { at: at(1), weightPercent: 10, note: '' },
      { at: at(2), weightPercent: 100, note: '' },
    ],
    ...overrides,
  };
}

const ALL_DAY = { from: at(-720), to: at(720) };

describe('toMarkers', () => {
  it('marks the beginning, the steps and the end, oldest first', () => {
    const rollback = rollout({
      kind: 'rollback',
      toVersion: 1,
      state: { phase: 'loading' },
      history: [{ at: at(5), weightPercent: 0, note: '' }],
    });
    expect(
      toMarkers([rollback, rollout()], ALL_DAY).map(({ kind, title }) => [
        kind,
        title,
      ]),
    ).toEqual([
      ['promotion', 'Promotion of version 2'],
      ['rollout-step', 'Version 2 gets 10 %'],
      ['rollout-completed', 'Version 2 gets all traffic'],
      ['rollback', 'Rollback to version 1'],
    ]);
  });

  it.each([
    [{ phase: 'rejected', rejectedAt: at(2), reason: '' } as const, 'rejected'],
    [{ phase: 'superseded', supersededAt: at(2) } as const, 'superseded'],
  ])('says that a rollout ended early', (state, word) => {
    expect(toMarkers([rollout({ state })], ALL_DAY).at(-1)).toMatchObject({
      kind: 'rollout-step',
      title: `Rollout of version 2 ${word}`,
    });
  });

  it('does not mark that a rollout was held: no traffic moved', () => {
    const held = rollout({
      state: { phase: 'progressing', step: 0, nextStepAt: at(9) },
      history: [
        { at: at(0), weightPercent: 0, note: 'loading' },
        { at: at(1), weightPercent: 0, note: 'Held, and tried again' },
        { at: at(2), weightPercent: 10, note: 'Step 1' },
      ],
    });
    expect(toMarkers([held], ALL_DAY).map(({ title }) => title)).toEqual([
      'Promotion of version 2',
      'Version 2 gets 10 %',
    ]);
  });

  it('keeps to the range, whatever time zone it is written in', () => {
    const span = { from: '2026-05-03T14:01:00+02:00', to: at(2) };
    expect(toMarkers([rollout()], span).map(marker => marker.at)).toEqual([
      at(1),
    ]);
  });

  it('keeps the newest thousand', () => {
    const history = Array.from({ length: 1_500 }, (_, step) => ({
      at: new Date(Date.parse(at(0)) + step * 1_000).toISOString(),
      weightPercent: step % 100,
      note: '',
    }));
    const markers = toMarkers([rollout({ history })], ALL_DAY);
    expect(markers).toHaveLength(1_000);
    expect(markers.at(-1)?.at).toBe(history[1_499].at);
  });
});
