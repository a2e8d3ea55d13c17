import vectors from '../../fixtures/monitoring-vectors.json';
import { studentTCdf } from '../distributions/studentT';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import {
  meanStatistic,
  proportionStatistic,
  quantileStatistic,
  ratioStatistic,
  sampleQuantileStatistic,
  sampleStatistic,
} from './armStatistic';
import type { ArmStatistic } from './armStatistic';
import {
  probabilityOfBest,
  sampleThompson,
  topTwoWeights,
  withFloor,
} from './bandit';
import { bayesianTest, expectedLoss } from './bayesianTest';
import type { BayesianTest } from './bayesianTest';
import { cupedStatistics } from './cuped';
import { effectOf, welchTest } from './effect';
import type { EffectTest, EffectTestOptions } from './effect';
import { mannWhitneyTest } from './mannWhitney';
import { sampleRatioMismatch } from './sampleRatio';
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
    expect(withPValue(sequentialTest(a3000, b, { tuningN: 1000 }))).toEqual([
      0.50336, -0.55844, 1.56516, 0.33341, 1,
    ]);
  });

  it('sequential t of proportions, tuned to 5000', () => {
    expect(
      withPValue(
        sequentialTest(
          proportionStatistic({ successes: 1396, n: 3000 }),
          proportionStatistic({ successes: 2422, n: 3461 }),
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
    expect(
      withPValue(
        sequentialTest(adjusted.control, adjusted.treatment, {
          unadjusted: adjusted.unadjusted,
        }),
      ),
    ).toEqual([0.50338, -0.50969, 1.51646, 0.33341, 1]);
  });

  it('one-sided sequential bounds', () => {
    const greater = sequentialTest(a3000, b, { alternative: 'greater' });
    expect(greater.interval[0]).toBeCloseTo(-0.42356454602790883, 12);
    expect(greater.interval[1]).toBe(Infinity);
    const less = sequentialTest(a3000, b, {
      alternative: 'less',
      kind: 'absolute',
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

describe('sample ratio mismatch', () => {
  it.each([
    [[1000, 1000], [0.5, 0.5], 1],
    [[1000, 1100], [0.5, 0.5], 0.02909633174],
    [[10000, 10400], [0.5, 0.5], 0.005101399646],
    [[9000, 1100], [0.9, 0.1], 0.00283474908],
    [[5000, 5100, 4700], [1, 1, 1], 0.0001531973216],
  ])('of %j against %j', (counts, weights, pValue) => {
    const result = sampleRatioMismatch(counts, weights);
    expect(result.pValue).toBeCloseTo(pValue, 11);
    expect(result.isMismatch).toBe(pValue < 0.001);
  });
});

describe('two samples of eight', () => {
  const { A, B, ...expected } = vectors.AB_8v8;

  it("Student's t with pooled variance", () => {
    // With equal sizes t is Welch's; only the degrees of freedom differ.
    const result = welchTest(sampleStatistic(A), sampleStatistic(B), {
      kind: 'absolute',
    });
    const t = result.estimate / result.standardError;
    expect(2 * studentTCdf(-Math.abs(t), 14)).toBeCloseTo(
      expected.t_test_p,
      13,
    );
    expect(result.pValue).toBeGreaterThan(expected.t_test_p);
  });

  it('Mann-Whitney exact, two-sided and one-sided', () => {
    expect(mannWhitneyTest(A, B).pValue).toBeCloseTo(
      expected.mannwhitney_two_sided_p,
      13,
    );
    expect(mannWhitneyTest(A, B, 'less').pValue).toBeCloseTo(
      expected['mannwhitney_less_p(evidently)'],
      13,
    );
  });

  it('Mann-Whitney with ties is normal with corrections (scipy 1.17)', () => {
    const result = mannWhitneyTest([1, 2, 2, 3, 5], [2, 3, 4, 4, 6, 7]);
    expect(result).toMatchObject({ statistic: 6.5, method: 'asymptotic' });
    expect(result.pValue).toBeCloseTo(0.13862587987892763, 12);
    expect(mannWhitneyTest([1, 1], [1, 1]).pValue).toBe(1);
    expect(mannWhitneyTest([], [1]).pValue).toBeNaN();
  });
});

type Test = (
  control: ArmStatistic,
  treatment: ArmStatistic,
  options: EffectTestOptions,
) => EffectTest;

describe('false alarms and power by simulation', () => {
  /** Runs of an experiment without effect (or with), looked at after every hundred units an arm. */
  const everSignificant = (
    runs: number,
    effect: number,
    isSignificant: (
      arms: { n: number; sum: number; sumOfSquares: number }[],
    ) => boolean,
  ) => {
    const random = createRandom(41);
    let hits = 0;
    for (let run = 0; run < runs; run++) {
      const arms = [sums(0, 0, 0), sums(0, 0, 0)];
      let wasSignificant = false;
      for (let look = 0; look < 30 && !wasSignificant; look++) {
        arms.forEach((arm, i) => {
          for (let k = 0; k < 100; k++) {
            const value = 1 + i * effect + nextNormal(random);
            arm.n++;
            arm.sum += value;
            arm.sumOfSquares += value * value;
          }
        });
        wasSignificant = isSignificant(arms);
      }
      if (wasSignificant) hits++;
    }
    return hits / runs;
  };

  it('looking thirty times: the sequential test keeps its level, the t test does not', () => {
    const of = (test: Test) => (arms: ReturnType<typeof sums>[]) =>
      test(meanStatistic(arms[0]), meanStatistic(arms[1]), {
        kind: 'absolute',
      }).pValue < 0.05;
    expect(everSignificant(300, 0, of(sequentialTest))).toBeLessThan(0.06);
    expect(everSignificant(300, 0, of(welchTest))).toBeGreaterThan(0.15);
    expect(everSignificant(60, 0.2, of(sequentialTest))).toBeGreaterThan(0.95);
  });

  it('one-sided sequential test keeps its level', () => {
    expect(
      everSignificant(
        300,
        0,
        arms =>
          sequentialTest(meanStatistic(arms[0]), meanStatistic(arms[1]), {
            kind: 'absolute',
            alternative: 'greater',
          }).pValue < 0.05,
      ),
    ).toBeLessThan(0.065);
  });

  it('relative and ratio effects cover the truth 95 % of the time', () => {
    const random = createRandom(42);
    let covered = 0;
    for (let run = 0; run < 500; run++) {
      const arms = [1, 1.2].map(lift => {
        const units = Array.from({ length: 300 }, () => {
          const orders = 1 + Math.floor(3 * nextUniform(random));
          return {
            orders,
            revenue: orders * lift * (10 + 3 * nextNormal(random)),
          };
        });
        const total = (of: (unit: (typeof units)[0]) => number) =>
          units.reduce((sum, unit) => sum + of(unit), 0);
        return ratioStatistic({
          numerator: sums(
            total(u => u.revenue),
            total(u => u.revenue ** 2),
            300,
          ),
          denominator: sums(
            total(u => u.orders),
            total(u => u.orders ** 2),
            300,
          ),
          sumOfProducts: total(u => u.orders * u.revenue),
        });
      });
      const { interval } = welchTest(arms[0], arms[1]);
      if (interval[0] <= 0.2 && interval[1] >= 0.2) covered++;
    }
    expect(covered / 500).toBeGreaterThan(0.92);
    expect(covered / 500).toBeLessThan(0.98);
  });

  it('quantile effects keep their level', () => {
    const random = createRandom(43);
    let hits = 0;
    for (let run = 0; run < 300; run++) {
      const [a, b] = [0, 1].map(() =>
        sampleQuantileStatistic(
          Array.from({ length: 400 }, () => Math.exp(nextNormal(random))),
          0.9,
        ),
      );
      if (welchTest(a, b).pValue < 0.05) hits++;
    }
    expect(hits / 300).toBeLessThan(0.08);
  });

  it('CUPED removes the variance that was foreseeable, and no effect', () => {
    const random = createRandom(44);
    const arm = (effect: number) => {
      const total = {
        post: sums(0, 0, 0),
        pre: sums(0, 0, 0),
        sumOfProducts: 0,
      };
      for (let i = 0; i < 2000; i++) {
        const pre = 10 + 2 * nextNormal(random);
        const post = pre + effect + nextNormal(random);
        for (const [part, value] of [
          [total.pre, pre],
          [total.post, post],
        ] as const) {
          part.n++;
          part.sum += value;
          part.sumOfSquares += value * value;
        }
        total.sumOfProducts += pre * post;
      }
      return total;
    };
    const [control, treatment] = [arm(0), arm(0.2)];
    const plain = effectOf(
      meanStatistic(control.post),
      meanStatistic(treatment.post),
      { kind: 'absolute' },
    );
    const adjusted = cupedStatistics(control, treatment);
    const better = effectOf(adjusted.control, adjusted.treatment, {
      kind: 'absolute',
    });
    expect(adjusted.slope).toBeCloseTo(1, 1);
    // 1 - correlation^2 = 1/5 of the variance is left
    expect((better.standardError / plain.standardError) ** 2).toBeCloseTo(
      0.2,
      1,
    );
    expect(Math.abs(better.estimate - 0.2)).toBeLessThan(
      3 * better.standardError,
    );
  });
});

describe('bandits', () => {
  const beta = (alpha: number, betaParameter: number) =>
    ({ kind: 'beta', alpha, beta: betaParameter } as const);
  const normal = (mu: number, standardError: number) =>
    ({ kind: 'normal', mean: mu, standardError } as const);

  it.each([
    [beta(50, 52), beta(52, 50), 0.610771],
    [beta(101, 901), beta(121, 881), 0.923183],
  ])('probability that the second of two is best', (a, b, expected) => {
    const [first, second] = probabilityOfBest([a, b]);
    expect(second).toBeCloseTo(expected, 6);
    expect(first + second).toBeCloseTo(1, 12);
    expect(probabilityOfBest([a, b], { higherIsBetter: false })[0]).toBeCloseTo(
      expected,
      6,
    );
  });

  it('agrees with draws for three arms, for higher and for lower is better', () => {
    const random = createRandom(5);
    const arms = [normal(1, 0.2), normal(1.1, 0.1), beta(30, 4)];
    for (const higherIsBetter of [true, false]) {
      const wins = [0, 0, 0];
      for (let i = 0; i < 20_000; i++) {
        wins[sampleThompson(random, arms, { higherIsBetter })]++;
      }
      probabilityOfBest(arms, { higherIsBetter }).forEach((p, i) => {
        expect(Math.abs(wins[i] / 20_000 - p)).toBeLessThan(0.012);
      });
    }
  });

  it('gives latency arms the right order: lower is better', () => {
    const arms = [normal(90, 5), normal(100, 5), normal(200, 5)];
    const best = probabilityOfBest(arms, { higherIsBetter: false });
    const weights = topTwoWeights(best);
    expect(best[0]).toBeGreaterThan(0.9);
    expect(weights[0]).toBeCloseTo(0.5, 3);
    expect(weights[1]).toBeCloseTo(0.5, 3);
    expect(weights[2]).toBeLessThan(0.001);
  });

  it('top two gives two arms half each, whatever is known', () => {
    for (const best of [
      [0.5, 0.5],
      [0.99, 0.01],
      [1, 0],
    ]) {
      expect(topTwoWeights(best)[0]).toBeCloseTo(0.5, 12);
      expect(topTwoWeights(best)[1]).toBeCloseTo(0.5, 12);
    }
    expect(topTwoWeights([1])).toEqual([1]);
    expect(topTwoWeights([1, 0, 0])).toEqual([0.5, 0.25, 0.25]);
  });

  it('keeps a floor for every arm, and the sum at 1', () => {
    expect(withFloor([1, 0])).toEqual([0.99, 0.01]);
    const weights = withFloor([0.7, 0.2, 0.1], 0.05);
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(withFloor([1, 0], 0.9)).toEqual([0.5, 0.5]);
  });

  it('finds the better arm, Bernoulli and lower is better', () => {
    const random = createRandom(6);
    const rates = [0.1, 0.3];
    const arms = [beta(1, 1), beta(1, 1)].map(arm => ({ ...arm }));
    let better = 0;
    for (let i = 0; i < 1000; i++) {
      const chosen = sampleThompson(random, arms, { higherIsBetter: false });
      if (chosen === 0) better++;
      if (nextUniform(random) < rates[chosen]) arms[chosen].alpha++;
      else arms[chosen].beta++;
    }
    expect(better).toBeGreaterThan(850);
  });

  it('refuses an improper posterior', () => {
    expect(() => probabilityOfBest([normal(0, 0)])).toThrow(
      'Arm 0 has no proper',
    );
    expect(() => probabilityOfBest([beta(0, 1)])).toThrow(
      'Arm 0 has no proper',
    );
    expect(probabilityOfBest([])).toEqual([]);
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
  });
});
