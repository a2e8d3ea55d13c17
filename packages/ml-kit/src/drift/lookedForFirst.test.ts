import reference from '../../fixtures/tests.json';
import { normalCdf } from '../distributions/normal';
import { pairedTTest } from '../experiment/pairedTTest';
import {
  minimalDetectableEffect,
  powerOfTest,
  rateDeviation,
  sampleSize,
} from '../experiment/power';
import { multiclassAuc } from '../quality/multiclassAuc';
import { rocAuc } from '../quality/scores';
import { createRandom, nextNormal, nextUniform } from '../random/random';
import { andersonDarlingTest } from './andersonDarling';
import { cusumRunLength, cusumThreshold } from './cusumRunLength';
import { domainClassifierTest } from './domainClassifier';
import { estimateRegression, fitExpectedErrors } from './estimatedRegression';
import { fisherExactTest } from './fisherExact';
import { holm } from './holm';
import { kolmogorovSmirnovOneSampleTest } from './kolmogorovSmirnov';

const { a, b, continuous } = reference;
const SIDES = ['two-sided', 'greater', 'less'] as const;
type Side = (typeof SIDES)[number];

describe('tests by scipy and statsmodels', () => {
  it.each(reference.fisher)('Fisher exact of $counts', given => {
    const [k, m, l, n] = given.counts;
    for (const side of SIDES) {
      const { pValue } = fisherExactTest(
        { successes: k, trials: m },
        { successes: l, trials: n },
        side,
      );
      expect(pValue).toBeCloseTo(given[side], 10);
    }
  });

  it('Fisher refuses what is no count', () => {
    const fine = { successes: 1, trials: 2 };
    expect(() => fisherExactTest({ successes: 0.5, trials: 2 }, fine)).toThrow(
      'a.successes must be an integer',
    );
    expect(() => fisherExactTest(fine, { successes: 3, trials: 2 })).toThrow(
      '3 of 2',
    );
  });

  it('Anderson-Darling of two samples, with ties', () => {
    const half = continuous.slice(0, 30);
    const results = [
      andersonDarlingTest(a, b),
      andersonDarlingTest(a, a.slice(0, 20)),
      andersonDarlingTest(
        a,
        b.map(value => value + 3),
      ),
      andersonDarlingTest(half, continuous.slice(30)),
    ];
    expect(results).toEqual(
      reference.andersonDarling.map(({ statistic, pValue }) => ({
        statistic: expect.closeTo(statistic, 8),
        pValue: expect.closeTo(pValue, 6),
      })),
    );
    expect(andersonDarlingTest([], a).pValue).toBeNaN();
    expect(andersonDarlingTest([1, 1], [1]).pValue).toBeNaN();
  });

  it.each(reference.kolmogorovSmirnov)(
    'one-sample Kolmogorov-Smirnov, shifted by %s',
    (shift, statistic, pValue) => {
      const result = kolmogorovSmirnovOneSampleTest(
        continuous.map(value => value + shift),
        normalCdf,
      );
      expect(result.statistic).toBeCloseTo(statistic, 12);
      expect(Math.abs(result.pValue - pValue)).toBeLessThan(1e-10);
      expect(result.method).toBe('exact');
    },
  );

  it('one-sample Kolmogorov-Smirnov of nothing is NaN', () => {
    expect(kolmogorovSmirnovOneSampleTest([], normalCdf).pValue).toBeNaN();
  });

  it.each(SIDES)('paired t, %s', alternative => {
    const [statistic, pValue, low, high] = reference.pairedT[alternative];
    const result = pairedTTest(a.slice(0, 30), b, { alternative });
    expect(result.statistic).toBeCloseTo(Number(statistic), 10);
    expect(result.pValue).toBeCloseTo(Number(pValue), 10);
    // JSON has no infinities, the ends of a one-sided interval.
    const ends = [low ?? -Infinity, high ?? Infinity].map(Number);
    expect(result.interval[0]).toBeCloseTo(ends[0], 8);
    expect(result.interval[1]).toBeCloseTo(ends[1], 8);
  });

  it('paired t knows nothing of pairs that all differ alike', () => {
    expect(pairedTTest([1, 2, 3], [2, 3, 4]).pValue).toBeNaN();
    expect(pairedTTest([1], [2]).pValue).toBeNaN();
    expect(() => pairedTTest([1], [])).toThrow('first and second');
  });

  it('Holm', () => {
    expect(holm(reference.p)).toEqual(
      reference.holm.map(value => expect.closeTo(value, 12)),
    );
    expect(holm([])).toEqual([]);
    expect(holm([NaN, 0.04])).toEqual([NaN, 0.04]);
  });
});

describe('sample size, power and minimal detectable effect (statsmodels)', () => {
  it.each(reference.power)(
    'effect $effect, $alternative',
    ({ effect, n, alpha, ratio, alternative, power, sizeFor80 }) => {
      const options = {
        standardDeviation: 1,
        alpha,
        ratio,
        alternative: alternative as Side,
      };
      expect(powerOfTest({ ...options, effect, controlUnits: n })).toBeCloseTo(
        power,
        10,
      );
      const size = sampleSize({ ...options, effect });
      expect(size.control).toBe(Math.ceil(sizeFor80));
      expect(size.treatment).toBe(Math.ceil(sizeFor80 * ratio));
      expect(
        minimalDetectableEffect({ ...options, controlUnits: sizeFor80 }),
      ).toBeCloseTo(alternative === 'two-sided' ? Math.abs(effect) : effect, 6);
    },
  );

  it('of shares, found as often as said', () => {
    const [before, after] = [0.1, 0.15];
    const options = {
      standardDeviation: {
        control: rateDeviation(before),
        treatment: rateDeviation(after),
      },
      effect: after - before,
    };
    const { control } = sampleSize(options);
    // Fleiss: (1.96 + 0.84)^2 (0.09 + 0.1275) / 0.05^2
    expect(control).toBe(683);
    expect(powerOfTest({ ...options, controlUnits: control })).toBeCloseTo(
      0.8,
      2,
    );
  });

  it('refuses what cannot be planned', () => {
    const options = { standardDeviation: 1 };
    expect(() => sampleSize({ ...options, effect: 0 })).toThrow('effect must');
    expect(() =>
      sampleSize({ ...options, effect: 1, alternative: 'less' }),
    ).toThrow('effect must differ from 0 in the direction');
    expect(() => sampleSize({ ...options, effect: 1, power: 1 })).toThrow(
      'power must lie',
    );
    expect(() =>
      minimalDetectableEffect({ standardDeviation: 0, controlUnits: 9 }),
    ).toThrow('standardDeviation must be a positive');
    expect(() => rateDeviation(5)).toThrow('rate must lie');
  });
});

describe('multi-class AUC (scikit-learn)', () => {
  const { classes, scores, auc } = reference;

  it('one against the rest and one against one', () => {
    expect(multiclassAuc(classes, scores)).toMatchObject({
      oneVsRest: expect.closeTo(auc.oneVsRest, 12),
      oneVsRestWeighted: expect.closeTo(auc.oneVsRestWeighted, 12),
      oneVsOne: expect.closeTo(auc.oneVsOne, 12),
    });
  });

  it('is the plain area for two classes, and leaves absent ones out', () => {
    const labels = classes.map(label => label % 2);
    const two = scores.map(row => [1 - row[1], row[1], 0]);
    const area = rocAuc(
      labels,
      two.map(row => row[1]),
    );
    const result = multiclassAuc(labels, two);
    expect(result.oneVsRest).toBeCloseTo(area, 12);
    expect(result.oneVsOne).toBeCloseTo(area, 12);
    expect(result.byClass[2]).toBeNaN();
    expect(() => multiclassAuc([3], [[0, 1]])).toThrow('Row 0 has label 3');
  });
});

describe('cusumThreshold far out', () => {
  it('goes on as the chain does where it can still be solved', () => {
    const threshold = cusumThreshold(5e6);
    expect(cusumRunLength({ slack: 0.5, threshold }) / 5e6).toBeCloseTo(1, 1);
    const far = cusumThreshold(1e15);
    expect(far).toBeCloseTo(cusumThreshold(1e6) + Math.log(1e9), 9);
    for (const runLength of [2, NaN, Infinity]) {
      expect(() => cusumThreshold(runLength)).toThrow('runLength must be');
    }
    expect(() => cusumThreshold(100, 0)).toThrow('slack must be');
  });
});

describe('domain classifier', () => {
  const random = createRandom(51);
  /** Two standard normal features of the given correlation, and one of noise. */
  const draw = (rows: number, correlation: number) =>
    Array.from({ length: rows }, () => {
      const x = nextNormal(random);
      const rest = Math.sqrt(1 - correlation ** 2) * nextNormal(random);
      return [x, correlation * x + rest, nextNormal(random)];
    });

  it('keeps its level', () => {
    let alarms = 0;
    for (let run = 0; run < 200; run++) {
      const { pValue } = domainClassifierTest(draw(120, 0.8), draw(60, 0.8), {
        seed: run,
      });
      if (pValue < 0.05) alarms++;
    }
    expect(alarms / 200).toBeLessThan(0.09);
    expect(alarms / 200).toBeGreaterThan(0.01);
  });

  it('sees a correlation that is gone, and values that are missing', () => {
    const baseline = draw(600, 0.8);
    const gone = domainClassifierTest(baseline, draw(300, 0));
    expect(gone.auc).toBeGreaterThan(0.6);
    expect(gone.pValue).toBeLessThan(0.001);
    const missing = draw(300, 0.8).map((row, i) =>
      i % 3 === 0 ? [row[0], NaN, row[2]] : row,
    );
    expect(domainClassifierTest(baseline, missing).pValue).toBeLessThan(0.001);
    expect(domainClassifierTest(baseline, missing)).toEqual(
      domainClassifierTest(baseline, missing, { seed: 1 }),
    );
    expect(() => domainClassifierTest(baseline, draw(5, 0))).toThrow(
      'at least 20 rows a side',
    );
  });
});

describe('estimated performance of regression (DLE)', () => {
  const random = createRandom(52);
  /** A model whose errors grow with the first feature; rows come from around `centre`. */
  const draw = (rows: number, centre: number) =>
    Array.from({ length: rows }, () => {
      const x = centre + nextNormal(random);
      const row = [x, nextUniform(random), 2 * x];
      return { row, error: (0.5 + Math.abs(x)) * nextNormal(random) };
    });
  const realized = (drawn: { error: number }[]) =>
    drawn.reduce((sum, { error }) => sum + Math.abs(error), 0) / drawn.length;
  const labelled = draw(3000, 0);
  const expected = fitExpectedErrors(
    labelled.map(({ row }) => row),
    labelled.map(({ error }) => error),
  );
  const estimate = (drawn: { row: number[] }[]) =>
    estimateRegression(
      JSON.parse(JSON.stringify(expected)),
      drawn.map(({ row }) => row),
    );

  it('follows the rows to where the model is worse', () => {
    for (const centre of [0, 1]) {
      const later = draw(3000, centre);
      const { meanAbsoluteError, rootMeanSquaredError } = estimate(later);
      expect(meanAbsoluteError! / realized(later)).toBeGreaterThan(0.85);
      expect(meanAbsoluteError! / realized(later)).toBeLessThan(1.2);
      expect(rootMeanSquaredError!).toBeGreaterThan(meanAbsoluteError!);
    }
    // Beyond most of the labelled rows it is rough, and never more than the largest error seen.
    const far = estimate(draw(1000, 3)).meanAbsoluteError!;
    expect(far).toBeGreaterThan(estimate(draw(1000, 1)).meanAbsoluteError!);
    expect(far).toBeLessThanOrEqual(expected.largest);
  });

  it('says what it cannot learn from', () => {
    expect(estimate([])).toEqual({ rows: 0 });
    expect(() => fitExpectedErrors([[1]], [1])).toThrow('at least 50 rows');
    expect(() =>
      fitExpectedErrors(
        labelled.map(({ row }) => row),
        labelled.map(() => NaN),
      ),
    ).toThrow('The error of row 0 is NaN');
    expect(() => estimateRegression(expected, [[1]])).toThrow('1 features');
  });
});
