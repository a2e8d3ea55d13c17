import reference from '../../fixtures/quality.json';
import {
  ndcg,
  precisionAt,
  rankedAveragePrecision,
  recallAt,
  reciprocalRank,
} from './ranking';
import { pinballLoss, regressionQuality } from './regression';

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
