import { createRandom, nextUniform, shuffle } from '../random/random';
import { calibrate, calibrationOf, fitCalibrator } from './calibration';
import { fairnessOf } from './fairness';
import { sliceQuality } from './slices';

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

  it('refuses what is no probability, no label and no number of bins', () => {
    for (const kind of ['equal-count', 'equal-width'] as const) {
      for (const p of [-0.1, 1.1, NaN]) {
        expect(() => calibrationOf([0, 1], [0.5, p], { kind })).toThrow(
          `The probability of row 1 is ${p}, expected 0 to 1`,
        );
      }
      for (const bins of [0, -1, 2.5, NaN]) {
        expect(() => calibrationOf([0], [0.5], { kind, bins })).toThrow(
          `bins must be an integer of at least 1, got ${bins}`,
        );
      }
    }
    expect(() => calibrationOf([-1], [0.5])).toThrow('The label of row 0');
    expect(() => fitCalibrator([-1], [0.5])).toThrow('The label of row 0');
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

  it('refuses scores where decisions are expected', () => {
    const options = { labels: [1, 0], predictions: [1, 0], groups: ['a', 'b'] };
    expect(() => fairnessOf({ ...options, labels: [1, -1] })).toThrow(
      'The label of row 1 is -1',
    );
    expect(() => fairnessOf({ ...options, predictions: [0.7, 0] })).toThrow(
      'The prediction of row 0 is 0.7',
    );
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
