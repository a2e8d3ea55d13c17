import {
  meanStatistic,
  proportionStatistic,
  quantileStatistic,
  ratioStatistic,
  sampleStatistic,
} from './armStatistic';
import { bayesianTest, expectedLoss } from './bayesianTest';
import type { BayesianTest } from './bayesianTest';
import { cupedStatistics } from './cuped';
import { welchTest } from './effect';
import type { EffectTest } from './effect';
import { sequentialTest } from './sequentialTest';

const sums = (sum: number, sumOfSquares: number, n: number) => ({
  n,
  sum,
  sumOfSquares,
});
const mean = (...values: [number, number, number]) =>
  meanStatistic(sums(...values));

/** Estimate, interval, standard error and more, to the five decimals that GrowthBook publishes. */
function rounded(
  { estimate, interval, standardError }: Omit<EffectTest, 'pValue' | 'n'>,
  ...more: number[]
): number[] {
  return [estimate, ...interval, standardError, ...more].map(value =>
    Number(value.toFixed(5)),
  );
}
/** `tuningN` counts units of equal arms; GrowthBook counts those of both, equal or not. */
const tunedTo = (tuningN: number) =>
  (tuningN * 4 * 3000 * 3461) / (3000 + 3461) ** 2;
const withPValue = (result: EffectTest) => rounded(result, result.pValue);
const withRisk = (result: BayesianTest) =>
  rounded(
    result,
    result.chanceToWin,
    result.risk.control,
    result.risk.treatment,
  );

describe("GrowthBook's published results", () => {
  const a = mean(1396.87, 52377.9767, 3407);
  const b = mean(2422.7, 134698.29, 3461);
  const a3000 = mean(1396.87, 52377.9767, 3000);

  it('Welch t, relative effect by the delta method', () => {
    expect(withPValue(welchTest(a, b))).toEqual([
      0.70732, -0.03526, 1.44989, 0.37879, 0.06191,
    ]);
  });

  it('Welch t, absolute', () => {
    expect(withPValue(welchTest(a, b, { kind: 'absolute' }))).toEqual([
      0.29, 0.04538, 0.53462, 0.12478, 0.02016,
    ]);
  });

  it('Welch t of proportions with variance p (1 - p)', () => {
    expect(
      withPValue(
        welchTest(
          proportionStatistic({ successes: 14, n: 28 }),
          proportionStatistic({ successes: 16, n: 30 }),
        ),
      ),
    ).toEqual([0.06667, -0.47767, 0.61101, 0.2717, 0.80707]);
  });

  it('sequential t of means, tuned to 1000', () => {
    expect(
      withPValue(sequentialTest(a3000, b, { tuningN: tunedTo(1000) })),
    ).toEqual([0.50336, -0.55844, 1.56516, 0.33341, 1]);
  });

  it('sequential t of proportions, tuned to 5000', () => {
    expect(
      withPValue(
        sequentialTest(
          proportionStatistic({ successes: 1396, n: 3000 }),
          proportionStatistic({ successes: 2422, n: 3461 }),
          { tuningN: tunedTo(5000) },
        ),
      ),
    ).toEqual([0.50386, 0.40098, 0.60675, 0.03386, 0]);
  });

  it('sequential t with CUPED, relative to the unadjusted control mean', () => {
    const adjusted = cupedStatistics(
      {
        post: sums(1396.87, 52377.9767, 3000),
        pre: sums(16.87, 527.9767, 3000),
        sumOfProducts: 1,
      },
      {
        post: sums(2422.7, 134698.29, 3461),
        pre: sums(22.7, 1348.29, 3461),
        sumOfProducts: 1,
      },
    );
    const result = sequentialTest(adjusted.control, adjusted.treatment, {
      unadjusted: adjusted.unadjusted,
      tuningN: tunedTo(5000),
    });
    expect(rounded(result)).toEqual([0.50338, -0.50969, 1.51646, 0.33341]);
    // The published p-value (1) is of the relative effect; ours is of the absolute one.
    expect(result.pValue).toBeCloseTo(0.76002, 5);
  });

  it.each([
    [
      'greater',
      'relative',
      -0.045136675850396046,
      Infinity,
      0.06558262868467746,
    ],
    [
      'greater',
      'absolute',
      0.020791480063255735,
      Infinity,
      0.03554272489873023,
    ],
    ['less', 'relative', -Infinity, 1.0518588475628676, 0.9344173713153225],
    ['less', 'absolute', -Infinity, 0.44796185327007765, 0.9644572751012698],
  ] as const)(
    'one-sided Welch t, %s, %s',
    (alternative, kind, low, high, pValue) => {
      const result = welchTest(a3000, b, { alternative, kind });
      expect(result.interval[0]).toBeCloseTo(low, 12);
      expect(result.interval[1]).toBeCloseTo(high, 12);
      expect(result.pValue).toBeCloseTo(pValue, 12);
    },
  );

  it('one-sided sequential bounds', () => {
    const greater = sequentialTest(a3000, b, {
      alternative: 'greater',
      tuningN: tunedTo(5000),
    });
    expect(greater.interval[0]).toBeCloseTo(-0.42356454602790883, 12);
    expect(greater.interval[1]).toBe(Infinity);
    const less = sequentialTest(a3000, b, {
      alternative: 'less',
      kind: 'absolute',
      tuningN: tunedTo(5000),
    });
    expect(less.interval[1]).toBeCloseTo(0.5953217750613832, 12);
  });

  const control = mean(100, 1002.25, 10);
  const treatment = mean(105, 1111.5, 10);

  it('Bayesian proportions', () => {
    expect(
      withRisk(
        bayesianTest(
          proportionStatistic({ successes: 49, n: 100 }),
          proportionStatistic({ successes: 51, n: 100 }),
        ),
      ),
    ).toEqual([0.04082, -0.24779, 0.32943, 0.14725, 0.60918, 0.0814, 0.04058]);
  });

  it('Bayesian means', () => {
    expect(withRisk(bayesianTest(control, treatment))).toEqual([
      0.05, -0.02, 0.12, 0.03572, 0.91923, 0.05131, 0.00131,
    ]);
  });

  it('Bayesian means with the prior N(0.1, 0.1) on the relative effect', () => {
    expect(
      withRisk(
        bayesianTest(control, treatment, {
          prior: { mean: 0.1, variance: 0.1 },
        }),
      ),
    ).toEqual([0.05063, -0.01893, 0.12019, 0.03549, 0.92315, 0.05186, 0.00123]);
  });

  const quantileArms = [
    quantileStatistic({
      n: 11054,
      level: 0.9,
      quantile: 7.157987489967789,
      lower: 7.098780136176828,
      upper: 7.217194843758751,
    }),
    quantileStatistic({
      n: 10861,
      level: 0.9,
      quantile: 7.694499927525767,
      lower: 7.64180598628119,
      upper: 7.747193868770344,
    }),
  ] as const;

  it.each([
    [
      'absolute',
      undefined,
      0.5365124375579775,
      0.4572559589115422,
      0.6157689162044128,
    ],
    [
      'absolute',
      1e6,
      0.536512437540855,
      0.4572559588956844,
      0.6157689161860256,
    ],
    ['absolute', 1, 0.536495315442269, 0.4572401014910488, 0.6157505293934892],
    [
      'relative',
      1e6,
      0.07495297222736319,
      0.06341005842481906,
      0.08649588602990732,
    ],
    [
      'relative',
      1,
      0.07495037261804469,
      0.06340765898986044,
      0.08649308624622894,
    ],
  ] as const)(
    'quantile effect, %s, prior variance %s',
    (kind, variance, estimate, low, high) => {
      // Its prior is on the relative effect, ours on the scale of the effect.
      const scale = kind === 'absolute' ? quantileArms[0].mean ** 2 : 1;
      const result = bayesianTest(...quantileArms, {
        kind,
        ...(variance && { prior: { mean: 0, variance: variance * scale } }),
      });
      expect(result.estimate).toBeCloseTo(estimate, 13);
      expect(result.interval[0]).toBeCloseTo(low, 12);
      expect(result.interval[1]).toBeCloseTo(high, 12);
    },
  );

  it('expected losses of N(0.1, 0.05)', () => {
    const { control: ifControl, treatment: ifTreatment } = expectedLoss(
      0.1,
      0.05,
    );
    expect(ifControl).toBeCloseTo(0.1004245351, 10);
    expect(ifTreatment).toBeCloseTo(0.0004245351, 10);
    expect(expectedLoss(1, 0.01)).toEqual({ control: 1, treatment: 0 });
  });
});

describe('relative to a control mean of 0', () => {
  const control = mean(0, 90, 100);
  const treatment = mean(30, 120, 100);

  it('there is no effect to show, and the sequential test still decides', () => {
    for (const alternative of ['two-sided', 'greater', 'less'] as const) {
      const welch = welchTest(control, treatment, { alternative });
      const sequential = sequentialTest(control, treatment, { alternative });
      for (const test of [welch, sequential]) {
        expect(test.estimate).toBeNaN();
        expect(test.standardError).toBeNaN();
        expect(test.interval.some(Number.isNaN)).toBe(true);
      }
      expect(welch.pValue).toBeNaN();
      expect(sequential.pValue).toBe(
        sequentialTest(control, treatment, { alternative, kind: 'absolute' })
          .pValue,
      );
    }
    expect(bayesianTest(control, treatment)).toMatchObject({
      estimate: 0,
      chanceToWin: 0.5,
    });
  });
});

describe('arms without data', () => {
  const none = meanStatistic(sums(0, 0, 0));
  const one = meanStatistic(sums(5, 25, 1));

  it('give no verdict', () => {
    for (const [a, b] of [
      [none, none],
      [one, one],
      [none, one],
    ]) {
      expect(welchTest(a, b).pValue).toBeNaN();
      expect(sequentialTest(a, b).pValue).toBeNaN();
      expect(bayesianTest(a, b)).toMatchObject({
        estimate: 0,
        chanceToWin: 0.5,
      });
    }
    expect(sampleStatistic([])).toEqual({ n: 0, mean: 0, variance: 0 });
    const zero = sums(0, 0, 9);
    expect(
      ratioStatistic({
        numerator: zero,
        denominator: zero,
        sumOfProducts: 0,
      }),
    ).toEqual({ n: 9, mean: 0, variance: 0 });
    const flat = { post: sums(9, 10, 9), pre: zero, sumOfProducts: 0 };
    expect(cupedStatistics(flat, flat)).toMatchObject({
      slope: 0,
      control: meanStatistic(flat.post),
    });
  });

  it('trust an interval of no width only when there are few', () => {
    const pinned = { level: 0.5, quantile: 1, lower: 1, upper: 1 };
    expect(quantileStatistic({ ...pinned, n: 50 }).variance).toBe(0);
    expect(quantileStatistic({ ...pinned, n: 500 }).variance).toBe(1e-5);
  });
});
