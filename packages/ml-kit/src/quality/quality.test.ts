import reference from '../../fixtures/quality.json';
import {
  createRandom,
  nextNormal,
  nextUniform,
  shuffle,
} from '../random/random';
import { bootstrapInterval } from './bootstrapInterval';
import { calibrate, calibrationOf, fitCalibrator } from './calibration';
import { classificationQuality, confusionMatrix } from './confusion';
import { deLongInterval, deLongTest } from './deLong';
import { fairnessOf } from './fairness';
import { mcnemarTest } from './mcnemar';
import { clopperPearsonInterval, wilsonInterval } from './proportionInterval';
import {
  ndcg,
  precisionAt,
  rankedAveragePrecision,
  recallAt,
  reciprocalRank,
} from './ranking';
import { pinballLoss, regressionQuality } from './regression';
import {
  averagePrecision,
  brierScore,
  logLoss,
  multiclassLogLoss,
  rocAuc,
  scoreCurve,
  topAccuracy,
} from './scores';
import { sliceQuality } from './slices';

const { binary, scores, other, classes, guesses, probabilities } = reference;

describe('classification against scikit-learn', () => {
  const quality = classificationQuality(confusionMatrix(classes, guesses));

  it('measures of the confusion matrix', () => {
    expect(quality.accuracy).toBeCloseTo(reference.accuracy, 12);
    expect(quality.balancedAccuracy).toBeCloseTo(
      reference.balancedAccuracy,
      12,
    );
    expect(quality.macroF1).toBeCloseTo(reference.macroF1, 12);
    expect(quality.weightedF1).toBeCloseTo(reference.weightedF1, 12);
    expect(quality.matthewsCorrelation).toBeCloseTo(reference.matthews, 12);
    expect(quality.cohenKappa).toBeCloseTo(reference.kappa, 12);
    quality.classes.forEach(({ precision, recall }, i) => {
      expect(precision).toBeCloseTo(reference.precision[i], 12);
      expect(recall).toBeCloseTo(reference.recall[i], 12);
    });
  });

  it('scores: ROC area, average precision, log loss, Brier', () => {
    expect(rocAuc(binary, scores)).toBeCloseTo(reference.rocAuc, 12);
    expect(averagePrecision(binary, scores)).toBeCloseTo(
      reference.averagePrecision,
      12,
    );
    expect(logLoss(binary, scores)).toBeCloseTo(reference.logLoss, 12);
    expect(brierScore(binary, scores)).toBeCloseTo(reference.brier, 12);
  });

  it('probabilities of several classes', () => {
    expect(multiclassLogLoss(classes, probabilities)).toBeCloseTo(
      reference.multiclassLogLoss,
      12,
    );
    expect(topAccuracy(classes, probabilities, 2)).toBeCloseTo(
      reference.top2,
      12,
    );
  });

  it('leaves out what has no denominator', () => {
    expect(classificationQuality(confusionMatrix([], []))).toEqual({
      rows: 0,
      classes: [],
    });
    const constant = classificationQuality(
      confusionMatrix(['a', 'a'], ['a', 'a']),
    );
    expect(constant).not.toHaveProperty('matthewsCorrelation');
    expect(constant).not.toHaveProperty('cohenKappa');
    const unseen = classificationQuality(
      confusionMatrix(['a', 'b'], ['a', 'a']),
    );
    expect(unseen.classes[1]).toEqual({
      name: 'b',
      support: 1,
      recall: 0,
      f1: 0,
    });
    expect(rocAuc([1, 1], [0.1, 0.2])).toBeNaN();
    expect(averagePrecision([], [])).toBeNaN();
  });

  it('says what does not fit', () => {
    expect(() => confusionMatrix(['a'], [])).toThrow('same length, got 1, 0');
    expect(() => confusionMatrix(['a'], ['b'], ['a'])).toThrow(
      "Row 0 has class 'a' predicted as 'b'",
    );
    expect(() => rocAuc([1, 0], [NaN, 1])).toThrow('score of row 0 is NaN');
  });

  it('ROC curve ends at the corner, and one certain mistake has a finite loss', () => {
    const curve = scoreCurve(binary, scores);
    expect(curve[curve.length - 1]).toMatchObject({
      truePositiveRate: 1,
      falsePositiveRate: 1,
    });
    expect(logLoss([1], [0])).toBeCloseTo(36.04, 2);
  });
});

describe('regression against scikit-learn', () => {
  const { target, estimate } = reference;

  it('measures of the errors', () => {
    const quality = regressionQuality(target, estimate);
    expect(quality.meanAbsoluteError).toBeCloseTo(reference.mae, 12);
    expect(quality.medianAbsoluteError).toBeCloseTo(reference.medae, 12);
    expect(quality.rootMeanSquaredError).toBeCloseTo(reference.rmse, 12);
    expect(quality.r2).toBeCloseTo(reference.r2, 12);
    expect(quality.explainedVariance).toBeCloseTo(
      reference.explainedVariance,
      12,
    );
    expect(quality.meanAbsolutePercentageError).toBeCloseTo(reference.mape, 12);
    expect(pinballLoss(target, estimate, 0.9)).toBeCloseTo(
      reference.pinball90,
      12,
    );
  });

  it('is NaN where it is not defined', () => {
    expect(regressionQuality([2, 2], [1, 3]).r2).toBeNaN();
    expect(
      regressionQuality([0, 2], [1, 3]).meanAbsolutePercentageError,
    ).toBeNaN();
    expect(regressionQuality([], []).meanAbsoluteError).toBeNaN();
    expect(() => regressionQuality([1], [])).toThrow('same length');
  });
});

describe('ranking', () => {
  const { relevance } = reference;

  it('normalized gain with linear gains (scikit-learn)', () => {
    expect(ndcg(relevance)).toBeCloseTo(reference.ndcg, 12);
    expect(ndcg(relevance, 3)).toBeCloseTo(reference.ndcg3, 12);
    expect(ndcg([0, 0])).toBeNaN();
  });

  it('first hits, precision and recall', () => {
    const list = [0, 1, 0, 1];
    expect(reciprocalRank(list)).toBe(0.5);
    expect(reciprocalRank([0])).toBe(0);
    expect(precisionAt(list, 2)).toBe(0.5);
    expect(precisionAt(list, 8)).toBe(0.25);
    expect(recallAt(list, 2)).toBe(0.5);
    expect(recallAt(list, 4, 5)).toBeCloseTo(0.4, 12);
    expect(rankedAveragePrecision(list)).toBe(0.5);
  });
});

describe('intervals of a proportion (scipy)', () => {
  it.each([0, 3, 20, 40].map((k, i) => [k, i]))('%s of 40', (k, i) => {
    [wilsonInterval(k, 40), clopperPearsonInterval(k, 40)].forEach(
      (interval, method) => {
        const expected = [reference.wilson, reference.clopperPearson][method][
          i
        ];
        expect(interval[0]).toBeCloseTo(expected[0], 10);
        expect(interval[1]).toBeCloseTo(expected[1], 10);
      },
    );
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });
});

describe('paired comparison', () => {
  it('DeLong against its definition over all pairs, with ties', () => {
    const expected = reference.deLong;
    const single = deLongInterval(binary, scores);
    expect(single.auc).toBeCloseTo(expected.base, 12);
    expect(single.standardError).toBeCloseTo(expected.baseStandardError, 12);
    const test = deLongTest(binary, scores, other);
    expect(test.candidate).toBeCloseTo(expected.candidate, 12);
    expect(test.standardError).toBeCloseTo(expected.standardError, 12);
    expect(test.pValue).toBeCloseTo(expected.pValue, 12);
    expect(deLongTest(binary, scores, scores).pValue).toBe(1);
  });

  it('McNemar counts only disagreements', () => {
    const base = [...new Array(6).fill(1), ...new Array(17).fill(0), 1, 1, 0];
    const candidate = [
      ...new Array(6).fill(0),
      ...new Array(17).fill(1),
      1,
      1,
      0,
    ];
    const result = mcnemarTest(base, candidate);
    expect(result).toMatchObject({ baseOnly: 6, candidateOnly: 17 });
    expect(result.pValue).toBeCloseTo(reference.mcnemar, 12);
    expect(mcnemarTest([1, 0], [1, 0]).pValue).toBe(1);
  });

  it('both keep their level between equally good models', () => {
    const random = createRandom(21);
    let deLongHits = 0;
    let mcnemarHits = 0;
    for (let run = 0; run < 300; run++) {
      const truth = Array.from({ length: 120 }, () =>
        Number(nextUniform(random) < 0.4),
      );
      const shared = truth.map(y => y + nextNormal(random));
      const [a, b] = [0, 1].map(() => shared.map(s => s + nextNormal(random)));
      if (deLongTest(truth, a, b).pValue < 0.05) deLongHits++;
      const right = (s: number[]) =>
        s.map((value, i) => Number(value > 0.5) === truth[i]);
      if (mcnemarTest(right(a), right(b)).pValue < 0.05) mcnemarHits++;
    }
    expect(deLongHits / 300).toBeLessThan(0.08);
    expect(deLongHits / 300).toBeGreaterThan(0.02);
    expect(mcnemarHits / 300).toBeLessThan(0.07);
  });
});

describe('bootstrap of any measure', () => {
  it("agrees with DeLong's interval, deterministically", () => {
    const options = {
      rows: binary.length,
      measure: (rows: Int32Array) =>
        rocAuc(
          Array.from(rows, i => binary[i]),
          Array.from(rows, i => scores[i]),
        ),
      resamples: 600,
    };
    const result = bootstrapInterval(options);
    const analytic = deLongInterval(binary, scores);
    expect(result.estimate).toBeCloseTo(analytic.auc, 12);
    expect(result.standardError / analytic.standardError).toBeCloseTo(1, 0);
    expect(Math.abs(result.interval[0] - analytic.interval[0])).toBeLessThan(
      0.03,
    );
    expect(Math.abs(result.interval[1] - analytic.interval[1])).toBeLessThan(
      0.03,
    );
    expect(bootstrapInterval(options)).toEqual(result);
    expect(() => bootstrapInterval({ ...options, rows: 0 })).toThrow('0 rows');
  });

  it('covers a skewed measure nearly 95 % of the time', () => {
    const random = createRandom(22);
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const values = Array.from({ length: 60 }, () => nextNormal(random));
      const { interval } = bootstrapInterval({
        rows: 60,
        resamples: 400,
        seed: run,
        measure: rows =>
          rows.reduce((sum, i) => sum + values[i] ** 2, 0) / rows.length,
      });
      if (interval[0] <= 1 && interval[1] >= 1) covered++;
    }
    expect(covered / 200).toBeGreaterThan(0.88);
    expect(covered / 200).toBeLessThan(0.99);
  });
});

describe('calibration', () => {
  const random = createRandom(23);
  const truth = Array.from({ length: 4000 }, () => nextUniform(random));
  const labels = truth.map(p => nextUniform(random) < p);

  it('is near 0 for right probabilities, and the squeeze for overconfident ones', () => {
    for (const kind of ['equal-count', 'equal-width'] as const) {
      expect(calibrationOf(labels, truth, { kind }).expectedError).toBeLessThan(
        0.03,
      );
    }
    const overconfident = truth.map(p => (p > 0.5 ? 0.95 : 0.05));
    const result = calibrationOf(labels, overconfident, {
      kind: 'equal-width',
    });
    expect(result.expectedError).toBeCloseTo(0.2, 1);
    expect(result.bins.map(bin => bin.rows).reduce((a, b) => a + b)).toBe(4000);
    expect(calibrationOf([], []).expectedError).toBeNaN();
  });

  it('is repaired by an isotonic map, which never reverses the order', () => {
    const squeezed = truth.map(p => p ** 3);
    const calibrator = fitCalibrator(
      labels.slice(0, 2000),
      squeezed.slice(0, 2000),
    );
    const repaired = squeezed.slice(2000).map(s => calibrate(calibrator, s));
    expect(
      calibrationOf(labels.slice(2000), squeezed.slice(2000)).expectedError,
    ).toBeGreaterThan(0.15);
    expect(
      calibrationOf(labels.slice(2000), repaired).expectedError,
    ).toBeLessThan(0.05);
    for (let i = 1; i < calibrator.y.length; i++) {
      expect(calibrator.y[i]).toBeGreaterThanOrEqual(calibrator.y[i - 1]);
    }
  });
});

describe('fairness', () => {
  it('compares the rates of groups by hand-counted definitions', () => {
    const rows = [
      ...['a', 1, 1, 6],
      ...['a', 1, 0, 2],
      ...['a', 0, 1, 2],
      ...['a', 0, 0, 10],
      ...['b', 1, 1, 2],
      ...['b', 1, 0, 2],
      ...['b', 0, 1, 1],
      ...['b', 0, 0, 5],
    ];
    const table: { group: string; label: number; prediction: number }[] = [];
    for (let i = 0; i < rows.length; i += 4) {
      for (let k = 0; k < Number(rows[i + 3]); k++) {
        table.push({
          group: String(rows[i]),
          label: Number(rows[i + 1]),
          prediction: Number(rows[i + 2]),
        });
      }
    }
    const result = fairnessOf({
      groups: table.map(row => row.group),
      labels: table.map(row => row.label),
      predictions: table.map(row => row.prediction),
    });
    expect(result.selectionRateDifference).toBeCloseTo(8 / 20 - 3 / 10, 12);
    expect(result.disparateImpactRatio).toBeCloseTo(0.75, 12);
    expect(result.truePositiveRateDifference).toBeCloseTo(6 / 8 - 2 / 4, 12);
    expect(result.equalizedOddsDifference).toBeCloseTo(0.25, 12);
    expect(result.precisionDifference).toBeCloseTo(6 / 8 - 2 / 3, 12);
    expect(result.groups[0]).toMatchObject({ group: 'a', rows: 20 });
  });

  it('says nothing about a single group or a rate that nobody has', () => {
    const one = fairnessOf({ labels: [1], predictions: [0], groups: ['a'] });
    expect(Object.keys(one)).toEqual(['groups']);
    expect(one.groups[0]).not.toHaveProperty('precision');
    const none = fairnessOf({
      labels: [1, 1],
      predictions: [0, 0],
      groups: ['a', 'b'],
    });
    expect(none).not.toHaveProperty('disparateImpactRatio');
    expect(none).not.toHaveProperty('equalizedOddsDifference');
  });
});

describe('slices', () => {
  it('finds the slice that is worse, and keeps quiet about equal ones', () => {
    const random = createRandom(24);
    let falseAlarms = 0;
    for (let run = 0; run < 100; run++) {
      const names = shuffle(
        random,
        Array.from({ length: 300 }, (_, i) => `s${i % 6}`),
      );
      const losses = names.map(() => Number(nextUniform(random) < 0.2));
      if (sliceQuality(losses, names)[0].adjustedPValue < 0.05) falseAlarms++;
      const bad = losses.map((loss, i) =>
        names[i] === 's3' ? Number(nextUniform(random) < 0.7) : loss,
      );
      expect(sliceQuality(bad, names)[0]).toMatchObject({
        slice: 's3',
        rows: 50,
      });
    }
    expect(falseAlarms).toBeLessThan(12);
  });

  it('gives no verdict on a single row, and lists it last', () => {
    const result = sliceQuality(
      [1, 0, 1, 1, 0, 0],
      ['x', 'y', 'y', 'y', 'z', 'z'],
    );
    expect(result.map(({ slice }) => slice)).toEqual(['y', 'z', 'x']);
    expect(result[2].pValue).toBeNaN();
    expect(result[2].interval).toEqual([NaN, NaN]);
    expect(sliceQuality([], [])).toEqual([]);
  });
});
