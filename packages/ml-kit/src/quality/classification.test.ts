import reference from '../../fixtures/quality.json';
import { classificationQuality, confusionMatrix } from './confusion';
import {
  averagePrecision,
  brierScore,
  logLoss,
  multiclassLogLoss,
  rocAuc,
  scoreCurve,
  topAccuracy,
} from './scores';

const { binary, scores, classes, guesses, probabilities } = reference;

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

  it.each([5, 2, -1, 0.5, NaN])(
    'refuses a label of %s with two classes',
    label => {
      const message = `The label of row 0 is ${label}, expected a class from 0 to 1`;
      expect(() => topAccuracy([label], [[0.5, 0.5]], 1)).toThrow(message);
      expect(() => multiclassLogLoss([label], [[0.5, 0.5]])).toThrow(message);
    },
  );

  it('refuses rows that are no probabilities, and no k', () => {
    for (const row of [
      [NaN, 0.5],
      [0.5, NaN],
    ]) {
      expect(() => topAccuracy([0], [row], 1)).toThrow('Row 0 has NaN');
      expect(() => multiclassLogLoss([0], [row])).toThrow('Row 0 has NaN');
    }
    for (const row of [
      [0, 0],
      [-1, 2],
      [Infinity, 1],
    ]) {
      expect(() => multiclassLogLoss([0], [row])).toThrow(
        'The probabilities of row 0 add up to',
      );
    }
    for (const k of [0, NaN, 1.5]) {
      expect(() => topAccuracy([0], [[0.5, 0.5]], k)).toThrow(
        'k must be an integer of at least 1',
      );
    }
  });

  it.each([NaN, 7, -0.1, Infinity])('refuses a probability of %s', p => {
    const message = `The probability of row 1 is ${p}, expected 0 to 1`;
    expect(() => logLoss([0, 1], [0.5, p])).toThrow(message);
    expect(() => brierScore([0, 1], [0.5, p])).toThrow(message);
  });

  it.each([-1, 2, NaN])('refuses a binary label of %s', label => {
    for (const measure of [
      rocAuc,
      averagePrecision,
      scoreCurve,
      logLoss,
      brierScore,
    ]) {
      expect(() => measure([1, label], [0.5, 0.6])).toThrow(
        `The label of row 1 is ${label}, expected 1 or true for the positive class`,
      );
      expect(measure([true, false], [0.5, 0.6])).toEqual(
        measure([1, 0], [0.5, 0.6]),
      );
    }
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
