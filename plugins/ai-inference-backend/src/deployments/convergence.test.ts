import type {
  DataPlaneReport,
  DataPlaneRun,
  RolloutState,
} from '@greenroom/plugin-ai-inference-common';
import {
  dataPlaneReport,
  desiredDeployment,
  digestOf,
  loadedVersion,
} from '../__testUtils__/fixtures';
import { type ConvergenceQuestion, describeConvergence } from './convergence';

const START = '2026-05-03T12:00:00.000Z';
const NOW = new Date('2026-05-03T12:01:00Z');

function seen(
  publicUrl: string,
  models: DataPlaneReport['models'],
  online = true,
) {
  return {
    ...dataPlaneReport(models, { publicUrl }),
    online,
    firstSeenAt: '2026-05-03T11:00:00.000Z',
    lastSeenAt: '2026-05-03T12:00:50.000Z',
    snapshotAsOf: START,
  };
}

function ask(
  state: RolloutState,
  dataPlanes: ConvergenceQuestion['dataPlanes'],
  overrides: Partial<ConvergenceQuestion> = {},
) {
  const { environment, model, rollout: plan } = desiredDeployment(2);
  return describeConvergence({
    rollout: {
      environment,
      model,
      toVersion: 2,
      toDigest: digestOf(2),
      plan,
      state,
      startedAt: START,
    },
    split: [
      { version: 1, digest: digestOf(1), weightPercent: 90 },
      { version: 2, digest: digestOf(2), weightPercent: 10 },
    ],
    dataPlanes,
    changedAt: START,
    needed: 1,
    now: NOW,
    ...overrides,
  });
}

const both = [loadedVersion(1), loadedVersion(2)];
const broken = { ...loadedVersion(2, 'failed'), error: 'opset 99' };
const completed = { phase: 'completed', completedAt: START } as const;

describe('describeConvergence', () => {
  it('serves when every online data plane runs the wanted version', () => {
    expect(
      ask(completed, [seen('a', both), seen('gone', [], false)], {
        split: [{ version: 2, digest: digestOf(2), weightPercent: 100 }],
      }),
    ).toEqual({
      convergence: { state: 'serving' },
      dataPlanes: { ready: 1, total: 1, degraded: [] },
    });
  });

  it.each<[string, DataPlaneRun, object]>([
    [
      'sleeps',
      { state: 'asleep', since: START, because: 'idle', reason: 'unneeded' },
      {
        state: 'asleep',
        reason: 'The data plane of production sleeps: unneeded',
        since: START,
      },
    ],
    [
      'starts',
      { state: 'starting', since: START },
      { state: 'moving', reason: 'The data plane of production starts' },
    ],
    [
      'does not come up',
      {
        state: 'failing',
        since: START,
        reason: 'its port is taken',
        attempts: 2,
        nextTryAt: START,
      },
      {
        state: 'waiting',
        reason: 'The data plane of production does not run: its port is taken',
        since: START,
        nextTryAt: START,
      },
    ],
  ])(
    'says that a data plane on demand %s, and only while none is online',
    (_what, run, convergence) => {
      expect(ask(completed, [seen('gone', [], false)], { run })).toEqual({
        convergence,
        dataPlanes: { ready: 0, total: 0, onDemand: true, degraded: [] },
      });
      expect(ask(completed, [seen('a', both)], { run }).convergence).toEqual({
        state: 'serving',
      });
    },
  );

  it('names the data planes that lack it, each with its reason', () => {
    const { convergence, dataPlanes } = ask(completed, [
      seen('a', both),
      seen('b', [loadedVersion(1), broken]),
      seen('c', [loadedVersion(1)]),
    ]);
    expect(dataPlanes).toEqual({
      ready: 1,
      total: 3,
      degraded: [
        {
          publicUrl: 'b',
          reason: 'The data plane at b could not load version 2: opset 99',
        },
        {
          publicUrl: 'c',
          reason:
            'The data plane at c has not heard of version 2 yet: it serves an earlier snapshot',
        },
      ],
    });
    expect(convergence).toEqual({
      state: 'degraded',
      reason:
        'The data plane at b could not load version 2: opset 99 (2 data planes are degraded)',
    });
  });

  it('names a data plane once that can run neither version', () => {
    const failed = { ...loadedVersion(1, 'failed'), error: 'no memory' };
    const { dataPlanes } = ask(
      { phase: 'progressing', step: 0, nextStepAt: START },
      [seen('a', both), seen('b', [failed, broken])],
    );
    expect(dataPlanes.degraded).toEqual([
      {
        publicUrl: 'b',
        reason:
          'The data plane at b could not load version 2: opset 99; The data plane at b could not load version 1: no memory',
      },
    ]);
  });

  it.each<[string, RolloutState, ConvergenceQuestion['dataPlanes'], object]>([
    [
      'is loaded',
      { phase: 'loading' },
      [seen('a', [loadedVersion(2, 'loading')])],
      { state: 'moving', reason: 'The data plane at a is loading version 2' },
    ],
    [
      'holds a step',
      { phase: 'progressing', step: 0, nextStepAt: '2026-05-03T12:02:00.000Z' },
      [seen('a', both)],
      {
        state: 'moving',
        reason: 'Version 2 has 10 % of the traffic until 2026-05-03 12:02 UTC',
      },
    ],
    [
      'has nobody to load it',
      { phase: 'loading' },
      [seen('a', both, false)],
      {
        state: 'waiting',
        reason: 'No data plane of production is online',
        since: '2026-05-03T12:00:50.000Z',
      },
    ],
    [
      'has a problem',
      {
        phase: 'loading',
        problem: {
          error: 'it does not load',
          since: START,
          attempts: 3,
          nextTryAt: '2026-05-03T12:02:00.000Z',
        },
      },
      [seen('a', [broken])],
      {
        state: 'waiting',
        reason: 'it does not load',
        since: START,
        nextTryAt: '2026-05-03T12:02:00.000Z',
      },
    ],
    [
      'was refused',
      { phase: 'rejected', rejectedAt: START, reason: 'errors went up' },
      [seen('a', both)],
      {
        state: 'rejected',
        reason: 'Version 2 was taken back: errors went up',
        since: START,
      },
    ],
  ])('says why while the version %s', (_what, state, dataPlanes, expected) => {
    expect(ask(state, dataPlanes).convergence).toEqual(expected);
  });

  it('loses patience with a data plane that only ever loads', () => {
    const loading = [seen('a', [loadedVersion(2, 'loading')])];
    expect(
      ask({ phase: 'loading' }, loading, {
        now: new Date('2026-05-03T12:05:00Z'),
      }).convergence,
    ).toEqual({
      state: 'waiting',
      reason: 'The data plane at a is loading version 2',
      since: START,
    });
  });

  it('is patient with a data plane that has just started', () => {
    const started = {
      ...seen('a', [loadedVersion(2, 'loading')]),
      firstSeenAt: '2026-05-03T12:04:30.000Z',
    };
    expect(
      ask(completed, [started], { now: new Date('2026-05-03T12:05:00Z') })
        .convergence.state,
    ).toBe('moving');
  });

  it('names a data plane that is online and serves an old snapshot', () => {
    const stale = {
      ...seen('b', both),
      snapshotAsOf: '2026-05-03T11:58:00.000Z',
    };
    const reason =
      'The data plane at b still serves the snapshot of 2026-05-03 11:58:00 UTC, and the split was changed at 2026-05-03 12:00:00 UTC';
    expect(ask(completed, [seen('a', both), stale])).toMatchObject({
      convergence: { state: 'degraded', reason },
      dataPlanes: { degraded: [{ publicUrl: 'b', reason }] },
    });
    // It had no time yet.
    expect(
      ask(completed, [seen('a', both), stale], {
        now: new Date('2026-05-03T12:00:10Z'),
      }).convergence,
    ).toEqual({ state: 'serving' });
  });

  it('does not call a data plane degraded that loads like the others', () => {
    expect(
      ask({ phase: 'loading' }, [seen('a', [loadedVersion(2, 'loading')])])
        .dataPlanes.degraded,
    ).toEqual([]);
  });

  it.each<
    [
      string,
      Partial<RolloutState>,
      Partial<ConvergenceQuestion['rollout']>,
      object,
    ]
  >([
    [
      'goes on while its guardrails are not seen',
      { step: 0, nextStepAt: '2026-05-03T12:10:00.000Z' },
      {},
      {
        state: 'moving',
        reason:
          'Version 2 has 10 % of the traffic until 2026-05-03 12:10 UTC; its guardrails are not seen: it sleeps',
      },
    ],
    [
      'waits at an analysis that cannot be read',
      { step: 1, nextStepAt: '2026-05-03T12:10:00.000Z' },
      {},
      {
        state: 'waiting',
        reason: 'The analysis of version 2 cannot be read: it sleeps',
        since: '2026-05-03T11:50:00.000Z',
      },
    ],
    [
      'gets no more traffic where the guardrails were seen, and are not for long',
      { step: 0, nextStepAt: '2026-05-03T12:10:00.000Z' },
      { analysisSeenAt: '2026-05-03T11:49:00.000Z' },
      {
        state: 'waiting',
        reason:
          'Version 2 gets no more traffic until its guardrails are seen again: it sleeps',
        since: '2026-05-03T11:50:00.000Z',
      },
    ],
  ])('%s', (_what, progressing, overrides, expected) => {
    const { environment, model } = desiredDeployment(2);
    expect(
      ask(completed, [seen('a', both)], {
        rollout: {
          environment,
          model,
          toVersion: 2,
          toDigest: digestOf(2),
          plan: {
            strategy: 'canary',
            steps: [
              { weightPercent: 10, holdSeconds: 60 },
              { analysisSeconds: 600 },
            ],
          },
          state: {
            phase: 'progressing',
            unseen: { since: '2026-05-03T11:50:00.000Z', reason: 'it sleeps' },
            ...progressing,
          } as RolloutState,
          startedAt: START,
          ...overrides,
        },
      }).convergence,
    ).toEqual(expected);
  });

  it('says who took a version back, and what is asked', () => {
    expect(
      ask(
        {
          phase: 'rejected',
          rejectedAt: START,
          by: 'brake',
          reason: '37 of 40 failed',
        },
        [seen('a', both)],
      ).convergence,
    ).toMatchObject({
      reason:
        'Version 2 was taken back by the brake of a data plane: 37 of 40 failed',
    });
    expect(
      ask(
        {
          phase: 'progressing',
          step: 0,
          nextStepAt: START,
          paused: {
            since: START,
            by: 'plan',
            asks: true,
            reason: 'Undecided. Go on, or take it back',
            leftSeconds: 0,
          },
        },
        [seen('a', both)],
      ).convergence,
    ).toEqual({
      state: 'paused',
      reason:
        'Version 2 keeps 10 % of the traffic until somebody decides. Undecided. Go on, or take it back',
      since: START,
    });
  });

  it('is degraded where a data plane has taken the traffic from a version that nobody rolls out', () => {
    const brake = {
      model: 'digits',
      version: 2,
      digest: digestOf(2),
      since: START,
      requests: 40,
      failures: 37,
      otherRequests: 0,
      otherFailures: 0,
      reason: 'it answers with 500',
    };
    expect(
      ask(completed, [{ ...seen('a', both), brakes: [brake] }], {
        split: [{ version: 2, digest: digestOf(2), weightPercent: 100 }],
      }).convergence,
    ).toEqual({
      state: 'degraded',
      reason:
        'Version 2: the data plane at a took its traffic away at 12:00:00 UTC, when 37 of its last 40 requests failed: it answers with 500',
    });
  });
});
