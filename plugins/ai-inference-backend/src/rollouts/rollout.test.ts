import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import { startRollout } from '../deployments/deployment';
import type { TrafficSplit } from '../deployments/trafficSplit';
import {
  dataPlaneReport,
  desiredDeployment,
  digestOf,
  loadedVersion,
} from '../__testUtils__/fixtures';
import type { SeenDataPlane } from './loadProgress';
import {
  applyRolloutAction,
  nextRolloutAction,
  type RolloutRecord,
} from './rollout';

const START = new Date('2026-05-03T12:00:00Z');

function after(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1_000);
}

function online(...models: DataPlaneReport['models']): SeenDataPlane {
  return { ...dataPlaneReport(models), online: true };
}

/** A rollout from version 1 with all traffic to version 2, which is loading. */
function canary(overrides: Partial<RolloutRecord> = {}): RolloutRecord {
  const first = startRollout({
    desired: desiredDeployment(1),
    rolloutId: 'first',
    now: START,
  });
  const { rollout } = startRollout({
    current: {
      deployment: first.deployment,
      rollout: {
        ...first.rollout,
        state: { phase: 'completed', completedAt: START.toISOString() },
      },
    },
    desired: desiredDeployment(2),
    rolloutId: 'second',
    now: START,
  });
  return { ...rollout, ...overrides };
}

const SPLIT: TrafficSplit = [
  { version: 1, digest: digestOf(1), weightPercent: 100 },
  { version: 2, digest: digestOf(2), weightPercent: 0 },
];

describe('nextRolloutAction', () => {
  it.each([
    ['no data plane is online', []],
    [
      'only one that is gone has it',
      [{ ...online(loadedVersion(2)), online: false }],
    ],
    [
      'one is still loading',
      [online(loadedVersion(2)), online(loadedVersion(2, 'loading'))],
    ],
    ['one has not heard of it', [online(loadedVersion(2)), online()]],
    [
      'the bytes are others',
      [online({ ...loadedVersion(2), digest: digestOf(3) })],
    ],
  ])('waits while %s', (_what, dataPlanes) => {
    expect(nextRolloutAction(canary(), START, dataPlanes)).toEqual({
      kind: 'wait',
    });
  });

  it('fails when a data plane cannot load the version, with its reason', () => {
    const failed = { ...loadedVersion(2, 'failed'), error: 'opset 99' };
    expect(
      nextRolloutAction(canary(), START, [
        online(loadedVersion(2)),
        online(failed),
      ]),
    ).toEqual({
      kind: 'fail',
      error:
        'The data plane at http://127.0.0.1:7080 could not load version 2: opset 99',
    });
  });

  it('walks through the steps, holding each, and completes', () => {
    const ready = [online(loadedVersion(2))];
    let rollout = canary();
    let split = SPLIT;
    const seen: [number, string, number[]][] = [];
    for (let second = 0; second <= 120; second++) {
      const now = after(second);
      const action = nextRolloutAction(rollout, now, ready);
      if (action.kind === 'wait') continue;
      ({ rollout, split } = applyRolloutAction({
        rollout,
        split,
        action,
        now,
      }));
      seen.push([
        second,
        rollout.state.phase,
        split.map(({ weightPercent }) => weightPercent),
      ]);
    }
    expect(seen).toEqual([
      [0, 'progressing', [90, 10]],
      [30, 'progressing', [50, 50]],
      [90, 'completed', [0, 100]],
    ]);
    expect(rollout.history.map(({ weightPercent }) => weightPercent)).toEqual([
      0, 10, 50, 100,
    ]);
    expect(rollout.history[1].note).toBe(
      'Step 1 of 2: version 2 gets 10 % for 30 seconds',
    );
  });

  it('holds a step longer while a data plane that has just come does not run the version', () => {
    const progressing = canary({
      state: {
        phase: 'progressing',
        step: 0,
        nextStepAt: after(30).toISOString(),
      },
    });
    const dataPlanes = [online(loadedVersion(2)), online()];
    expect(nextRolloutAction(progressing, after(40), dataPlanes)).toEqual({
      kind: 'wait',
    });
  });

  it('completes at once when the plan says so', () => {
    const immediate = canary({ plan: { strategy: 'immediate', steps: [] } });
    expect(
      nextRolloutAction(immediate, START, [online(loadedVersion(2))]),
    ).toEqual({ kind: 'complete' });
  });

  it('does not hold the first deployment of a model', () => {
    const { rollout } = startRollout({
      desired: desiredDeployment(1),
      rolloutId: 'first',
      now: START,
    });
    expect(nextRolloutAction(rollout, START, [online()])).toEqual({
      kind: 'wait',
    });
    expect(
      nextRolloutAction(rollout, START, [online(loadedVersion(1))]),
    ).toEqual({ kind: 'complete' });
  });

  it('skips steps that would give less than the version has already', () => {
    const halfway = canary({
      startSplit: [
        { version: 1, digest: digestOf(1), weightPercent: 80 },
        { version: 2, digest: digestOf(2), weightPercent: 20 },
      ],
    });
    expect(
      nextRolloutAction(halfway, START, [online(loadedVersion(2))]),
    ).toMatchObject({ kind: 'step', step: 1, weightPercent: 50 });
  });

  it.each([
    { phase: 'completed', completedAt: START.toISOString() } as const,
    { phase: 'superseded', supersededAt: START.toISOString() } as const,
    { phase: 'failed', failedAt: START.toISOString(), error: '' } as const,
  ])('leaves a rollout alone that is $phase', state => {
    expect(
      nextRolloutAction(canary({ state }), after(999), [
        online(loadedVersion(2)),
      ]),
    ).toEqual({ kind: 'wait' });
  });
});

describe('applyRolloutAction', () => {
  it('gives the traffic back when a rollout fails halfway', () => {
    const { rollout, split } = applyRolloutAction({
      rollout: canary(),
      split: SPLIT.map(variant => ({ ...variant, weightPercent: 50 })),
      action: { kind: 'fail', error: 'it does not load' },
      now: after(40),
    });
    expect(split).toEqual([
      expect.objectContaining({ version: 1, weightPercent: 100 }),
    ]);
    expect(rollout.state).toEqual({
      phase: 'failed',
      failedAt: after(40).toISOString(),
      error: 'it does not load',
    });
    expect(rollout.history.at(-1)).toMatchObject({ weightPercent: 0 });
  });
});
