import * as fc from 'fast-check';
import { compareProfiles } from '../drift/compareProfiles';
import { meanStatistic, momentsStatistic } from '../experiment/armStatistic';
import { createRandom, nextNormal } from '../random/random';
import { addRow, emptyProfile } from './addRow';
import { freezeBaseline } from './freezeBaseline';
import {
  addToCategoricalHistogram,
  emptyCategoricalHistogram,
  histogramTotal,
} from './histogram';
import { mergeProfiles } from './mergeProfiles';
import {
  addToMoments,
  emptyMoments,
  mergeMoments,
  varianceOf,
} from './moments';
import type { CategoricalHistogram, NumericHistogram, Profile } from './types';

const baseline = freezeBaseline({
  featureNames: ['a', 'b'],
  features: Array.from({ length: 100 }, (_, i) => [i, i % 3]),
  predictions: Array.from({ length: 100 }, (_, i) => ['no', 'yes'][i % 2]),
  task: 'classification',
});

describe('freezeBaseline', () => {
  it('counts all rows into the bins that it chose', () => {
    const [a, b] = baseline.features;
    expect((a.histogram as NumericHistogram).counts).toEqual(
      new Array(10).fill(10),
    );
    expect((b.histogram as NumericHistogram).counts).toEqual([34, 33, 33]);
    expect(a.moments).toEqual({
      count: 100,
      mean: 49.5,
      m2: 83325,
      min: 0,
      max: 99,
    });
    expect(baseline.prediction?.histogram).toEqual({
      kind: 'categorical',
      categories: ['no', 'yes'],
      counts: [50, 50],
      unseen: 0,
      nulls: 0,
    });
  });

  it('counts class indices as categories and estimates as numbers', () => {
    const options = {
      featureNames: ['x'],
      features: [[1], [2], [3]],
      predictions: [10, 2, 2],
    };
    const classes = freezeBaseline({ ...options, task: 'classification' });
    const values = freezeBaseline({ ...options, task: 'regression' });
    expect(classes.prediction?.histogram).toMatchObject({
      categories: ['2', '10'],
      counts: [2, 1],
    });
    expect(values.prediction?.histogram).toMatchObject({
      edges: [2, 6, 10],
      counts: [2, 1],
    });
  });

  it('keeps the most frequent classes, and counts the others as unseen', () => {
    const predictions = ['a', 'b', 'c', 'c', 'b', 'c'];
    const { prediction } = freezeBaseline({
      featureNames: [],
      features: predictions.map(() => []),
      predictions,
      maxCategories: 2,
      task: 'classification',
    });
    expect(prediction?.histogram).toMatchObject({
      categories: ['b', 'c'],
      counts: [2, 3],
      unseen: 1,
    });
  });

  it('names what does not fit', () => {
    const task = 'regression';
    expect(() =>
      freezeBaseline({ featureNames: ['x', 'y'], features: [[1]], task }),
    ).toThrow('Row 0 has 1 values');
    expect(() =>
      freezeBaseline({
        featureNames: ['x'],
        features: [[1]],
        predictions: [],
        task,
      }),
    ).toThrow('0 predictions for 1 rows');
    expect(() =>
      freezeBaseline({ featureNames: [], features: [], bins: 0, task }),
    ).toThrow('bins must be a positive integer');
  });
});

describe('addRow', () => {
  it('gives every kind of value its own cell', () => {
    const profile = emptyProfile(baseline);
    const values = [NaN, null, undefined, Infinity, -Infinity, -1, 1000, 50];
    for (const value of values) addRow(profile, [value, 1], 'maybe');
    addRow(profile, [99, 0], 'yes');
    addRow(profile, [0, 0]);
    expect(profile.rows).toBe(10);
    expect(profile.features[0].histogram).toMatchObject({
      counts: [1, 0, 0, 0, 0, 1, 0, 0, 0, 1],
      nans: 1,
      nulls: 2,
      overflow: 2,
      underflow: 2,
    });
    expect(profile.features[0].moments).toMatchObject({
      count: 5,
      min: -1,
      max: 1000,
    });
    expect(profile.prediction?.histogram).toMatchObject({
      counts: [0, 1],
      unseen: 8,
      nulls: 0,
    });
  });

  it('puts a value on an inner edge into the bin above it, and the last edge into the last bin', () => {
    const profile = emptyProfile(
      freezeBaseline({
        featureNames: ['x'],
        features: [[0], [1], [2]],
        task: 'regression',
      }),
    );
    for (const value of [0, 0.5, 1.5, 2]) addRow(profile, [value]);
    expect(profile.features[0].histogram).toMatchObject({
      edges: [0, 0.5, 1.5, 2],
      counts: [1, 1, 2],
    });
  });

  it('changes nothing when the number of values is wrong', () => {
    const profile = emptyProfile(baseline);
    expect(() => addRow(profile, [1])).toThrow(
      'The row has 1 values, expected one for each of the profile',
    );
    expect(profile).toEqual(emptyProfile(baseline));
  });

  it('counts the missing values of categories too', () => {
    const histogram = emptyCategoricalHistogram(['1', '2']);
    for (const value of [1, '2', 3, null, undefined]) {
      addToCategoricalHistogram(histogram, value);
    }
    expect(histogram).toMatchObject({ counts: [1, 1], unseen: 1, nulls: 2 });
    expect(histogramTotal(histogram)).toBe(5);
  });

  it('takes numbers written as text, for a prediction that is an estimate', () => {
    const estimates = freezeBaseline({
      featureNames: [],
      features: [[], []],
      predictions: [1, 2],
      task: 'regression',
    });
    const profile = emptyProfile(estimates);
    addRow(profile, [], '1.75');
    expect(profile.prediction?.histogram).toMatchObject({ counts: [0, 1] });
  });

  it('leaves the baseline alone', () => {
    const before = JSON.stringify(baseline);
    addRow(emptyProfile(baseline), [1, 1], 'yes');
    expect(JSON.stringify(baseline)).toBe(before);
  });
});

function countsOnly(profile: Profile) {
  return profile.features
    .concat(profile.prediction ?? [])
    .map(feature => feature.histogram);
}

describe('mergeProfiles', () => {
  const rows = fc.array(
    fc.tuple(
      fc.oneof(
        fc.double({ min: -20, max: 150, noNaN: true }),
        fc.constantFrom(NaN, null, Infinity, -Infinity),
      ),
      fc.integer({ min: -1, max: 4 }),
      fc.constantFrom('yes', 'no', 'other', undefined),
    ),
    { maxLength: 40 },
  );
  const profileOf = (values: [number | null, number, string | undefined][]) => {
    const profile = emptyProfile(baseline);
    for (const [a, b, prediction] of values)
      addRow(profile, [a, b], prediction);
    return profile;
  };

  it('is the profile of all rows, in any order and grouping', () => {
    fc.assert(
      fc.property(rows, rows, rows, (x, y, z) => {
        const [a, b, c] = [x, y, z].map(profileOf);
        const all = profileOf([...x, ...y, ...z]);
        const left = mergeProfiles(mergeProfiles(a, b), c);
        const right = mergeProfiles(a, mergeProfiles(c, b));
        expect(countsOnly(left)).toEqual(countsOnly(all));
        expect(countsOnly(right)).toEqual(countsOnly(all));
        expect(left.rows).toBe(all.rows);
        expect(mergeProfiles(a, b)).toEqual(mergeProfiles(b, a));
        const expected = all.features[0].moments!;
        for (const { moments } of [left.features[0], right.features[0]]) {
          expect(moments!.count).toBe(expected.count);
          expect(moments!.min).toBe(expected.min);
          expect(moments!.max).toBe(expected.max);
          expect(moments!.mean).toBeCloseTo(expected.mean, 9);
          expect(moments!.m2).toBeCloseTo(expected.m2, 6);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('survives a trip through JSON', () => {
    const profile = profileOf([[5, 1, 'yes']]);
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  });

  it('refuses another format, instead of reading it as this one', () => {
    const newer = JSON.parse(JSON.stringify({ ...baseline, formatVersion: 2 }));
    for (const use of [
      () => emptyProfile(newer),
      () => addRow(newer, [1, 1]),
      () => mergeProfiles(baseline, newer),
      () => compareProfiles(newer, baseline),
      () => compareProfiles(baseline, newer),
    ]) {
      expect(use).toThrow('format version 2, expected 1');
    }
  });

  it('refuses profiles of different baselines', () => {
    const other = freezeBaseline({
      featureNames: ['a', 'b'],
      features: [
        [1, 2],
        [3, 4],
      ],
      task: 'regression',
    });
    expect(() => mergeProfiles(baseline, emptyProfile(other))).toThrow(
      "The histograms of 'a' have different bins",
    );
    const [a, b] = baseline.features;
    expect(() =>
      mergeProfiles(baseline, { ...baseline, features: [b, a] }),
    ).toThrow("Cannot merge the profile of 'a' with the one of 'b'");
    expect(() =>
      mergeProfiles(baseline, { ...baseline, features: [] }),
    ).toThrow('2 features with one of 0');
  });

  it('keeps the variance where a sum of squares would lose it', () => {
    const random = createRandom(3);
    const wide = freezeBaseline({
      featureNames: ['x'],
      features: [[0], [2e9]],
      task: 'regression',
    });
    const halves = [0, 1].map(() => {
      const profile = emptyProfile(wide);
      for (let i = 0; i < 5000; i++)
        addRow(profile, [1e9 + nextNormal(random)]);
      return profile;
    });
    const merged = mergeProfiles(halves[0], halves[1]);
    expect(varianceOf(merged.features[0].moments!)).toBeCloseTo(1, 1);
  });
});

describe('moments of values far from 0', () => {
  it.each([
    [1e9, 1, 0.001],
    [1e12, 1, 0.01],
    [1e15, 1, 0.2],
    // Nanoseconds since 1970: doubles are 256 of them apart
    [1.7e18, 2000, 0.2],
  ])(
    'at %s keep a deviation of %s, also over many merges',
    (offset, deviation, tolerance) => {
      const random = createRandom(61);
      const values = Array.from(
        { length: 20_000 },
        () => offset + deviation * nextNormal(random),
      );
      const mean = values.reduce((sum, x) => sum + (x - offset), 0) / 20_000;
      const variance =
        values.reduce((sum, x) => sum + (x - offset - mean) ** 2, 0) / 19_999;
      let merged = emptyMoments();
      for (let start = 0; start < values.length; start += 100) {
        const part = emptyMoments();
        for (const value of values.slice(start, start + 100)) {
          addToMoments(part, value);
        }
        merged = mergeMoments(merged, part);
      }
      const arm = momentsStatistic(merged);
      expect(arm.n).toBe(20_000);
      expect(Math.abs(arm.variance / variance - 1)).toBeLessThan(tolerance);
      // Sums of squares have lost it, and say so.
      const sums = {
        n: values.length,
        sum: values.reduce((a, b) => a + b, 0),
        sumOfSquares: values.reduce((a, b) => a + b * b, 0),
      };
      expect(meanStatistic(sums).variance).toBeNaN();
    },
  );

  it('of the same value vary by 0, in sums too', () => {
    expect(meanStatistic({ n: 3, sum: 15, sumOfSquares: 75 }).variance).toBe(0);
    expect(meanStatistic({ n: 3, sum: 0, sumOfSquares: 0 }).variance).toBe(0);
  });
});

describe('empty moments', () => {
  it('become null in JSON and are taken as empty again', () => {
    const stored: Profile = JSON.parse(JSON.stringify(emptyProfile(baseline)));
    addRow(stored, [7, 1], 'no');
    const merged = mergeProfiles(
      JSON.parse(JSON.stringify(emptyProfile(baseline))),
      stored,
    );
    expect(merged.features[0].moments).toMatchObject({ min: 7, max: 7 });
    const histogram = merged.prediction?.histogram as CategoricalHistogram;
    expect(histogram.counts).toEqual([1, 0]);
  });
});
