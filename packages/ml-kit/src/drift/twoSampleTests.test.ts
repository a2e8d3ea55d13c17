import { createRandom, nextNormal } from '../random/random';
import { benjaminiHochberg } from './benjaminiHochberg';
import {
  chiSquareContingency,
  chiSquareGoodnessOfFit,
  twoProportionZTest,
} from './chiSquareTests';
import { cramerVonMisesTest, cramerVonMisesUpperTail } from './cramerVonMises';
import {
  hellingerDistance,
  jensenShannonDistanceBase2,
  kullbackLeiblerNats,
  largestCellDifference,
  totalVariationDistance,
} from './distances';
import {
  kolmogorovOneSampleUpperTail,
  kolmogorovUpperTail,
  smirnovExactUpperTail,
} from './kolmogorovDistribution';
import { kolmogorovSmirnovTest } from './kolmogorovSmirnov';
import { populationStability } from './populationStability';
import {
  fourierMaximumMeanDiscrepancyTest,
  maximumMeanDiscrepancySquared,
  maximumMeanDiscrepancyTest,
} from './maximumMeanDiscrepancy';
import {
  energyDistance,
  wassersteinDistance,
  wassersteinDistanceOfHistograms,
} from './wasserstein';

const random = createRandom(77);
const normals = (n: number, shift = 0) =>
  Array.from({ length: n }, () => shift + nextNormal(random));

function rateOf(runs: number, isHit: () => boolean): number {
  let hits = 0;
  for (let run = 0; run < runs; run++) if (isHit()) hits++;
  return hits / runs;
}

describe('levels and power of the two-sample tests', () => {
  it.each<[string, (a: number[], b: number[]) => { pValue: number }]>([
    ['Kolmogorov-Smirnov exact', (a, b) => kolmogorovSmirnovTest(a, b)],
    [
      'Kolmogorov-Smirnov asymptotic',
      (a, b) => kolmogorovSmirnovTest(a, b, 'asymptotic'),
    ],
    ['Cramer-von Mises', (a, b) => cramerVonMisesTest(a, b)],
    [
      'proportions above 0',
      (a, b) =>
        twoProportionZTest(
          { successes: a.filter(x => x > 0).length, trials: a.length },
          { successes: b.filter(x => x > 0).length, trials: b.length },
        ),
    ],
    [
      'contingency over sixths',
      (a, b) => {
        const cells = (values: number[]) => {
          const counts = new Array<number>(6).fill(0);
          for (const x of values)
            counts[Math.min(5, Math.max(0, Math.floor(x + 3)))]++;
          return counts;
        };
        return chiSquareContingency(cells(a), cells(b));
      },
    ],
  ])('%s', (_, test) => {
    const level = rateOf(
      400,
      () => test(normals(80), normals(60)).pValue < 0.05,
    );
    expect(level).toBeLessThan(0.08);
    expect(level).toBeGreaterThan(0.01);
    expect(
      rateOf(60, () => test(normals(80), normals(60, 0.9)).pValue < 0.05),
    ).toBeGreaterThan(0.8);
  });

  it('maximum mean discrepancy by permutation, exact and by Fourier features', () => {
    const rows = (n: number, shift: number) =>
      normals(n).map(x => [x, shift * x + nextNormal(random)]);
    for (const test of [
      maximumMeanDiscrepancyTest,
      fourierMaximumMeanDiscrepancyTest,
    ]) {
      const p = (shift: number) => () =>
        test(rows(30, 0), rows(30, shift), { permutations: 60, seed: 3 })
          .pValue < 0.05;
      expect(rateOf(100, p(0))).toBeLessThan(0.12);
      // The marginals of x are equal: only the joint distribution differs.
      expect(rateOf(30, p(3))).toBeGreaterThan(0.6);
    }
  });

  it('Fourier features approach the kernel', () => {
    const a = normals(60).map(x => [x]);
    const b = normals(60, 1).map(x => [x]);
    const exact = maximumMeanDiscrepancySquared(a, b, 1);
    const { statistic } = fourierMaximumMeanDiscrepancyTest(a, b, {
      sigma: 1,
      directions: 4000,
      permutations: 1,
    });
    // The statistic is the biased one: it has the diagonal, about 1/m + 1/n, too.
    expect(statistic - exact).toBeCloseTo(1 / 60 + 1 / 60, 1);
    expect(maximumMeanDiscrepancySquared([[1]], b, 1)).toBeNaN();
    expect(maximumMeanDiscrepancyTest([], b).pValue).toBeNaN();
    expect(fourierMaximumMeanDiscrepancyTest([], b).pValue).toBeNaN();
  });
});

describe('distributions of the statistics', () => {
  it('Kolmogorov limit at published points, both series', () => {
    // Smirnov's table (1948): 1 - K(x)
    expect(kolmogorovUpperTail(1.36)).toBeCloseTo(0.049486, 6);
    expect(kolmogorovUpperTail(0.5)).toBeCloseTo(0.963945, 6);
    expect(kolmogorovUpperTail(1.18 - 1e-12)).toBeCloseTo(
      kolmogorovUpperTail(1.18),
      11,
    );
    expect(kolmogorovUpperTail(0)).toBe(1);
    expect(kolmogorovUpperTail(NaN)).toBeNaN();
  });

  it('one-sample D of Marsaglia, Tsang and Wang: n = 10, d = 0.274', () => {
    expect(1 - kolmogorovOneSampleUpperTail(0.274, 10)).toBeCloseTo(
      0.6284796154565043,
      12,
    );
    // 120 digits; powers of the matrix leave the range of doubles here.
    expect(kolmogorovOneSampleUpperTail(0.02, 1200)).toBeCloseTo(
      0.715290144022213,
      12,
    );
    expect(kolmogorovOneSampleUpperTail(0.01, 1500)).toBeCloseTo(
      0.997956010881488,
      12,
    );
    expect(kolmogorovOneSampleUpperTail(NaN, 5)).toBeNaN();
    expect(kolmogorovOneSampleUpperTail(1, 5)).toBe(0);
    expect(kolmogorovOneSampleUpperTail(0, 5)).toBe(1);
  });

  it('two-sample exact by counting orders: 2 against 2 fully apart is 2 of 6', () => {
    expect(smirnovExactUpperTail(4, 2, 2)).toBeCloseTo(2 / 6, 14);
    expect(smirnovExactUpperTail(0, 2, 2)).toBe(1);
    expect(kolmogorovSmirnovTest([1, 2], [3, 4]).pValue).toBeCloseTo(2 / 6, 14);
  });

  it('is exact up to a product of the sizes of ten million, as scipy is for 2000 against 1000', () => {
    const spread = (n: number, shift: number) =>
      Array.from({ length: n }, (_, i) => (i + shift) / n);
    const current = spread(1000, 0.25).map(x => x + 0.05);
    const result = kolmogorovSmirnovTest(spread(2000, 0), current);
    expect(result.method).toBe('exact');
    expect(result.pValue).toBeCloseTo(0.06596131142221157, 12);
    const methodOf = (m: number, n: number) =>
      kolmogorovSmirnovTest(spread(m, 0), spread(n, 0.5)).method;
    expect(methodOf(4000, 2500)).toBe('exact');
    expect(methodOf(4000, 2501)).toBe('asymptotic');
  });

  it('keeps a tiny exact tail that 1 - p would lose', () => {
    const a = Array.from({ length: 60 }, (_, i) => i);
    const { pValue } = kolmogorovSmirnovTest(
      a,
      a.map(x => x + 100),
    );
    // 2 / C(120, 60)
    expect(pValue / 2.0697e-35).toBeCloseTo(1, 3);
  });

  it('Cramer-von Mises limit at published points', () => {
    // Anderson and Darling (1952), table 1
    expect(cramerVonMisesUpperTail(0.46136)).toBeCloseTo(0.05, 5);
    expect(cramerVonMisesUpperTail(0.74346)).toBeCloseTo(0.01, 5);
    expect(cramerVonMisesUpperTail(0.3473)).toBeCloseTo(0.1, 5);
    expect(cramerVonMisesUpperTail(0)).toBe(1);
    expect(cramerVonMisesUpperTail(NaN)).toBeNaN();
  });
});

describe('empty, constant and infinite input', () => {
  it('gives NaN without values, and no difference between equal constants', () => {
    for (const test of [kolmogorovSmirnovTest, cramerVonMisesTest]) {
      expect(test([], [1]).pValue).toBeNaN();
      expect(test([NaN], [1]).statistic).toBeNaN();
      expect(test([2, 2], [2, 2])).toMatchObject({ statistic: 0, pValue: 1 });
    }
    expect(wassersteinDistance([], [1])).toBeNaN();
    expect(energyDistance([1], [])).toBeNaN();
    expect(wassersteinDistance([2], [2])).toBe(0);
    expect(wassersteinDistance([0], [Infinity])).toBe(Infinity);
    for (const infinity of [Infinity, -Infinity]) {
      const shared = [
        [0, infinity],
        [2, infinity],
      ];
      expect(wassersteinDistance(shared[0], shared[1])).toBe(1);
      expect(energyDistance(shared[0], shared[1])).toBe(1);
      expect(wassersteinDistance([infinity], [infinity])).toBe(0);
      expect(wassersteinDistance([0, 0, infinity], [0, infinity])).toBe(
        Infinity,
      );
      expect(energyDistance([0, 0, infinity], [0, infinity])).toBe(Infinity);
      expect(wassersteinDistance([infinity], [-infinity])).toBe(Infinity);
    }
    expect(kolmogorovSmirnovTest([0, Infinity], [-Infinity, 0]).statistic).toBe(
      0.5,
    );
  });

  it('of histograms: NaN for no mass, 0 and the extremes otherwise', () => {
    const distances = [
      totalVariationDistance,
      hellingerDistance,
      jensenShannonDistanceBase2,
      largestCellDifference,
    ];
    for (const distance of distances) {
      expect(distance([0, 0], [1, 1])).toBeNaN();
      expect(distance([3, 1], [6, 2])).toBeCloseTo(0, 7);
      expect(distance([1, 0], [0, 1])).toBeCloseTo(1, 12);
    }
    expect(kullbackLeiblerNats([1, 1], [1, 0])).toBe(Infinity);
    expect(chiSquareGoodnessOfFit([1, 2], [1, 0]).statistic).toBe(Infinity);
    expect(chiSquareGoodnessOfFit([0, 0], [1, 1]).pValue).toBeNaN();
    expect(chiSquareGoodnessOfFit([5], [1]).pValue).toBe(1);
    expect(chiSquareContingency([1, 2], [0, 0]).pValue).toBeNaN();
    expect(
      twoProportionZTest(
        { successes: 3, trials: 3 },
        { successes: 5, trials: 5 },
      ),
    ).toEqual({ statistic: 0, pValue: 1 });
  });

  const overCells = {
    populationStability,
    chiSquareGoodnessOfFit,
    chiSquareContingency,
    kullbackLeiblerNats,
    jensenShannonDistanceBase2,
    hellingerDistance,
    totalVariationDistance,
    largestCellDifference,
    wassersteinDistanceOfHistograms: (
      baseline: ArrayLike<number>,
      current: ArrayLike<number>,
    ) => wassersteinDistanceOfHistograms([0, 1, 2, 3], baseline, current),
  };

  it.each(Object.entries(overCells))(
    '%s refuses other cells and counts that are none',
    (_, measure) => {
      expect(() => measure([10, 20], [10, 20, 3000])).toThrow('same length');
      expect(() => measure([10, 20, 3000], [10, 20])).toThrow('same length');
      for (const bad of [-20, NaN, Infinity]) {
        const message = `must be finite numbers of at least 0, got ${bad} in cell 1`;
        expect(() => measure([10, bad, 30], [10, 20, 30])).toThrow(message);
        expect(() => measure([10, 20, 30], [10, bad, 30])).toThrow(message);
      }
    },
  );

  it('a proportion has no more successes than trials', () => {
    const half = { successes: 5, trials: 10 };
    for (const bad of [
      { successes: 12, trials: 10 },
      { successes: -1, trials: 10 },
      { successes: NaN, trials: 10 },
      { successes: 1, trials: NaN },
    ]) {
      const message = `Expected 0 <= successes <= trials, got ${bad.successes} of ${bad.trials}`;
      expect(() => twoProportionZTest(half, bad)).toThrow(message);
      expect(() => twoProportionZTest(bad, half)).toThrow(message);
    }
  });

  it('Wasserstein of histograms refuses other edges than those of its bins', () => {
    expect(() =>
      wassersteinDistanceOfHistograms([0, 1], [1, 0], [0, 1]),
    ).toThrow('2 bins have 3 edges, got 2');
  });

  it('Wasserstein of histograms spreads mass within bins', () => {
    expect(
      wassersteinDistanceOfHistograms([0, 1, 2], [1, 0], [0, 1]),
    ).toBeCloseTo(1, 12);
    expect(wassersteinDistanceOfHistograms([0, 1, 3], [1, 1], [1, 1])).toBe(0);
    // Distribution functions cross in the second bin: gaps 0, 1/2, -1/2, 0.
    expect(
      wassersteinDistanceOfHistograms([0, 1, 2, 3], [1, 0, 1], [0, 2, 0]),
    ).toBeCloseTo(0.75, 12);
  });
});

describe('Benjamini-Hochberg', () => {
  it('adjusts as in R for ranks, ties and NaN', () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "BH")
    expect(benjaminiHochberg([0.01, 0.04, 0.03, 0.005])).toEqual([
      0.02, 0.04, 0.04, 0.02,
    ]);
    expect(benjaminiHochberg([0.5, NaN, 0.02])).toEqual([0.5, NaN, 0.04]);
    expect(benjaminiHochberg([])).toEqual([]);
  });
});
