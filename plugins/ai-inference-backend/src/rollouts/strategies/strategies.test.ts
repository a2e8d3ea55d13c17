import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type {
  AnalysisPlan,
  DesiredDeployment,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import {
  comparedMetric,
  comparisonReport,
} from '../../__testUtils__/comparisonReport';
import {
  dataPlaneReport,
  desiredDeployment,
  digestOf,
  loadedVersion,
} from '../../__testUtils__/fixtures';
import { startRollout } from '../../deployments/deployment';
import { advanceRollout } from '../applyRolloutAction';
import type { AnalysisReading } from '../AnalysisSource';
import type { RolloutRecord } from '../rollout';
import { rejectRollout, resumeRollout, skipAnalysis } from '../steer';

const START = new Date('2026-05-03T12:00:00Z');
const GRACE = 'user:default/grace';

const clicks: AnalysisPlan['metrics'][number] = {
  name: 'clicks',
  measure: { kind: 'outcome', outcome: 'clicks' },
  direction: 'higher-is-better',
  margin: 0.01,
  alpha: 0.05,
  power: 0.8,
};
const withClicks: DesiredDeployment['analysis'] = {
  metrics: [clicks],
  minUnitsPerVariant: 100,
};

/** Version 1 serves; a rollout to another one is moved by its plan, data planes and analysis. */
class Stage {
  nowMillis = START.getTime();
  rollout: RolloutRecord;
  split;
  provenVersion: number | undefined = 1;
  models: DataPlaneReport['models'] = [1, 2, 3].map(version =>
    loadedVersion(version),
  );
  brakes: DataPlaneReport['brakes'];
  /** What is said of what is compared; a function of nothing else. */
  said: Partial<ComparisonReport> | 'away' | 'nothing-counted' = {};

  constructor(
    plan: RolloutPlan,
    options: {
      analysis?: DesiredDeployment['analysis'];
      version?: number;
    } = {},
  ) {
    const first = startRollout({
      desired: desiredDeployment(1),
      rolloutId: 'first',
      now: START,
    });
    const { analysis, version = 2 } = options;
    const started = startRollout({
      current: {
        deployment: { ...first.deployment, provenVersion: 1 },
        rollout: {
          ...first.rollout,
          state: { phase: 'completed', completedAt: START.toISOString() },
        },
      },
      desired: desiredDeployment(version, { rollout: plan, analysis }),
      rolloutId: 'r',
      now: START,
    });
    this.rollout = started.rollout;
    this.split = started.deployment.split;
    this.pass();
  }

  get now(): Date {
    return new Date(this.nowMillis);
  }

  wait(seconds: number): this {
    this.nowMillis += seconds * 1_000;
    return this.pass();
  }

  say(said: Stage['said']): this {
    this.said = said;
    return this.pass();
  }

  pass(): this {
    const { rollout, split, provenVersion, models, brakes, now } = this;
    const after = advanceRollout({
      rollout,
      split,
      provenVersion,
      dataPlanes: [{ ...dataPlaneReport(models, { brakes }), online: true }],
      quorum: 1,
      analysis: this.reading(),
      now,
    });
    this.rollout = after.rollout;
    this.split = after.split;
    this.provenVersion = after.provenVersion;
    return this;
  }

  steer(act: typeof resumeRollout, reason?: string): this {
    const after = act(this, { by: GRACE, reason, now: this.now });
    this.rollout = after.rollout;
    this.split = after.split;
    return this.pass();
  }

  get weights() {
    return Object.fromEntries(
      this.split.map(({ version, weightPercent }) => [version, weightPercent]),
    );
  }

  get state() {
    return this.rollout.state;
  }

  get note() {
    return this.rollout.history.at(-1)?.note;
  }

  /** What is compared, each version with so many callers. */
  versions(units: number): ComparisonReport['versions'] {
    const { comparison } = this.rollout;
    if (!comparison) throw new Error('It compares nothing');
    return comparisonReport(comparison).versions.map(item => ({
      ...item,
      units,
    }));
  }

  private reading(): AnalysisReading | undefined {
    const { comparison } = this.rollout;
    if (!comparison || comparison.endedAt) return undefined;
    if (this.said === 'away') {
      return { kind: 'away', reason: 'ai-monitoring does not answer' };
    }
    return this.said === 'nothing-counted'
      ? { kind: 'nothing-counted' }
      : { kind: 'report', report: comparisonReport(comparison, this.said) };
  }
}

const takeBack = (version: number): Partial<ComparisonReport> => ({
  verdict: {
    kind: 'take-back',
    version,
    metric: 'errors',
    reason: `errors: 4.1 % of version ${version}, 0.2 % of version 1.`,
  },
  guardrails: [
    comparedMetric('errors', version, { effect: 0.039, status: 'worse' }),
  ],
});
const better = (version: number): Partial<ComparisonReport> => ({
  verdict: {
    kind: 'better',
    version,
    reason: `clicks: +1.2 of version ${version} [0.4, 2.0].`,
  },
});
const notWorse: Partial<ComparisonReport> = {
  verdict: { kind: 'not-worse', reason: 'clicks: +0.1 [-0.2, 0.4].' },
};

describe('a canary', () => {
  const plan: RolloutPlan = {
    strategy: 'canary',
    steps: [
      { weightPercent: 10, holdSeconds: 60 },
      { analysisSeconds: 300 },
      { weightPercent: 50, holdSeconds: 60 },
    ],
  };
  const analysed = () => new Stage(plan, { analysis: withClicks }).wait(60);

  it('is taken back at once when a guardrail breaks, with the numbers, whoever has paused it', () => {
    const stage = new Stage(plan);
    expect(stage.weights).toEqual({ 1: 90, 2: 10 });
    stage.rollout = {
      ...stage.rollout,
      state: {
        ...stage.state,
        paused: { since: '', by: GRACE, leftSeconds: 9 },
      } as RolloutRecord['state'],
    };
    stage.wait(5).say(takeBack(2));
    expect(stage.weights).toEqual({ 1: 100, 2: 0 });
    expect(stage.state).toEqual({
      phase: 'rejected',
      rejectedAt: stage.now.toISOString(),
      by: 'analysis',
      reason: 'errors: 4.1 % of version 2, 0.2 % of version 1',
    });
    expect(stage.rollout.history.at(-1)).toEqual({
      at: stage.now.toISOString(),
      weightPercent: 0,
      note: 'Taken back by the analysis: errors: 4.1 % of version 2, 0.2 % of version 1. Version 1 gets all traffic',
      by: 'analysis',
      evidence: {
        kind: 'comparison',
        comparison: 'r.1',
        units: [
          { version: 1, units: 1_000 },
          { version: 2, units: 1_000 },
        ],
        metrics: [
          { name: 'errors', version: 2, effect: 0.039, status: 'worse' },
        ],
      },
    });
    expect(stage.rollout.comparison?.endedAt).toBe(stage.now.toISOString());
  });

  it('does not go back to what no data plane runs', () => {
    const stage = new Stage(plan);
    stage.models = [loadedVersion(2)];
    stage.say(takeBack(2));
    expect(stage.state.phase).toBe('progressing');
  });

  it('says nothing of what is compared now by what was compared before', () => {
    const stage = new Stage(plan);
    const { comparison } = stage.rollout;
    if (!comparison) throw new Error('It compares');
    const { rollout } = advanceRollout({
      ...stage,
      dataPlanes: [{ ...dataPlaneReport(stage.models), online: true }],
      quorum: 1,
      analysis: {
        kind: 'report',
        report: { ...comparisonReport(comparison, takeBack(2)), id: 'r.0' },
      },
      now: stage.now,
    });
    expect(rollout.state.phase).toBe('progressing');
  });

  it.each([
    ['no metric is worse', notWorse],
    ['it is better', better(2)],
  ])('goes on from an analysis as soon as %s', (_what, said) => {
    const stage = analysed();
    expect(stage.state).toMatchObject({ step: 1 });
    stage.wait(5);
    expect(stage.state).toMatchObject({ step: 1 });
    stage.say(said);
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    expect(stage.note).toMatch(
      /^The analysis lets it go on: clicks: .* Step 3 of 3: version 2 gets 50 %/,
    );
    expect(stage.rollout.history.map(({ by }) => by)).toEqual([
      ...stage.rollout.history.slice(0, -1).map(() => undefined),
      'analysis',
    ]);
    expect(stage.rollout.comparison?.id).toBe('r.2');
  });

  it('goes on without metrics at the end of the analysis, when enough callers came', () => {
    const stage = new Stage(plan).wait(60).wait(299);
    expect(stage.state).toMatchObject({ step: 1 });
    stage.wait(1);
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
  });

  it.each<[string, Stage['said'], DesiredDeployment['analysis']]>([
    ['it is undecided', {}, withClicks],
    ['the control is better', better(1), withClicks],
    ['too few callers came', { hasEnoughUnits: false }, undefined],
    [
      'callers came otherwise than planned',
      { sampleRatio: { pValue: 1e-9, isMismatch: true } },
      undefined,
    ],
    ['nothing was counted', 'nothing-counted', undefined],
  ])('asks at the end of an analysis when %s', (_what, said, analysis) => {
    const stage = new Stage(plan, { analysis }).wait(60);
    stage.said = said;
    stage.wait(300);
    expect(stage.weights).toEqual({ 1: 90, 2: 10 });
    expect(stage.state).toMatchObject({
      step: 1,
      paused: {
        by: 'plan',
        asks: true,
        reason: expect.stringMatching(
          /^The analysis could not decide: .*\. Go on, or take version 2 back$/,
        ),
      },
    });
    expect(stage.rollout.history.at(-1)).toMatchObject({ by: 'analysis' });
    const asked = stage.rollout.history.length;
    stage.wait(60);
    expect(stage.rollout.history).toHaveLength(asked);
    // Still watched.
    const watched = Object.assign(Object.create(Stage.prototype), stage);
    watched.say(takeBack(2));
    expect(watched.state.phase).toBe('rejected');
    stage.steer(resumeRollout, 'the numbers look fine');
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    expect(stage.state).not.toHaveProperty('override');
  });

  it('goes on when somebody skips the analysis, and takes it back when somebody does', () => {
    const stage = analysed().steer(skipAnalysis, 'seen in staging');
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    expect(stage.rollout.history.slice(-2)).toMatchObject([
      { by: GRACE, note: 'grace skips the analysis: seen in staging' },
      { note: expect.stringContaining('version 2 gets 50 %') },
    ]);
    expect(stage.rollout.history.at(-1)).not.toHaveProperty('by');
    expect(() => stage.steer(skipAnalysis, 'again')).toThrow(
      'not at an analysis',
    );
    expect(analysed().steer(rejectRollout, 'no').state).toMatchObject({
      phase: 'rejected',
      by: GRACE,
    });
  });

  it('waits at an analysis that cannot be read, and says so', () => {
    const stage = analysed();
    stage.say('away').wait(3_600);
    expect(stage.weights).toEqual({ 1: 90, 2: 10 });
    expect(stage.state).toMatchObject({
      step: 1,
      unseen: { reason: 'ai-monitoring does not answer' },
    });
    expect(stage.state).not.toHaveProperty('paused');
    stage.say(notWorse);
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    expect(stage.state).not.toHaveProperty('unseen');
  });

  it('goes on blind where the analysis was never seen, and for five minutes where it was', () => {
    const steps: RolloutPlan = {
      strategy: 'canary',
      steps: [
        { weightPercent: 10, holdSeconds: 400 },
        { weightPercent: 50, holdSeconds: 60 },
      ],
    };
    const never = new Stage(steps);
    never.said = 'away';
    expect(never.wait(1).wait(400).weights).toEqual({ 1: 50, 2: 50 });
    const seen = new Stage(steps).wait(1);
    seen.say('away').wait(299).wait(101);
    expect(seen.weights).toEqual({ 1: 90, 2: 10 });
    seen.say({});
    expect(seen.weights).toEqual({ 1: 50, 2: 50 });
  });

  it('is taken back when a data plane has pulled its brake, with the numbers', () => {
    const stage = new Stage(plan);
    stage.brakes = [
      {
        model: 'digits',
        version: 2,
        digest: digestOf(2),
        since: START.toISOString(),
        requests: 40,
        failures: 37,
        otherRequests: 350,
        otherFailures: 1,
        reason: 'answers with 500.',
      },
    ];
    stage.pass();
    expect(stage.weights).toEqual({ 1: 100, 2: 0 });
    expect(stage.state).toMatchObject({
      phase: 'rejected',
      by: 'brake',
      reason:
        'the data plane at http://127.0.0.1:7080 took its traffic away at 12:00:00 UTC, when 37 of its last 40 requests failed, of the others 1 of 350: answers with 500',
    });
    expect(stage.rollout.history.at(-1)?.evidence).toMatchObject({
      kind: 'brake',
      brake: { failures: 37 },
    });
  });
});

describe('an experiment', () => {
  const variant = (version: number, sharePercent: number) => ({
    version,
    digest: digestOf(version),
    sharePercent,
  });
  const plan = (winner: 'serve' | 'ask' = 'serve'): RolloutPlan => ({
    strategy: 'experiment',
    control: variant(1, 40),
    treatments: [variant(2, 30), variant(3, 30)],
    end: { atMostSeconds: 3_600, minUnitsPerVariant: 500, winner },
  });
  const begun = (winner?: 'serve' | 'ask') =>
    new Stage(plan(winner), { analysis: withClicks });

  it('begins when all of its versions are there, and stands still while one is not', () => {
    const stage = begun();
    expect(stage.weights).toEqual({ 1: 40, 2: 30, 3: 30 });
    stage.models = [loadedVersion(1), loadedVersion(2)];
    stage.wait(10);
    expect(stage.weights).toEqual({ 1: 100, 2: 0, 3: 0 });
    expect(stage.note).toContain('No data plane runs version 3 any more');
    stage.models = [1, 2, 3].map(version => loadedVersion(version));
    stage.wait(10);
    expect(stage.weights).toEqual({ 1: 40, 2: 30, 3: 30 });
    expect(stage.rollout.comparison).toMatchObject({ id: 'r.2', looks: 2 });
  });

  it('holds while its control is not what runs', () => {
    const stage = new Stage({
      ...plan(),
      control: variant(3, 40),
      treatments: [variant(2, 60)],
    } as RolloutPlan);
    expect(stage.weights).toMatchObject({ 1: 100 });
    expect(stage.state).toMatchObject({
      phase: 'loading',
      problem: {
        error: expect.stringContaining(
          'compares with version 3, but version 1 is what runs',
        ),
      },
    });
    const told = stage.rollout.history.length;
    stage.wait(5).wait(30);
    expect(stage.rollout.history).toHaveLength(told);
  });

  it('ends with the wanted version when that wins, once each has its callers', () => {
    const stage = begun();
    stage.say({ ...better(2), versions: stage.versions(499) });
    expect(stage.state.phase).toBe('progressing');
    stage.say(better(2));
    expect(stage.weights).toEqual({ 1: 0, 2: 100, 3: 0 });
    expect(stage.provenVersion).toBe(2);
    expect(stage.state).toMatchObject({
      phase: 'completed',
      by: 'analysis',
      reason:
        'version 2 won the experiment: clicks: +1.2 of version 2 [0.4, 2.0]',
    });
  });

  it('asks first where the plan says so', () => {
    const stage = begun('ask').say(better(2));
    expect(stage.weights).toEqual({ 1: 40, 2: 30, 3: 30 });
    expect(stage.state).toMatchObject({
      paused: {
        asks: true,
        reason: expect.stringContaining('Version 2 won the experiment'),
      },
    });
    expect(stage.steer(resumeRollout).weights).toEqual({ 1: 0, 2: 100, 3: 0 });
    expect(stage.state).toMatchObject({ phase: 'completed' });
  });

  it.each([
    ['another version wins', 0, better(3), 'version 3 won the experiment'],
    ['the control wins', 0, better(1), 'version 1 won the experiment'],
    ['nothing is decided in its time', 3_600, {}, 'ended undecided'],
    ['no version is worse, or better', 3_600, notWorse, 'ended undecided'],
  ])('goes back to what ran when %s', (_what, seconds, said, reason) => {
    const stage = begun();
    stage.said = said;
    stage.wait(seconds);
    expect(stage.weights).toEqual({ 1: 100, 2: 0, 3: 0 });
    expect(stage.state).toMatchObject({
      phase: 'rejected',
      by: 'analysis',
      reason: expect.stringContaining(reason),
    });
  });

  it('takes a version out that is not the wanted one, and compares the others', () => {
    const stage = begun().say(takeBack(3));
    expect(stage.weights).toEqual({
      1: expect.closeTo(57.14, 2),
      2: expect.closeTo(42.86, 2),
      3: 0,
    });
    expect(stage.note).toContain(
      'Version 3 is taken out of the experiment by the analysis: errors: 4.1 %',
    );
    expect(stage.rollout.comparison?.variants).toHaveLength(2);
    stage.models = [loadedVersion(1), loadedVersion(2)];
    stage.say(better(2));
    expect(stage.weights).toEqual({ 1: 0, 2: 100, 3: 0 });
  });

  it('is about what runs where that is wanted', () => {
    const about = () => new Stage(plan(), { analysis: withClicks, version: 1 });
    expect(about().weights).toEqual({ 1: 40, 2: 30, 3: 30 });
    const won = about().say(better(3));
    expect(won.weights).toEqual({ 1: 100, 2: 0, 3: 0 });
    expect(won.state).toMatchObject({
      phase: 'completed',
      by: 'analysis',
      reason: expect.stringContaining('Promote it to have it serve'),
    });
    const out = about().say(takeBack(3)).say(takeBack(2));
    expect(out.state).toMatchObject({ phase: 'completed' });
    expect(about().steer(rejectRollout, 'enough').state).toMatchObject({
      phase: 'completed',
      by: GRACE,
      reason: 'enough',
    });
  });

  it('does not end while nobody can be asked', () => {
    const stage = begun().say('away').wait(4_000);
    expect(stage.weights).toEqual({ 1: 40, 2: 30, 3: 30 });
    expect(stage.state.phase).toBe('progressing');
  });
});

describe('a shadow', () => {
  const plan: RolloutPlan = {
    strategy: 'shadow',
    samplePercent: 20,
    maxCopiesInFlight: 8,
    forSeconds: 600,
  };

  it('has no traffic, and asks at its end with what was found', () => {
    const stage = new Stage(plan);
    expect(stage.weights).toEqual({ 1: 100, 2: 0 });
    stage.said = {
      metrics: [
        comparedMetric('agreement', 2, {
          summary: 'agreement: 97.1 % [95, 100].',
        }),
      ],
      guardrails: [
        comparedMetric('errors', 2, { summary: 'errors: 0.1 %.' }),
        comparedMetric('errors', 3, { summary: 'not of this one' }),
      ],
    };
    stage.wait(599);
    expect(stage.state).not.toHaveProperty('paused');
    stage.wait(1);
    expect(stage.state).toMatchObject({
      paused: {
        asks: true,
        reason:
          'Version 2 answered 5000 copies. agreement: 97.1 % [95, 100]. errors: 0.1 %. Go on for it to get all traffic, or take it back',
      },
    });
    expect(stage.steer(resumeRollout).weights).toEqual({ 1: 0, 2: 100 });
  });

  it.each([
    ['passes', notWorse, { phase: 'completed', by: 'analysis' }],
    ['cannot tell', {}, { phase: 'progressing', paused: { asks: true } }],
  ])('decides by the analysis of its manifest: it %s', (_what, said, state) => {
    const stage = new Stage(plan, { analysis: withClicks });
    stage.said = said;
    expect(stage.wait(600).state).toMatchObject(state);
  });

  it('is taken back when a guardrail breaks', () => {
    expect(new Stage(plan).say(takeBack(2)).state).toMatchObject({
      phase: 'rejected',
      by: 'analysis',
    });
  });
});

describe('an adaptive rollout', () => {
  const plan: RolloutPlan = {
    strategy: 'adaptive',
    floorPercent: 10,
    metric: 'clicks',
    updateSeconds: 600,
    atMostSeconds: 3_600,
  };
  const begun = () => new Stage(plan, { analysis: withClicks });
  const chance = (probability: number): Partial<ComparisonReport> => ({
    chanceToBeBest: [
      { version: 1, probability: 1 - probability },
      { version: 2, probability },
    ],
  });

  it('begins without a favourite, and has the shares follow the chance to be the better one', () => {
    const stage = begun();
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    stage.said = chance(0.841);
    stage.wait(599);
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    stage.wait(1);
    // The floor takes a tenth on either side.
    expect(stage.weights).toEqual({
      1: expect.closeTo(22.7, 6),
      2: expect.closeTo(77.3, 6),
    });
    expect(stage.rollout.comparison?.id).toBe('r.2');
    expect(stage.note).toBe(
      "Update 2 of 6: version 2 gets 77.3 %, since version 2 is the better one by 'clicks' with a chance of 84.1 %, by 1000 callers of version 1 and 1000 callers of version 2",
    );
    stage.said = chance(0.95);
    stage.wait(600);
    expect(stage.state).toMatchObject({
      phase: 'completed',
      by: 'analysis',
      reason: expect.stringContaining('by 2000 callers of version 1'),
    });
    expect(stage.weights).toEqual({ 1: 0, 2: 100 });
  });

  it('counts the callers of all comparisons', () => {
    const stage = begun();
    stage.said = { ...chance(0.99), versions: stage.versions(60) };
    expect(stage.wait(600).state.phase).toBe('progressing');
    expect(stage.wait(600).state.phase).toBe('completed');
  });

  it('compares anew at each update, also at the same shares', () => {
    const stage = begun();
    stage.said = chance(0.5);
    stage.wait(600);
    expect(stage.weights).toEqual({ 1: 50, 2: 50 });
    expect(stage.rollout.comparison?.id).toBe('r.2');
  });

  it('is taken back when it has lost', () => {
    const stage = begun();
    stage.said = chance(0.023);
    expect(stage.wait(600).state).toMatchObject({
      phase: 'rejected',
      by: 'analysis',
      reason: expect.stringContaining('a chance of 2.3 %'),
    });
  });

  it('follows another metric than the first one by what its own comparison says', () => {
    const stage = new Stage({ ...plan, metric: 'sales' } as RolloutPlan, {
      analysis: {
        ...withClicks,
        metrics: [clicks, { ...clicks, name: 'sales' }],
      },
    });
    stage.said = {
      ...chance(0.2),
      metrics: [comparedMetric('sales', 2, { chanceToWin: 0.841 })],
    };
    expect(stage.wait(600).weights[2]).toBeCloseTo(77.3, 6);
  });

  it('decides nothing by few callers, or by callers who came otherwise than planned', () => {
    const few = begun();
    few.said = {
      ...chance(0.99),
      versions: few.versions(99),
    };
    expect(few.wait(600).state.phase).toBe('progressing');
    const unequal = begun();
    unequal.said = {
      ...chance(0.99),
      sampleRatio: { pValue: 1e-9, isMismatch: true },
    };
    expect(unequal.wait(600).weights).toEqual({ 1: 50, 2: 50 });
  });

  it('asks when its time is over', () => {
    const stage = begun();
    stage.said = chance(0.5);
    for (let update = 0; update < 6; update++) stage.wait(600);
    expect(stage.state).toMatchObject({
      step: 5,
      paused: {
        asks: true,
        reason: expect.stringContaining('The time of the plan is over'),
      },
    });
    expect(stage.steer(resumeRollout).weights).toEqual({ 1: 0, 2: 100 });
  });

  it('keeps its shares while nobody can be asked', () => {
    const stage = begun();
    stage.said = chance(0.841);
    stage.wait(600).say('away').wait(6_000);
    expect(stage.weights[2]).toBeCloseTo(77.3, 6);
    expect(stage.state).toMatchObject({ step: 1 });
  });
});
