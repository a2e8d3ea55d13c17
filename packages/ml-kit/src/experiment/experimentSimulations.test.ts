import { normalPdf } from '../distributions/normal';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import type { RandomState } from '../random/random';
import {
  meanStatistic,
  proportionStatistic,
  ratioStatistic,
  sampleQuantileStatistic,
} from './armStatistic';
import type { ArmStatistic } from './armStatistic';
import { withFloor } from './bandit';
import { bayesianTest } from './bayesianTest';
import { cupedStatistics } from './cuped';
import { effectOf, welchTest } from './effect';
import type { EffectTest, EffectTestOptions } from './effect';
import { sequentialTest } from './sequentialTest';

const sums = (sum: number, sumOfSquares: number, n: number) => ({
  n,
  sum,
  sumOfSquares,
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

  it('e-values have a mean of 1 without an effect, and p-values are never smaller than 1 / e', () => {
    for (const alternative of ['two-sided', 'greater', 'less'] as const) {
      // Over the distribution of z, by its density: E[e] = 1 exactly.
      let mean = 0;
      for (let z = -20; z <= 20; z += 0.02) {
        const arm = { n: 50, mean: 0, variance: 25 };
        const shifted = { ...arm, mean: z };
        const result = sequentialTest(arm, shifted, {
          kind: 'absolute',
          alternative,
          tuningN: 100,
        });
        mean += result.eValue * normalPdf(z) * 0.02;
        expect(result.pValue).toBeGreaterThanOrEqual(
          Math.min(1, 1 / result.eValue) * (1 - 1e-12),
        );
      }
      expect(mean).toBeCloseTo(1, 3);
    }
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

  it('looking fifty times at a rare event: the default test keeps its level too', () => {
    const random = createRandom(45);
    let alarms = 0;
    for (let run = 0; run < 500; run++) {
      const successes = [0, 0];
      for (let look = 1; look <= 50; look++) {
        for (const arm of [0, 1]) {
          for (let k = 0; k < 50; k++) {
            if (nextUniform(random) < 0.01) successes[arm]++;
          }
        }
        const [control, treatment] = successes.map(count =>
          proportionStatistic({ successes: count, n: 50 * look }),
        );
        if (sequentialTest(control, treatment).pValue < 0.05) {
          alarms++;
          break;
        }
      }
    }
    expect(alarms / 500).toBeLessThan(0.05);
  });

  it('looking from the first units on keeps its level with a large tuningN and with a small one', () => {
    const alarmShare = (tuningN: number) => {
      const random = createRandom(46);
      let alarms = 0;
      for (let run = 0; run < 1000; run++) {
        const arms = [sums(0, 0, 0), sums(0, 0, 0)];
        for (let look = 0; look < 100; look++) {
          for (const arm of arms) {
            for (let k = 0; k < 2; k++) {
              const value = nextNormal(random);
              arm.n++;
              arm.sum += value;
              arm.sumOfSquares += value * value;
            }
          }
          const [control, treatment] = arms.map(meanStatistic);
          if (sequentialTest(control, treatment, { tuningN }).pValue < 0.05) {
            alarms++;
            break;
          }
        }
      }
      return alarms / 1000;
    };
    expect(alarmShare(500)).toBeLessThan(0.04);
    expect(alarmShare(50)).toBeLessThan(0.05);
  });

  describe.each([
    ['normal', (random: RandomState) => nextNormal(random)],
    ['skewed', (random: RandomState) => Math.exp(nextNormal(random))],
    ['1 % events', (random: RandomState) => +(nextUniform(random) < 0.01)],
    ['0.1 % events', (random: RandomState) => +(nextUniform(random) < 0.001)],
  ] as const)('without effect, %s values', (_, draw) => {
    it.each([
      // units of control before, units of control for each of treatment, tuningN
      [10_000, 0, 5000],
      [10_000, 0, 100],
      [0, 9, 5000],
      [0, 9, 500],
      [0, 99, 5000],
    ])(
      'a canary beside %s units and %s for each, tuned to %s, alarms rarely from 2 units on',
      (before, ratio, tuningN) => {
        const random = createRandom(47);
        const runs = 60;
        let alarms = 0;
        const add = (arm: ReturnType<typeof sums>, units: number) => {
          for (let k = 0; k < units; k++) {
            const value = draw(random);
            arm.n++;
            arm.sum += value;
            arm.sumOfSquares += value * value;
          }
        };
        const shared = sums(0, 0, 0);
        add(shared, before);
        for (let run = 0; run < runs; run++) {
          const [control, treatment] = [{ ...shared }, sums(0, 0, 0)];
          for (let look = 0; look < 60; look++) {
            const units = look < 20 ? 2 : 10;
            add(treatment, units);
            add(control, ratio * units);
            const { pValue } = sequentialTest(
              meanStatistic(control),
              meanStatistic(treatment),
              { tuningN },
            );
            if (pValue < 0.05) {
              alarms++;
              break;
            }
          }
        }
        expect(alarms / runs).toBeLessThanOrEqual(0.05);
      },
    );
  });

  it('says that a few units are not enough, and from when on they are', () => {
    const control = { n: 10_000, mean: 0, variance: 1 };
    const of = (n: number, tuningN?: number) =>
      sequentialTest(control, { n, mean: 5, variance: 0.01 }, { tuningN });
    expect(of(9)).toMatchObject({ status: 'not-enough-data', pValue: NaN });
    expect(of(9).interval).toEqual([NaN, NaN]);
    expect(of(10).status).toBe('ok');
    expect(of(29, 100).status).toBe('not-enough-data');
    expect(of(30, 100).status).toBe('ok');
  });

  it('finds what a canary does harm', () => {
    const control = proportionStatistic({ successes: 100, n: 10_000 });
    const treatment = proportionStatistic({ successes: 20, n: 200 });
    expect(sequentialTest(control, treatment).pValue).toBeLessThan(0.05);
  });

  it.each<[object, string]>([
    [{ alpha: 5 }, 'alpha must lie between 0 and 1 (0.05 is 5 %), got 5'],
    [{ alpha: NaN }, 'alpha must lie'],
    [{ alternative: 'more' }, 'alternative must be one of two-sided'],
    [{ kind: 'percent' }, 'kind must be one of relative, absolute'],
  ])('every test refuses %j', (options, message) => {
    const arm = { n: 100, mean: 1, variance: 1 };
    for (const test of [welchTest, sequentialTest, bayesianTest]) {
      expect(() => test(arm, arm, options)).toThrow(message);
    }
  });

  it('refuses what is no tuning, prior, floor, level or proportion', () => {
    const arm = { n: 100, mean: 1, variance: 1 };
    for (const tuningN of [0, -1, NaN, Infinity]) {
      expect(() => sequentialTest(arm, arm, { tuningN })).toThrow(
        `tuningN must be a positive, finite number, got ${tuningN}`,
      );
    }
    const prior = { mean: 0, variance: -1 };
    expect(() => bayesianTest(arm, arm, { prior })).toThrow('prior.variance');
    expect(() => withFloor([1, 0], NaN)).toThrow('floor must lie');
    expect(() => sampleQuantileStatistic([1, 2], 90)).toThrow('level must lie');
    expect(() => proportionStatistic({ successes: 3, n: 2 })).toThrow('3 of 2');
  });

  it('decides by the absolute effect, on whichever scale it is shown', () => {
    const [control, treatment] = [9, 21].map(successes =>
      proportionStatistic({ successes, n: 1000 }),
    );
    for (const alternative of ['two-sided', 'greater', 'less'] as const) {
      const [absolute, relative] = (['absolute', 'relative'] as const).map(
        kind => sequentialTest(control, treatment, { kind, alternative }),
      );
      expect(relative.pValue).toBe(absolute.pValue);
      expect(relative.eValue).toBe(absolute.eValue);
      expect(relative.estimate).toBeCloseTo(absolute.estimate / 0.009, 12);
    }
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
