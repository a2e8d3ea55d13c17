import vectors from '../../fixtures/monitoring-vectors.json';
import { chiSquareQuantile } from '../distributions/chiSquare';
import {
  chiSquareContingency,
  chiSquareGoodnessOfFit,
  twoProportionZTest,
} from './chiSquareTests';
import { cramerVonMisesTest } from './cramerVonMises';
import {
  hellingerDistance,
  jensenShannonDistanceBase2,
  jensenShannonDistanceNatural,
  jensenShannonDivergenceNats,
  kullbackLeiblerNats,
  largestCellDifference,
  totalVariationDistance,
} from './distances';
import { kolmogorovOneSampleUpperTail } from './kolmogorovDistribution';
import { kolmogorovSmirnovTest } from './kolmogorovSmirnov';
import { populationStability } from './populationStability';
import {
  energyDistance,
  wassersteinDistance,
  wassersteinDistanceNormed,
} from './wasserstein';

/** Portable generator of the vectors: x = (1103515245 x + 12345) mod 2^31, u = x / 2^31. */
function linearCongruential(seed: number, count: number): number[] {
  let x = BigInt(seed);
  return Array.from({ length: count }, () => {
    x = (1103515245n * x + 12345n) % 2147483648n;
    return Number(x) / 2147483648;
  });
}

describe('two samples of eight', () => {
  const { A, B, ...expected } = vectors.AB_8v8;

  it('Kolmogorov-Smirnov D, exact p over all orders of the pooled sample', () => {
    const result = kolmogorovSmirnovTest(A, B);
    expect(result.statistic).toBe(expected.ks_D);
    expect(result.pValue).toBeCloseTo(expected.ks_p_exact, 13);
    expect(result.method).toBe('exact');
  });

  it('Kolmogorov-Smirnov p of the one-sample distribution at n = m n / (m + n), which scipy calls asymptotic', () => {
    expect(kolmogorovOneSampleUpperTail(0.625, 4)).toBeCloseTo(
      expected.ks_p_asymp,
      13,
    );
  });

  it('Wasserstein-1, plain and in population standard deviations of the first', () => {
    expect(wassersteinDistance(A, B)).toBeCloseTo(expected.wasserstein1, 12);
    expect(wassersteinDistanceNormed(A, B)).toBeCloseTo(
      expected['wasserstein_norm_evidently(pop std of A)'],
      12,
    );
  });

  it('energy distance as a square root', () => {
    expect(energyDistance(A, B)).toBeCloseTo(expected.energy_distance, 12);
  });

  it("Cramer-von Mises, Anderson's T with its exact p", () => {
    const result = cramerVonMisesTest(A, B);
    expect(result.statistic).toBeCloseTo(expected.cvm_T, 13);
    expect(result.pValue).toBeCloseTo(expected.cvm_p_exact, 13);
  });
});

describe('six categories', () => {
  const { ref, cur, ...expected } = vectors.cat6;

  it('chi-square goodness of fit to the scaled baseline', () => {
    const result = chiSquareGoodnessOfFit(cur, ref);
    expect(result.statistic).toBeCloseTo(expected['gof_chi2(evidently)'], 12);
    expect(result.pValue).toBeCloseTo(expected['gof_p(evidently 0.67309)'], 12);
  });

  it('chi-square of the 2 x 6 contingency table', () => {
    const result = chiSquareContingency(ref, cur);
    expect(result.statistic).toBeCloseTo(
      expected['contingency_chi2(nannyml)'],
      12,
    );
    expect(result.pValue).toBeCloseTo(expected.contingency_p, 12);
  });

  it('PSI and Kullback-Leibler D(baseline || current), natural logarithms', () => {
    expect(populationStability(ref, cur)?.psi).toBeCloseTo(expected.psi, 13);
    expect(kullbackLeiblerNats(ref, cur)).toBeCloseTo(expected.kl_ref_cur, 13);
  });

  it('Jensen-Shannon distance by natural logarithms and base 2, divergence in bits', () => {
    expect(jensenShannonDistanceNatural(ref, cur)).toBeCloseTo(
      expected['js_distance_ln(evidently)'],
      13,
    );
    expect(jensenShannonDistanceBase2(ref, cur)).toBeCloseTo(
      expected['js_distance_base2(nannyml)'],
      13,
    );
    expect(jensenShannonDivergenceNats(ref, cur) / Math.LN2).toBeCloseTo(
      expected.js_divergence_bits,
      13,
    );
  });

  it('Hellinger, total variation and L-infinity', () => {
    expect(hellingerDistance(ref, cur)).toBeCloseTo(
      expected['hellinger(evidently 0.06812)'],
      13,
    );
    expect(totalVariationDistance(ref, cur)).toBeCloseTo(expected.tvd, 13);
    expect(largestCellDifference(ref, cur)).toBeCloseTo(expected.linf, 13);
  });
});

describe('ten bins of shares', () => {
  const { p, q, ...expected } = vectors.psi10;

  it('PSI, Jensen-Shannon distances and D(q || p)', () => {
    expect(
      populationStability(
        p.map(share => share * 1e6),
        q.map(share => share * 1e6),
      )?.psi,
    ).toBeCloseTo(expected.psi, 12);
    expect(jensenShannonDistanceBase2(p, q)).toBeCloseTo(expected.js_base2, 13);
    expect(jensenShannonDistanceNatural(p, q)).toBeCloseTo(expected.js_ln, 13);
    expect(kullbackLeiblerNats(q, p)).toBeCloseTo(expected.kl, 13);
  });
});

describe('two proportions', () => {
  it('pooled z, two-sided', () => {
    const { n1, x1, n2, x2, z, p } = vectors.ztest;
    const result = twoProportionZTest(
      { successes: x1, trials: n1 },
      { successes: x2, trials: n2 },
    );
    expect(result.statistic).toBeCloseTo(z, 12);
    expect(result.pValue).toBeCloseTo(p, 13);
  });
});

describe('portable uniform samples of 1000 and 800', () => {
  const expected = vectors.lcg_uniform;
  const u = linearCongruential(42, 1000);
  const v = linearCongruential(7, 800).map(x => 1.05 * x + 0.02);

  it('are the ones of the vectors', () => {
    expect(u.slice(0, 3)).toEqual(expected.U_first3);
    expect(v.slice(0, 3)).toEqual(expected.V_first3);
  });

  it('Kolmogorov-Smirnov exact, and one-sample at n = 444', () => {
    const result = kolmogorovSmirnovTest(u, v);
    expect(result.statistic).toBeCloseTo(expected.ks_D, 13);
    const oneSample = kolmogorovOneSampleUpperTail(0.071, 444);
    // scipy approximates here (Pelz and Good); the second number has 60 digits.
    expect(oneSample).toBeCloseTo(expected.ks_p_asymp, 7);
    expect(oneSample).toBeCloseTo(0.0216350693973853, 13);
    expect(result.pValue).toBeCloseTo(expected.ks_p_kstwo_exact, 12);
  });

  it.each([
    [30, 25, 0.10242424242424164, 0.5911110263014432],
    [1000, 800, 0.7039197685185172, 0.012457459629503842],
  ])(
    'Cramer-von Mises of %s against %s, limit matched in mean and variance (scipy 1.17)',
    (m, n, statistic, pValue) => {
      const result = cramerVonMisesTest(u.slice(0, m), v.slice(0, n));
      expect(result.method).toBe('asymptotic');
      expect(result.statistic).toBeCloseTo(statistic, 12);
      expect(result.pValue).toBeCloseTo(pValue, 12);
    },
  );

  it('Wasserstein-1, plain and in population standard deviations', () => {
    expect(wassersteinDistance(u, v)).toBeCloseTo(expected.w1, 12);
    expect(wassersteinDistanceNormed(u, v)).toBeCloseTo(expected.w1_norm, 12);
  });

  /** Shares in 12 bins of equal width from low to high, and the share outside of them. */
  const equalWidth = (values: number[], low: number, high: number) => {
    const counts = new Array<number>(13).fill(0);
    for (const x of values) {
      const bin = Math.floor(((x - low) / (high - low)) * 12);
      counts[x < low || x > high ? 12 : Math.min(11, bin)]++;
    }
    return counts;
  };

  it("PSI and natural Jensen-Shannon over 12 bins of both samples (Sturges): Evidently's definitions", () => {
    const low = Math.min(...u, ...v);
    const high = Math.max(...u, ...v);
    const [p, q] = [u, v].map(values => equalWidth(values, low, high));
    expect(populationStability(p, q)?.psi).toBeCloseTo(
      expected.evidently_psi,
      10,
    );
    expect(jensenShannonDistanceNatural(p, q)).toBeCloseTo(
      expected.evidently_js,
      12,
    );
  });

  it("base 2 Jensen-Shannon and Hellinger over 12 bins of the baseline (Doane) with a leftover bin: NannyML's definitions", () => {
    const low = Math.min(...u);
    const high = Math.max(...u);
    const [p, q] = [u, v].map(values => equalWidth(values, low, high));
    expect(jensenShannonDistanceBase2(p, q)).toBeCloseTo(
      expected.nannyml_js_base2,
      12,
    );
    expect(hellingerDistance(p, q)).toBeCloseTo(expected.nannyml_hellinger, 12);
  });

  it('PSI over deciles of the baseline with an empty-cell share of 1e-4', () => {
    const sorted = [...u].sort((a, b) => a - b);
    const decile = (k: number) => {
      const position = (k / 10) * 999;
      const low = Math.floor(position);
      const next = sorted[Math.min(999, low + 1)];
      return sorted[low] + (position - low) * (next - sorted[low]);
    };
    const inner = Array.from({ length: 9 }, (_, i) => decile(i + 1));
    const shares = (values: number[]) => {
      const counts = new Array<number>(10).fill(0);
      for (const x of values) counts[inner.filter(edge => x >= edge).length]++;
      return counts.map(count => Math.max(count / values.length, 1e-4));
    };
    const p = shares(u);
    const q = shares(v);
    const psi = p.reduce(
      (sum, pi, i) => sum + (q[i] - pi) * Math.log(q[i] / pi),
      0,
    );
    expect(psi).toBeCloseTo(expected['psi_ref_deciles_eps1e-4'], 12);
    const counts = (s: number[], n: number) => s.map(x => Math.round(x * n));
    expect(
      populationStability(counts(p, 1000), counts(q, 800))?.psi,
    ).toBeCloseTo(expected['psi_ref_deciles_eps1e-4'], 12);
  });
});

describe('the scaled chi-square rule of PSI', () => {
  it('has the published thresholds to first order, 10 bins against 10,000 rows', () => {
    const rule = vectors.psi_scaled_chi2;
    const threshold = (p: number, n: number) =>
      chiSquareQuantile(p, 9) * (1 / n + 1 / rule.m);
    expect(threshold(0.95, 200)).toBeCloseTo(rule.thr_n200_95, 4);
    expect(threshold(0.95, 1000)).toBeCloseTo(rule.thr_n1000_95, 4);
    expect(chiSquareQuantile(0.95, 9)).toBeCloseTo(rule['chi2inv_0.95_9'], 11);
    expect(chiSquareQuantile(0.99, 9)).toBeCloseTo(rule['chi2inv_0.99_9'], 11);
  });
});
