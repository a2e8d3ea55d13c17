import type { RolloutPlan } from '@greenroom/plugin-ai-registry-common';
import { startRollout } from '../deployments/deployment';
import type { TrafficSplit } from '../deployments/trafficSplit';
import { desiredDeployment, digestOf } from '../__testUtils__/fixtures';
import { analysisFor, hasSameAnalysis } from './analysis';
import { comparedRoute, followComparison, nextComparison } from './comparison';
import type { RolloutRecord } from './rollout';

const START = new Date('2026-05-03T12:00:00Z');

function at(seconds: number): Date {
  return new Date(START.getTime() + seconds * 1_000);
}

function splitOf(percents: Record<number, number>): TrafficSplit {
  return Object.entries(percents).map(([version, weightPercent]) => ({
    version: Number(version),
    digest: digestOf(Number(version)),
    weightPercent,
  }));
}

const variant = (version: number, sharePercent: number) => ({
  version,
  digest: digestOf(version),
  sharePercent,
});

const experiment: RolloutPlan = {
  strategy: 'experiment',
  control: variant(1, 40),
  treatments: [variant(2, 30), variant(3, 30)],
  namespace: { name: 'checkout', fromPercent: 0, toPercent: 50 },
  end: { atMostSeconds: 3_600, minUnitsPerVariant: 10, winner: 'serve' },
};
const shadow: RolloutPlan = {
  strategy: 'shadow',
  samplePercent: 20,
  maxCopiesInFlight: 8,
  forSeconds: 600,
};
const adaptive: RolloutPlan = {
  strategy: 'adaptive',
  floorPercent: 5,
  metric: 'clicks',
  updateSeconds: 600,
  atMostSeconds: 3_700,
};

/** At the first step of the plan. */
function progressing(plan?: RolloutPlan): RolloutRecord {
  const { rollout } = startRollout({
    desired: desiredDeployment(2, plan && { rollout: plan }),
    rolloutId: 'r',
    now: START,
  });
  return {
    ...rollout,
    state: {
      phase: 'progressing',
      step: 0,
      nextStepAt: at(600).toISOString(),
    },
  };
}

function follow(
  rollout: RolloutRecord,
  percents: Record<number, number>,
  seconds = 0,
) {
  return followComparison(rollout, {
    split: splitOf(percents),
    provenVersion: 1,
    now: at(seconds),
  });
}

describe('followComparison', () => {
  it('makes each change of the shares another comparison, and nothing else', () => {
    const first = follow(progressing(), { 1: 90, 2: 10 });
    expect(first.comparison).toMatchObject({
      id: 'r.1',
      control: 1,
      variants: [
        { version: 1, sharePercent: 90 },
        { version: 2, sharePercent: 10 },
      ],
      isShadow: false,
      looks: 2,
      startedAt: at(0).toISOString(),
    });
    expect(follow(first, { 1: 90, 2: 10 }, 10)).toBe(first);
    const second = follow(first, { 1: 50, 2: 50 }, 20);
    expect(second.comparison).toMatchObject({
      id: 'r.2',
      looks: 2,
      startedAt: at(20).toISOString(),
    });
    const done = follow(
      {
        ...second,
        state: { phase: 'completed', completedAt: at(30).toISOString() },
      },
      { 1: 0, 2: 100 },
      30,
    );
    expect(done.comparison).toEqual({
      ...second.comparison,
      endedAt: at(30).toISOString(),
    });
    expect(comparedRoute(done)).toEqual({});
  });

  it('compares anew, for half the chance, what was away and came back', () => {
    let rollout = follow(progressing(), { 1: 90, 2: 10 });
    const looks: number[] = [];
    for (const weight of [50, 0, 50, 0, 50]) {
      rollout = follow(rollout, { 1: 100 - weight, 2: weight });
      looks.push(
        rollout.comparison?.endedAt ? 0 : rollout.comparison?.looks ?? 0,
      );
    }
    // All the unplanned ones together are at most one more of the two that are planned.
    expect(looks).toEqual([2, 0, 4, 0, 8]);
    expect(rollout.comparison?.id).toBe('r.4');
    // Begun anew, all of it begins anew but the numbers.
    const anew = follow(
      { ...rollout, firstComparison: nextComparison(rollout) },
      { 1: 90, 2: 10 },
    );
    expect(anew.comparison).toMatchObject({ id: 'r.5', looks: 2 });
  });

  it.each<[string, RolloutRecord, Record<number, number>]>([
    ['nothing is shared', progressing(), { 1: 100, 2: 0 }],
    ['somebody else has traffic too', progressing(), { 1: 50, 2: 10, 4: 40 }],
    ['nothing was proven', progressing(), { 4: 50, 2: 50 }],
    [
      'it is still loading',
      { ...progressing(), state: { phase: 'loading' } },
      { 1: 50, 2: 50 },
    ],
    [
      'it is from before analyses',
      { ...progressing(), analysis: undefined },
      { 1: 50, 2: 50 },
    ],
  ])('compares nothing while %s', (_what, rollout, percents) => {
    expect(follow(rollout, percents).comparison).toBeUndefined();
  });

  it('compares all versions of an experiment, for those who take part', () => {
    const rollout = follow(progressing(experiment), { 1: 40, 2: 30, 3: 30 });
    expect(rollout.comparison).toMatchObject({
      control: 1,
      variants: [
        { version: 1, sharePercent: 40 },
        { version: 2, sharePercent: 30 },
        { version: 3, sharePercent: 30 },
      ],
      looks: 1,
    });
    expect(comparedRoute(rollout)).toEqual({
      comparison: {
        id: 'r.1',
        control: 1,
        namespace: { name: 'checkout', fromPercent: 0, toPercent: 50 },
      },
    });
  });

  it('has a shadow answer copies, without any traffic', () => {
    const rollout = follow(progressing(shadow), { 1: 100, 2: 0 });
    expect(rollout.comparison).toMatchObject({
      isShadow: true,
      variants: [
        { version: 1, sharePercent: 100 },
        { version: 2, sharePercent: 0 },
      ],
    });
    expect(comparedRoute(rollout)).toEqual({
      shadow: {
        comparison: 'r.1',
        version: 2,
        samplePercent: 20,
        maxCopiesInFlight: 8,
      },
    });
  });

  it('counts the updates of an adaptive plan that fit in its time', () => {
    const rollout = follow(progressing(adaptive), { 1: 50, 2: 50 });
    expect(rollout.comparison?.looks).toBe(6);
  });
});

describe('analysisFor', () => {
  it.each([
    ['a canary', desiredDeployment(2), false, ['errors', 'latency'], []],
    ["a provider's model", desiredDeployment(2), true, ['errors'], []],
    [
      'a shadow',
      desiredDeployment(2, { rollout: shadow }),
      false,
      ['errors', 'latency'],
      ['agreement'],
    ],
  ])(
    'watches the guardrails that all have: %s',
    (_what, desired, isExternal, guardrails, metrics) => {
      const { analysis, hasOwnAnalysis } = analysisFor(desired, { isExternal });
      expect(hasOwnAnalysis).toBe(false);
      expect(analysis?.guardrails.map(({ name }) => name)).toEqual(guardrails);
      expect(analysis?.metrics.map(({ name }) => name)).toEqual(metrics);
    },
  );

  it('takes the plan of the manifest, and tells it from another one', () => {
    const analysis = { metrics: [], guardrails: [], minUnitsPerVariant: 7 };
    const { rollout } = startRollout({
      desired: desiredDeployment(2, { analysis }),
      rolloutId: 'r',
      now: START,
    });
    expect(rollout).toMatchObject({ analysis, hasOwnAnalysis: true });
    expect(hasSameAnalysis(rollout, { analysis: { ...analysis } })).toBe(true);
    expect(hasSameAnalysis(rollout, {})).toBe(false);
    const own = { metrics: [], minUnitsPerVariant: 7 };
    const common = {
      ...rollout,
      ...analysisFor(
        { rollout: rollout.plan, analysis: own },
        { isExternal: true },
      ),
    };
    expect(common.analysis?.guardrails.map(({ name }) => name)).toEqual([
      'errors',
    ]);
    expect(hasSameAnalysis(common, { analysis: own })).toBe(true);
    expect(hasSameAnalysis(common, { analysis })).toBe(false);
  });

  it('compares nothing where all traffic moves at once', () => {
    expect(
      analysisFor(
        desiredDeployment(2, { rollout: { strategy: 'immediate', steps: [] } }),
        { isExternal: false },
      ),
    ).toEqual({ hasOwnAnalysis: false });
  });
});
