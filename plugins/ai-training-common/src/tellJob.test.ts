import type { JobState } from './job';
import { tellProgress, tellState, tellStopReason } from './tellJob';

const since = '2026-05-01T12:00:00.000Z';

describe('tellState', () => {
  it.each<[JobState, string]>([
    [
      {
        phase: 'queued',
        since,
        reason: { kind: 'behind-others', position: 3, flavor: 'a100' },
      },
      'it waits: number 3 in the queue of flavor a100',
    ],
    [
      {
        phase: 'queued',
        since,
        reason: {
          kind: 'no-capacity',
          flavor: 'a100',
          needs: 4,
          free: 1,
          position: 1,
        },
      },
      'it waits: it needs 4 of flavor a100, of which 1 is free; number 1 in its queue',
    ],
    [
      {
        phase: 'queued',
        since,
        reason: {
          kind: 'never-fits',
          flavor: 'a100',
          needs: 9,
          most: 8,
          limit: 'quota',
        },
      },
      'it waits: it needs 9 of flavor a100, and its team may never use more than 8: cancel it, and ask for less',
    ],
    [
      {
        phase: 'starting',
        since,
        reason: { kind: 'kueue', queue: 'teams', message: 'no quota' },
      },
      "it starts: it waits in Kueue's queue teams: no quota",
    ],
    [
      {
        phase: 'starting',
        since,
        reason: { kind: 'kueue', queue: 'teams', position: 2, before: 1 },
      },
      "it starts: number 2 in Kueue's queue teams",
    ],
    [
      {
        phase: 'starting',
        since,
        reason: { kind: 'kueue', queue: 'teams', position: 2, before: 7 },
      },
      "it starts: number 2 in Kueue's queue teams, and number 8 of all that wait for its quotas",
    ],
    [
      {
        phase: 'starting',
        since,
        reason: {
          kind: 'kueue',
          queue: 'teams',
          position: 3,
          isEstimate: true,
          message: 'no quota',
        },
      },
      "it starts: about number 3 in Kueue's queue teams: no quota",
    ],
    [
      {
        phase: 'stopping',
        since,
        why: {
          kind: 'start-timeout',
          minutes: 10,
          reason: { kind: 'image-not-pulled', message: 'no such image' },
        },
      },
      'it is being ended: it did not start within 10 minutes: its image cannot be pulled: no such image',
    ],
    [
      {
        phase: 'failed',
        since,
        end: { kind: 'program-failed', exitCode: 3, lastLines: 'secret' },
      },
      'it failed: its program ended with exit code 3',
    ],
    [
      {
        phase: 'failed',
        since,
        end: { kind: 'out-of-memory', limitBytes: 512 * 1024 ** 2 },
      },
      'it failed: it needed more memory than its 512 MiB',
    ],
    [
      {
        phase: 'failed',
        since,
        end: {
          kind: 'stopped',
          why: {
            kind: 'no-budget',
            team: 'group:default/vision',
            amount: 100,
            spent: 100.456,
            currency: 'EUR',
          },
        },
      },
      'it failed: the budget of group:default/vision for the month is used up: 100.46 of 100 EUR',
    ],
    [
      { phase: 'cancelled', since, by: 'user:default/ada' },
      'user:default/ada cancelled it',
    ],
  ])('of %j', (state, sentence) => {
    expect(tellState(state)).toBe(sentence);
  });

  it('shows what a newer portal says as it is', () => {
    const state = { phase: 'paused', since } as unknown as JobState;
    expect(tellState(state)).toBe(JSON.stringify(state));
  });
});

describe('tellProgress', () => {
  it.each([
    [{}, undefined],
    [{ progressPercentage: 0 }, '0 %'],
    [{ estimatedRemainingSeconds: 89 }, 'about 89 s left'],
    [
      { progressPercentage: 40, estimatedRemainingSeconds: 200 },
      '40 %, about 3 min left',
    ],
    [{ estimatedRemainingSeconds: 7_000 }, 'about 2 h left'],
  ])('of %j: %s', (status, text) => {
    expect(tellProgress({ ...status, lastUpdatedTime: since })).toBe(text);
  });
});

it.each([
  [1, 'it used up its deadline of 1 minute'],
  [2, 'it used up its deadline of 2 minutes'],
])('counts %s minutes', (minutes, told) => {
  expect(tellStopReason({ kind: 'deadline', minutes })).toBe(told);
});
