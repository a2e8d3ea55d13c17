import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import { startRollout } from '../deployments/deployment';
import type { TrafficSplit } from '../deployments/trafficSplit';
import type { SeenDataPlane } from '../dataPlanes/loadProgress';
import {
  dataPlaneReport,
  desiredDeployment,
  digestOf,
  loadedVersion,
} from '../__testUtils__/fixtures';
import { advanceRollout } from './applyRolloutAction';
import { nextRolloutAction } from './nextRolloutAction';
import type { RolloutRecord } from './rollout';
import type { RolloutSituation } from './situation';

const START = new Date('2026-05-03T12:00:00Z');

function after(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1_000);
}

function online(...models: DataPlaneReport['models']): SeenDataPlane {
  return { ...dataPlaneReport(models), online: true };
}

function weights(split: TrafficSplit) {
  return Object.fromEntries(
    split.map(({ version, weightPercent }) => [version, weightPercent]),
  );
}

function splitOf(percents: Record<number, number>): TrafficSplit {
  return Object.entries(percents).map(([version, weightPercent]) => ({
    version: Number(version),
    digest: digestOf(Number(version)),
    weightPercent,
  }));
}

/** A rollout of version 2 that is loading, from version 1, which is proven and has all traffic. */
function situation(
  overrides: Partial<RolloutSituation> & {
    rollout?: RolloutRecord;
    changes?: Partial<RolloutRecord>;
  } = {},
): RolloutSituation {
  const { changes, ...rest } = overrides;
  const first = startRollout({
    desired: desiredDeployment(1),
    rolloutId: 'first',
    now: START,
  });
  const done = advanceRollout({
    rollout: first.rollout,
    split: first.deployment.split,
    dataPlanes: [online(loadedVersion(1))],
    quorum: 1,
    now: START,
  });
  const { rollout, deployment } = startRollout({
    current: { deployment: { ...first.deployment, ...done }, ...done },
    desired: desiredDeployment(2),
    rolloutId: 'second',
    now: START,
  });
  return {
    rollout: { ...rollout, ...changes },
    split: deployment.split,
    provenVersion: 1,
    dataPlanes: [],
    quorum: 1,
    now: START,
    ...rest,
  };
}

const one = loadedVersion(1);
const two = loadedVersion(2);
const broken = { ...loadedVersion(2, 'failed'), error: 'opset 99' };

describe('nextRolloutAction', () => {
  it.each([
    ['no data plane is online', []],
    ['only one that is gone has it', [{ ...online(one, two), online: false }]],
    ['the only one is loading', [online(one, loadedVersion(2, 'loading'))]],
    ['it has not been heard of', [online(one), online(one)]],
    ['the bytes are others', [online({ ...two, digest: digestOf(3) })]],
  ])('waits while %s', (_what, dataPlanes) => {
    expect(nextRolloutAction(situation({ dataPlanes }))).toEqual({
      kind: 'wait',
    });
  });

  it.each([
    ['is still loading', online(one, loadedVersion(2, 'loading'))],
    ['could not load it', online(one, broken)],
    ['has not heard of it', online(one)],
  ])('is not held by one data plane that %s', (_what, sick) => {
    expect(
      nextRolloutAction(situation({ dataPlanes: [sick, online(one, two)] })),
    ).toMatchObject({ kind: 'step', split: splitOf({ 1: 90, 2: 10 }) });
  });

  it('waits for as many data planes as the quorum asks for', () => {
    const ready = online(one, two);
    const ask = (...dataPlanes: SeenDataPlane[]) =>
      nextRolloutAction(situation({ quorum: 2, dataPlanes })).kind;
    expect(ask(ready, online(one, broken))).toBe('note-problem');
    expect(ask(ready, ready, online(one, broken))).toBe('step');
  });

  it('goes back to a version that one data plane has, whatever the others and the quorum say', () => {
    const back: Partial<RolloutSituation> = {
      rollout: {
        ...situation().rollout,
        toVersion: 1,
        toDigest: digestOf(1),
        kind: 'rollback',
        plan: { strategy: 'immediate', steps: [] },
      },
      split: splitOf({ 1: 0, 2: 100 }),
      provenVersion: 2,
      quorum: 3,
      dataPlanes: [
        online(one, two),
        online(loadedVersion(1, 'failed'), two),
        online(loadedVersion(1, 'loading'), two),
      ],
    };
    expect(nextRolloutAction(situation(back))).toEqual({ kind: 'complete' });
  });

  it('says what is wrong, tries again ever more slowly, and takes the step once it loads', () => {
    const sick = [online(one, broken)];
    let current = situation({ dataPlanes: sick });
    const tries: [number, number, boolean][] = [];
    for (let second = 0; second < 1_200; second++) {
      const { rollout, loadAnew, actions } = advanceRollout({
        ...current,
        now: after(second),
      });
      current = { ...current, rollout };
      if (actions.length === 0 || rollout.state.phase !== 'loading') continue;
      expect(rollout.state.problem).toMatchObject({
        error:
          'The data plane at http://127.0.0.1:7080 could not load version 2: opset 99',
        since: START.toISOString(),
      });
      tries.push([second, rollout.state.problem?.attempts ?? 0, loadAnew]);
    }
    expect(tries).toEqual([
      [0, 1, false],
      [10, 2, true],
      [30, 3, true],
      [70, 4, true],
      [150, 5, true],
      [310, 6, true],
      [610, 7, true],
      [910, 8, true],
    ]);
    // Trying again is no history: what happened is that it was held.
    expect(current.rollout.history.map(({ note }) => note)).toEqual([
      expect.stringContaining('loading'),
      expect.stringContaining('Held, and tried again'),
    ]);
    const mended = advanceRollout({
      ...current,
      dataPlanes: [online(one, two)],
      now: after(1_200),
    });
    expect(mended.rollout.state).toEqual({
      phase: 'progressing',
      step: 0,
      nextStepAt: after(1_230).toISOString(),
    });
  });

  describe('of a version that does not load', () => {
    const GIVE_UP = { giveUpMillis: 15 * 60_000 };
    const playUntilEnd = (overrides: Partial<RolloutSituation>) => {
      let current = situation({ ...GIVE_UP, ...overrides });
      for (let second = 0; second < 3_600; second++) {
        const { rollout, split } = advanceRollout({
          ...current,
          now: after(second),
        });
        current = { ...current, rollout, split };
        if (
          !('nextStepAt' in rollout.state || rollout.state.phase === 'loading')
        )
          return { ...current, second };
      }
      return { ...current, second: Infinity };
    };

    it('takes it back when it was tried for long, and says why', () => {
      const { rollout, split, second } = playUntilEnd({
        dataPlanes: [online(one, broken)],
      });
      expect(second).toBe(910);
      expect(weights(split)).toEqual({ 1: 100, 2: 0 });
      expect(rollout.state).toEqual({
        phase: 'rejected',
        rejectedAt: after(910).toISOString(),
        by: 'deadline',
        reason:
          'it was not ready after 7 tries since 2026-05-03 12:00 UTC: The data plane at http://127.0.0.1:7080 could not load version 2: opset 99',
      });
      expect(rollout.history.at(-1)?.note).toMatch(
        /^Taken back by its deadline: it was not ready after 7 tries .*\. Version 1 gets all traffic$/,
      );
    });

    it.each<[string, Partial<RolloutSituation>]>([
      ['no bound is set', { giveUpMillis: undefined }],
      [
        'it is on its way',
        { dataPlanes: [online(one, loadedVersion(2, 'loading'))] },
      ],
      [
        'what was proven is not ready',
        { dataPlanes: [online({ ...one, state: 'loading' }, broken)] },
      ],
      [
        'nothing was proven',
        { provenVersion: undefined, split: splitOf({ 2: 100 }) },
      ],
      [
        'it is a way back',
        { rollout: { ...situation().rollout, kind: 'rollback' } },
      ],
      [
        'somebody has paused it',
        {
          rollout: {
            ...situation().rollout,
            state: {
              phase: 'loading',
              paused: { since: '', by: 'user:default/ada', leftSeconds: 0 },
            },
          },
        },
      ],
    ])('goes on trying while %s', (_what, overrides) => {
      const { rollout } = playUntilEnd({
        dataPlanes: [online(one, broken)],
        ...overrides,
      });
      expect(rollout.state.phase).toBe('loading');
    });

    it('does not hold against it that nobody could try it for a night', () => {
      const dataPlanes = [online(one, broken)];
      const { rollout } = advanceRollout(situation({ ...GIVE_UP, dataPlanes }));
      const morning = advanceRollout(
        situation({ ...GIVE_UP, rollout, dataPlanes, now: after(36_000) }),
      );
      expect(morning.rollout.state).toMatchObject({
        phase: 'loading',
        problem: { attempts: 2 },
      });
    });
  });

  it('does not count tries while nobody is online', () => {
    const { rollout } = advanceRollout(
      situation({ dataPlanes: [online(one, broken)] }),
    );
    expect(
      nextRolloutAction(situation({ rollout, dataPlanes: [], now: after(60) })),
    ).toEqual({ kind: 'wait' });
  });

  it('walks through the steps, holding each, and completes', () => {
    let current = situation({ dataPlanes: [online(one, two)] });
    const seen: [number, string, object][] = [];
    for (let second = 0; second <= 120; second++) {
      const { rollout, split, actions } = advanceRollout({
        ...current,
        now: after(second),
      });
      current = { ...current, rollout, split };
      if (actions.length > 0) {
        seen.push([second, rollout.state.phase, weights(split)]);
      }
    }
    expect(seen).toEqual([
      [0, 'progressing', { 1: 90, 2: 10 }],
      [30, 'progressing', { 1: 50, 2: 50 }],
      [90, 'completed', { 1: 0, 2: 100 }],
    ]);
    const { history } = current.rollout;
    expect(history.map(({ weightPercent }) => weightPercent)).toEqual([
      0, 10, 50, 100,
    ]);
    expect(history[1].note).toBe(
      'Step 1 of 2: version 2 gets 10 % for 30 seconds',
    );
  });

  it('holds a step while too few data planes run the version, and says when that is mended', () => {
    const progressing = situation({
      split: splitOf({ 1: 90, 2: 10 }),
      quorum: 2,
      changes: {
        state: {
          phase: 'progressing',
          step: 0,
          nextStepAt: after(30).toISOString(),
        },
      },
    });
    const ready = online(one, two);
    const held = advanceRollout({
      ...progressing,
      dataPlanes: [ready, online(one, broken)],
      now: after(40),
    });
    expect(held.rollout.state).toMatchObject({
      step: 0,
      problem: { attempts: 1 },
    });
    expect(weights(held.split)).toEqual({ 1: 90, 2: 10 });
    const early = advanceRollout({
      ...progressing,
      rollout: held.rollout,
      dataPlanes: [ready, ready],
      now: after(20),
    });
    expect(early.actions).toEqual(['mended']);
    expect(early.rollout.state).not.toHaveProperty('problem');
  });

  it('gives the traffic back while no data plane runs the new version, and goes on where it was', () => {
    const progressing = situation({
      split: splitOf({ 1: 50, 2: 50 }),
      changes: {
        state: {
          phase: 'progressing',
          step: 1,
          nextStepAt: after(60).toISOString(),
        },
      },
    });
    const away = advanceRollout({
      ...progressing,
      dataPlanes: [online(one, loadedVersion(2, 'loading'))],
      now: after(50),
    });
    expect(away.actions).toEqual(['fall-back']);
    expect(weights(away.split)).toEqual({ 1: 100, 2: 0 });
    const backLate = advanceRollout({
      ...progressing,
      ...away,
      dataPlanes: [online(one, two)],
      now: after(300),
    });
    expect(weights(backLate.split)).toEqual({ 1: 50, 2: 50 });
    expect(backLate.rollout.state).toEqual({
      phase: 'progressing',
      step: 1,
      // Held anew: nobody saw the version meanwhile.
      nextStepAt: after(360).toISOString(),
    });
    const backSoon = advanceRollout({
      ...progressing,
      ...away,
      dataPlanes: [online(one, two)],
      now: after(55),
    });
    expect(backSoon.rollout.state).toMatchObject({
      nextStepAt: after(60).toISOString(),
    });
  });

  it('lets what was superseded give way to what was proven, before the new version is there', () => {
    // Versions 1 and 2 at 50 to 50, a hotfix 4 with a step of 50 %.
    const hotfix = situation({
      changes: {
        toVersion: 4,
        toDigest: digestOf(4),
        plan: {
          strategy: 'canary',
          steps: [{ weightPercent: 50, holdSeconds: 30 }],
        },
      },
      split: splitOf({ 1: 50, 2: 50, 4: 0 }),
      dataPlanes: [online(one, two, loadedVersion(4, 'loading'))],
    });
    const before = advanceRollout(hotfix);
    expect(weights(before.split)).toEqual({ 1: 100, 2: 0, 4: 0 });
    const step = advanceRollout({
      ...hotfix,
      ...before,
      dataPlanes: [online(one, two, loadedVersion(4))],
    });
    expect(weights(step.split)).toEqual({ 1: 50, 2: 0, 4: 50 });
  });

  it('gives everything back at once when the change is taken back halfway', () => {
    const back = advanceRollout(
      situation({
        changes: {
          toVersion: 1,
          toDigest: digestOf(1),
          kind: 'push',
          startSplit: splitOf({ 1: 50, 2: 50 }),
        },
        split: splitOf({ 1: 50, 2: 50 }),
        quorum: 2,
        dataPlanes: [online(one, two)],
      }),
    );
    expect(back.actions).toEqual(['give-way', 'complete']);
    expect(weights(back.split)).toEqual({ 1: 100, 2: 0 });
    expect(back.provenVersion).toBe(1);
  });

  it('completes at once when the plan says so', () => {
    const immediate = situation({
      changes: { plan: { strategy: 'immediate', steps: [] } },
      dataPlanes: [online(two)],
    });
    expect(nextRolloutAction(immediate)).toEqual({ kind: 'complete' });
  });

  it('does not hold the first deployment of a model', () => {
    const { rollout, deployment } = startRollout({
      desired: desiredDeployment(1),
      rolloutId: 'first',
      now: START,
    });
    const first = {
      rollout,
      split: deployment.split,
      provenVersion: undefined,
    };
    expect(
      nextRolloutAction(situation({ ...first, dataPlanes: [online()] })),
    ).toEqual({ kind: 'wait' });
    expect(
      nextRolloutAction(situation({ ...first, dataPlanes: [online(one)] })),
    ).toEqual({ kind: 'complete' });
  });

  it('skips steps that would give less than the version has already', () => {
    const split = splitOf({ 1: 80, 2: 20 });
    expect(
      nextRolloutAction(
        situation({
          changes: { startSplit: split },
          split,
          dataPlanes: [online(one, two)],
        }),
      ),
    ).toMatchObject({
      kind: 'step',
      step: 1,
      split: splitOf({ 1: 50, 2: 50 }),
    });
  });

  it.each([
    { phase: 'completed', completedAt: START.toISOString() } as const,
    { phase: 'superseded', supersededAt: START.toISOString() } as const,
    {
      phase: 'rejected',
      rejectedAt: START.toISOString(),
      reason: 'errors',
    } as const,
  ])('leaves a rollout alone that is $phase', state => {
    expect(
      nextRolloutAction(
        situation({
          changes: { state },
          dataPlanes: [online(one, two)],
          now: after(999),
        }),
      ),
    ).toEqual({ kind: 'wait' });
  });
});
