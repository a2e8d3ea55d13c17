import { fitCalibrator } from '../quality/calibration';
import { classificationQuality, confusionMatrix } from '../quality/confusion';
import { createRandom, nextUniform } from '../random/random';
import {
  addToExpectedConfusion,
  calibrateClasses,
  emptyConfusionMatrix,
  mergeConfusionMatrices,
} from './expectedConfusion';

describe('expected confusion of three classes', () => {
  const random = createRandom(31);
  const rows = Array.from({ length: 12_000 }, () => {
    const raw = [0, 1, 2].map(() => nextUniform(random) ** 3);
    const total = raw[0] + raw[1] + raw[2];
    const truth = raw.map(p => p / total);
    const u = nextUniform(random);
    const label = Number(u >= truth[0]) + Number(u >= truth[0] + truth[1]);
    return { truth, label, predicted: truth.indexOf(Math.max(...truth)) };
  });
  const realized = classificationQuality(
    confusionMatrix(
      rows.map(row => row.label),
      rows.map(row => row.predicted),
    ),
  );
  const estimateWith = (
    probabilitiesOf: (row: (typeof rows)[0]) => number[],
  ) => {
    const halves = [0, 1].map(() => emptyConfusionMatrix([0, 1, 2]));
    rows.forEach((row, i) =>
      addToExpectedConfusion(
        halves[i % 2],
        probabilitiesOf(row),
        row.predicted,
      ),
    );
    return classificationQuality(mergeConfusionMatrices(halves[0], halves[1]));
  };

  it('gives the realized measures while the probabilities are right', () => {
    const estimated = estimateWith(row => row.truth);
    expect(estimated.rows).toBeCloseTo(12_000, 6);
    for (const name of [
      'accuracy',
      'macroF1',
      'matthewsCorrelation',
    ] as const) {
      expect(Math.abs(estimated[name]! - realized[name]!)).toBeLessThan(0.015);
    }
  });

  it('is off for wrong ones, and right again after calibrating each class', () => {
    const wrong = (row: (typeof rows)[0]) => {
      const raw = row.truth.map(p => p ** 3);
      const total = raw[0] + raw[1] + raw[2];
      return raw.map(p => p / total);
    };
    const calibrators = [0, 1, 2].map(c =>
      fitCalibrator(
        rows.map(row => row.label === c),
        rows.map(row => wrong(row)[c]),
      ),
    );
    const off = estimateWith(wrong).accuracy! - realized.accuracy!;
    const repaired = estimateWith(row =>
      calibrateClasses(calibrators, wrong(row)),
    );
    expect(off).toBeGreaterThan(0.1);
    expect(Math.abs(repaired.accuracy! - realized.accuracy!)).toBeLessThan(
      0.02,
    );
  });

  it('leaves out what is no probability, and says what does not fit', () => {
    const matrix = emptyConfusionMatrix(['a', 'b']);
    addToExpectedConfusion(matrix, [NaN, 1], 0);
    addToExpectedConfusion(matrix, [0, 0], 0);
    expect(classificationQuality(matrix).rows).toBe(0);
    expect(() => addToExpectedConfusion(matrix, [1], 0)).toThrow('got 1 and 0');
    expect(() => addToExpectedConfusion(matrix, [1, 0], 2)).toThrow(
      'got 2 and 2',
    );
    expect(() =>
      mergeConfusionMatrices(matrix, emptyConfusionMatrix(['a'])),
    ).toThrow('classes a, b and a');
    const flat = { x: [0, 1], y: [0, 0] };
    expect(calibrateClasses([flat, flat], [0.2, 0.8])).toEqual([0.5, 0.5]);
  });
});
