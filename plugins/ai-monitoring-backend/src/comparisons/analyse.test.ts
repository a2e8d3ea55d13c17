import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type { AnalysisMetric } from '@greenroom/plugin-ai-registry-common';
import {
  addition,
  comparedState,
  comparison,
  DEFAULT_ANALYSIS,
  MemoryComparison,
} from './__testUtils__/comparison';
import { analyse } from './analyse';
import type { ComparedState } from './comparedState';
import type { CountedOutcome, CountedRequest } from './countRequests';

const now = new Date('2026-05-03T13:00:00Z');
const CLICKS: AnalysisMetric = {
  name: 'clicks',
  measure: { kind: 'outcome', outcome: 'clicked' },
  direction: 'higher-is-better',
  margin: 0.02,
  alpha: 0.05,
  power: 0.8,
};

/** Half of the requests each; the requests by version, each of a caller of its own. */
function played(options: {
  requests?: Record<number, Partial<CountedRequest>[]>;
  outcomes?: CountedOutcome[];
  state?: Partial<ComparedState>;
}): ComparisonReport {
  const { requests = {}, outcomes = [], state } = options;
  const memory = new MemoryComparison(
    comparedState({
      comparison: even(),
      thresholdsMicros: { 'latency/95/50': 60_000 },
      ...state,
    }),
  );
  let unit = 0;
  const all = Object.entries(requests).flatMap(([version, some]) =>
    some.map(request => ({
      version: Number(version),
      unit: ++unit,
      ...request,
    })),
  );
  memory.count(addition(all, outcomes));
  return analyse(memory.state, { now });
}

function even(changes: Parameters<typeof comparison>[0] = {}) {
  return comparison({
    variants: [
      { version: 1, sharePercent: 50 },
      { version: 2, sharePercent: 50 },
    ],
    ...changes,
  });
}

/** The state, had its versions been given these shares: percent, in the order of the variants. */
function plannedAt(
  state: ComparedState,
  shares: [number, number],
): ComparedState {
  const variants = state.comparison.variants.map((variant, arm) => ({
    ...variant,
    sharePercent: shares[arm],
  }));
  return { ...state, comparison: { ...state.comparison, variants } };
}

function many(count: number, request: Partial<CountedRequest> = {}) {
  return Array.from({ length: count }, () => request);
}

/** Of that many callers of a version, so many click. */
function clicks(version: number, units: number, events: number) {
  return Array.from(
    { length: units },
    (_, i): CountedOutcome => ({
      version,
      unit: version * 1_000_000 + i + 1,
      name: 'clicked',
      value: i < events ? 1 : 0,
    }),
  );
}

describe('analyse: guardrails', () => {
  it('takes back a version with many errors, with the numbers', () => {
    const report = played({
      requests: {
        1: many(2_000),
        2: [...many(1_900), ...many(100, { status: 503 })],
      },
    });
    expect(report.verdict).toMatchObject({
      kind: 'take-back',
      version: 2,
      metric: 'errors',
    });
    expect(report.verdict.reason).toMatch(
      /^errors is broken: version 2 is worse than version 1 by more than 1 %: failed requests 5 % against 0 % of version 1; the difference is at least 2\.\d+ %$/,
    );
    const [errors] = report.guardrails;
    expect(errors).toMatchObject({ alpha: 0.0001, status: 'worse' });
    expect(errors.interval?.lower).toBeGreaterThan(0.01);
    expect(errors.interval).not.toHaveProperty('upper');
    expect(errors.pValue).toBeLessThan(0.0001);
  });

  it('lets pass as many errors as the control has, and does not count a limit', () => {
    const some = [...many(1_900), ...many(100, { status: 429 })];
    const report = played({ requests: { 1: some, 2: some } });
    expect(report.guardrails[0]).toMatchObject({ control: 0.05, effect: 0 });
    expect(report.verdict.kind).toBe('undecided');
  });

  it('takes back a slow version by the share of slow requests', () => {
    const report = played({
      requests: {
        1: [...many(1_900), ...many(100, { latencyMicros: 61_000 })],
        2: [...many(1_700), ...many(300, { latencyMicros: 61_000 })],
      },
    });
    expect(report.guardrails[1]).toMatchObject({
      thresholdMillis: 60,
      control: 0.05,
      treatment: 0.15,
      status: 'worse',
    });
    expect(report.verdict).toMatchObject({ metric: 'latency', version: 2 });
    expect(report.verdict.reason).toContain(
      'worse than version 1 by more than 50 ms: slow requests (slower than 60 ms) 15 % against 5 %',
    );
  });

  it('takes nothing back while everything is slow', () => {
    const slow = many(2_000, { latencyMicros: 61_000 });
    const report = played({ requests: { 1: slow, 2: slow } });
    expect(report.guardrails[1].status).toBe('undecided');
  });

  it('takes nothing back whose quantile is within the margin, however sure it is slower than the control', () => {
    const report = played({
      requests: {
        1: many(20_000),
        2: [...many(19_400), ...many(600, { latencyMicros: 61_000 })],
      },
    });
    expect(report.guardrails[1]).toMatchObject({ treatment: 0.03 });
    expect(report.guardrails[1].status).not.toBe('worse');
  });

  it('learns what is slow from the first requests of the control, which do not count for it', () => {
    const memory = new MemoryComparison(comparedState());
    const slow = (count: number) =>
      many(count).map((_, i) => ({
        version: 1,
        unit: i + 1,
        latencyMicros: 9_000,
      }));
    memory.count(addition(slow(200)));
    expect(memory.state.thresholdsMicros['latency/95/50']).toBeCloseTo(
      59_000,
      -3,
    );
    memory.count(addition(slow(3)));
    expect(memory.state.arms[0].withId['latency/95/50'].n).toBe(3);
    expect(memory.state.arms[0].withId['error-rate'].n).toBe(203);
  });

  it('divides the level among guardrails, versions and the comparisons of a plan', () => {
    const report = played({
      state: {
        comparison: even({
          looks: 4,
          variants: [1, 2, 3].map(version => ({ version, sharePercent: 33 })),
          analysis: { ...DEFAULT_ANALYSIS, metrics: [CLICKS] },
        }),
      },
    });
    expect(report.guardrails.map(({ alpha }) => alpha)).toEqual(
      new Array(4).fill(0.0002 / 2 / 2 / 4),
    );
    expect(report.metrics.map(({ alpha }) => alpha)).toEqual([
      0.05 / 8,
      0.05 / 8,
    ]);
  });

  it('counts a shadow by its copies, and how often it agrees', () => {
    const shadow = even({
      isShadow: true,
      variants: [
        { version: 1, sharePercent: 100 },
        { version: 2, sharePercent: 0 },
      ],
      analysis: {
        metrics: [],
        guardrails: [
          {
            name: 'agreement',
            measure: { kind: 'agreement' },
            direction: 'higher-is-better',
            margin: 0.05,
          },
        ],
        minUnitsPerVariant: 100,
      },
    });
    const copies = (agrees: number, count: number) =>
      many(count, { isCopy: true, agrees });
    const state = { comparison: shadow };
    const report = played({
      requests: { 2: [...copies(1, 800), ...copies(0, 200), ...copies(-1, 9)] },
      state,
    });
    expect(report.guardrails[0]).toMatchObject({
      treatment: 0.8,
      status: 'worse',
    });
    expect(report.hasEnoughUnits).toBe(true);
    expect(report.verdict.kind).toBe('take-back');
    const good = played({
      requests: { 2: [...copies(1, 1_990), ...copies(0, 10)] },
      state,
    });
    expect(good.guardrails[0].status).toBe('not-worse');
    expect(good.guardrails[0].summary).toMatch(
      /: 99\.5 % of the copies are answered alike, at most 99\.9 % for sure$/,
    );
  });
});

describe('analyse: metrics', () => {
  const withClicks = (
    changes: Partial<AnalysisMetric> = {},
    versions = [1, 2],
  ) => ({
    comparison: even({
      variants: versions.map(version => ({
        version,
        sharePercent: 100 / versions.length,
      })),
      analysis: {
        metrics: [{ ...CLICKS, ...changes }],
        guardrails: [],
        minUnitsPerVariant: 100,
      },
    }),
  });
  const askedOnce = (versions = [1, 2]) =>
    Object.fromEntries(versions.map(version => [version, many(150)]));

  it('names the better version with its interval and the chance to win', () => {
    const report = played({
      requests: askedOnce(),
      outcomes: [...clicks(1, 2_000, 200), ...clicks(2, 2_000, 320)],
      state: withClicks(),
    });
    expect(report.verdict).toMatchObject({ kind: 'better', version: 2 });
    const [metric] = report.metrics;
    expect(metric).toMatchObject({ status: 'better', isAdjusted: false });
    expect(metric.effect).toBeCloseTo(0.06, 12);
    expect(metric.interval?.lower).toBeGreaterThan(0);
    expect(metric.chanceToWin).toBeGreaterThan(0.999);
    expect(metric.expectedLoss).toBeLessThan(1e-4);
    expect(report.chanceToBeBest?.[1].probability).toBeGreaterThan(0.999);
  });

  it('takes back what is worse by more than the margin', () => {
    const report = played({
      requests: askedOnce(),
      outcomes: [...clicks(1, 3_000, 600), ...clicks(2, 3_000, 300)],
      state: withClicks(),
    });
    expect(report.verdict).toMatchObject({ kind: 'take-back', version: 2 });
  });

  it('turns around where lower is better', () => {
    const report = played({
      requests: askedOnce(),
      outcomes: [...clicks(1, 3_000, 600), ...clicks(2, 3_000, 300)],
      state: withClicks({ direction: 'lower-is-better' }),
    });
    expect(report.verdict).toMatchObject({ kind: 'better', version: 2 });
    expect(report.metrics[0].chanceToWin).toBeGreaterThan(0.999);
  });

  it('says not worse when the margin is excluded and nothing else is sure', () => {
    const report = played({
      requests: askedOnce(),
      outcomes: [...clicks(1, 30_000, 3_000), ...clicks(2, 30_000, 3_000)],
      state: withClicks(),
    });
    expect(report.verdict.kind).toBe('not-worse');
  });

  it('decides nothing before each version has its callers', () => {
    const report = played({
      requests: { 1: many(100), 2: many(99) },
      outcomes: [...clicks(1, 2_000, 200), ...clicks(2, 2_000, 320)],
      state: {
        comparison: even({
          analysis: {
            metrics: [CLICKS],
            guardrails: [],
            minUnitsPerVariant: 5_000,
          },
        }),
      },
    });
    expect(report.hasEnoughUnits).toBe(false);
    expect(report.verdict).toEqual({
      kind: 'undecided',
      reason:
        'Version 2 has 2099 callers, and nothing is decided before each version has 5000',
    });
  });

  it('concludes nothing when callers did not come as planned, except from errors', () => {
    const requests = { 1: many(3_000), 2: many(1_000) };
    const report = played({ requests, state: withClicks() });
    expect(report.sampleRatio.isMismatch).toBe(true);
    expect(report.verdict.reason).toContain(
      'Callers did not come to the versions as planned (version 1 has 3000 at 50 %, version 2 has 1000 at 50 %',
    );
    const failing = played({
      requests: { ...requests, 2: many(1_000, { status: 500 }) },
    });
    expect(failing.verdict).toMatchObject({
      kind: 'take-back',
      metric: 'errors',
    });
  });

  it('takes the better of two better versions, or either where they are alike', () => {
    const versions = [1, 2, 3];
    const at = (second: number, third: number) =>
      played({
        requests: askedOnce(versions),
        outcomes: [
          ...clicks(1, 20_000, 2_000),
          ...clicks(2, 20_000, second),
          ...clicks(3, 20_000, third),
        ],
        state: withClicks({}, versions),
      }).verdict;
    expect(at(2_600, 4_000)).toMatchObject({ kind: 'better', version: 3 });
    expect(at(3_000, 3_010)).toMatchObject({ kind: 'better', version: 3 });
  });

  it('compares numbers by their means, and takes out what was known of callers before', () => {
    const amounts = (version: number, plus: number) =>
      Array.from({ length: 300 }, (_, i): CountedOutcome => {
        const before = (i * 37) % 100;
        return {
          version,
          unit: version * 1_000_000 + i + 1,
          name: 'clicked',
          value: 500 + before + plus + (i % 7),
          covariate: before,
        };
      });
    const outcomes = [...amounts(1, 0), ...amounts(2, 3)];
    const state = withClicks({ margin: 1 });
    const requests = askedOnce();
    const adjusted = played({ requests, outcomes, state }).metrics[0];
    const plain = played({
      requests,
      outcomes: outcomes.map(({ covariate, ...outcome }) => outcome),
      state,
    }).metrics[0];
    expect(plain).toMatchObject({ isAdjusted: false, status: 'undecided' });
    expect(adjusted).toMatchObject({ isAdjusted: true, status: 'better' });
    expect(adjusted.effect).toBeCloseTo(3, 1);
    const width = ({ interval }: typeof plain) =>
      (interval?.upper ?? NaN) - (interval?.lower ?? NaN);
    expect(width(adjusted)).toBeLessThan(width(plain) / 5);
  });

  it('adds the evidence of the comparisons of a rollout up, each by itself', () => {
    const counted = (ofControl: number, ofTreatment: number, units: number) => {
      const memory = new MemoryComparison(comparedState(withClicks()));
      memory.count(
        addition(
          [],
          [
            ...clicks(1, 10 * units, ofControl),
            ...clicks(2, units, ofTreatment),
          ],
        ),
      );
      return plannedAt(memory.state, [1_000 / 11, 100 / 11]);
    };
    // Better each time, though fewer click of all of its requests together.
    const first = counted(1_000, 120, 1_000);
    const second = { ...counted(100, 60, 100) };
    const [control] =
      analyse(first, { now, others: [second] }).chanceToBeBest ?? [];
    const alone = analyse(first, { now }).chanceToBeBest ?? [];
    expect(control.probability).toBeLessThan(alone[0].probability);
  });

  it('adds no comparison up whose callers came otherwise than planned', () => {
    const clickedAt = (shares: [number, number]) => {
      const state = comparedState(withClicks());
      const memory = new MemoryComparison(state);
      memory.count(
        addition([], [...clicks(1, 1_000, 100), ...clicks(2, 100, 60)]),
      );
      return plannedAt(memory.state, shares);
    };
    const fair = clickedAt([1_000 / 11, 100 / 11]);
    const unfair = clickedAt([50, 50]);
    const alone = analyse(fair, { now });
    expect(analyse(unfair, { now }).sampleRatio.isMismatch).toBe(true);
    expect(alone.sampleRatio.isMismatch).toBe(false);
    expect(analyse(fair, { now, others: [unfair] }).chanceToBeBest).toEqual(
      alone.chanceToBeBest,
    );
  });
});

describe('analyse: expectations', () => {
  it('says before the start within how many requests bad versions are taken back', () => {
    const memory = new MemoryComparison(comparedState());
    memory.count(
      addition(
        Array.from({ length: 1_000 }, (_, i) => ({
          latencyMicros: 10_000 + 60 * i,
        })),
      ),
    );
    const state = comparedState({
      knownBefore: {
        requests: 10_000,
        failures: 20,
        latencyMicros: memory.state.arms[0].latencyMicros,
        requestsInLastHour: 36_000,
      },
      thresholdsMicros: memory.state.thresholdsMicros,
    });
    const [errors, slow] = analyse(state, { now }).expectations;
    expect(errors.sentence).toMatch(
      /^Version 2: 5 % of errors are taken back within \d+ of its requests in 95 of 100 cases, if each caller sends one: it takes more where callers send many$/,
    );
    expect(errors.units).toBeGreaterThan(300);
    expect(errors.units).toBeLessThan(1_200);
    // A tenth of ten requests a second
    expect(errors.seconds).toBe(errors.units);
    expect(slow.units).toBeLessThan(100);
  });

  it('says so where it is not known, or cannot be seen', () => {
    const knownBefore = { requests: 100, failures: 9, requestsInLastHour: 0 };
    const { expectations } = analyse(comparedState({ knownBefore }), { now });
    expect(expectations.map(({ sentence }) => sentence)).toEqual([
      'Version 2: 5 % of errors are within the margin, as version 1 has 9.0 %',
      'Version 2: when 100 ms more are seen is known after 200 requests of version 1',
    ]);
    expect(expectations[0]).not.toHaveProperty('units');
  });
});
