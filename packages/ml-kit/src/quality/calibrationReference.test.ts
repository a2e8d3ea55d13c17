import reference from '../../fixtures/calibration.json';
import {
  addToConfidenceSums,
  emptyConfidenceSums,
  estimatePerformance,
} from '../drift/estimatedPerformance';
import { fitIsotonic, predictIsotonic } from '../numerics/isotonicRegression';
import { createRandom, shuffle } from '../random/random';
import { calibrate, calibrationOf, fitCalibrator } from './calibration';

const { labels, probabilities } = reference;

/** Row numbers in another order. */
function anotherOrder(rows: number): number[] {
  return shuffle(
    createRandom(3),
    Array.from({ length: rows }, (_, i) => i),
  );
}

/** The same numbers up to rounding. */
function close(expected: number[]): unknown[] {
  return expected.map(value => expect.closeTo(value, 12));
}

describe('isotonic regression with equal x (scikit-learn)', () => {
  it.each(reference.isotonic.map((given, i) => [i, given] as const))(
    'case %s, in any order of the points',
    (_, { x, y, weights, thresholds, at, predicted }) => {
      const order = anotherOrder(x.length);
      const shuffled = (values: number[]) => order.map(i => values[i]);
      for (const fit of [
        fitIsotonic(x, y, weights ?? undefined),
        fitIsotonic(
          shuffled(x),
          shuffled(y),
          weights ? shuffled(weights) : undefined,
        ),
      ]) {
        expect(fit.x).toEqual(close(thresholds[0]));
        expect(fit.y).toEqual(close(thresholds[1]));
        expect(at.map(value => predictIsotonic(fit, value))).toEqual(
          close(predicted),
        );
      }
    },
  );

  it('refuses points that have no place or no weight', () => {
    expect(() => fitIsotonic([NaN], [1])).toThrow('Point 0 is (NaN, 1)');
    expect(() => fitIsotonic([1], [Infinity])).toThrow('a finite y');
    expect(() => fitIsotonic([1], [1], [-1])).toThrow(
      'The weight of point 0 is -1',
    );
  });

  it('has a value also between infinite and huge ends', () => {
    const infinite = fitIsotonic([-Infinity, 0, Infinity], [0, 1, 2]);
    expect(
      [-Infinity, -1, 0, 1, Infinity].map(x => predictIsotonic(infinite, x)),
    ).toEqual([0, 1, 1, 1, 2]);
    const huge = fitIsotonic([-1.5e308, 1.5e308], [0, 1]);
    expect(predictIsotonic(huge, 0)).toBe(0.5);
  });
});

describe('what stands on it', () => {
  it.each(reference.curves)(
    'calibration curve of $bins bins, $strategy (scikit-learn)',
    ({ bins, strategy, observed, predicted }) => {
      const kind = strategy === 'quantile' ? 'equal-count' : 'equal-width';
      const result = calibrationOf(labels, probabilities, { bins, kind });
      expect(result.bins.map(bin => bin.observed)).toEqual(close(observed));
      expect(result.bins.map(bin => bin.predicted)).toEqual(close(predicted));
    },
  );

  it('the calibration error does not depend on the order of rows', () => {
    const order = anotherOrder(labels.length);
    const shuffled = calibrationOf(
      order.map(i => labels[i]),
      order.map(i => probabilities[i]),
    );
    const sorted = [...order].sort((a, b) => labels[a] - labels[b]);
    const positivesLast = calibrationOf(
      sorted.map(i => labels[i]),
      sorted.map(i => probabilities[i]),
    );
    const { expectedError } = calibrationOf(labels, probabilities);
    expect(shuffled.expectedError).toBeCloseTo(expectedError, 12);
    expect(positivesLast.expectedError).toBeCloseTo(expectedError, 12);
    // A single probability that is right has no error, whichever rows come first.
    expect(
      calibrationOf([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]).expectedError,
    ).toBe(0);
  });

  it('estimated performance (CBPE) of rows with equal scores', () => {
    const calibrator = fitCalibrator(labels, probabilities);
    const sums = emptyConfidenceSums();
    for (const score of probabilities) {
      addToConfidenceSums(sums, {
        probability: calibrate(calibrator, score),
        predictedPositive: score >= 0.5,
        score,
      });
    }
    const estimate = estimatePerformance(sums);
    const { accuracy, precision, recall } = reference.cbpe;
    expect(estimate.accuracy).toBeCloseTo(accuracy, 12);
    expect(estimate.precision).toBeCloseTo(precision, 12);
    expect(estimate.recall).toBeCloseTo(recall, 12);
  });
});
