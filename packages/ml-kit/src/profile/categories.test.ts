import { compareProfiles } from '../drift/compareProfiles';
import { createRandom, nextInteger, nextUniform } from '../random/random';
import { addRow, emptyProfile } from './addRow';
import { freezeBaseline } from './freezeBaseline';
import { mergeProfiles } from './mergeProfiles';
import { decodeProfile, encodeProfile } from './profileBinary';
import type { FeatureValue, Profile } from './types';

const names = ['age', 'country', 'isMember', 'code', 'count'];
const rows: FeatureValue[][] = [
  [31.5, 'de', true, 4, 3],
  [28.5, 'fr', false, 7, 1],
  [55, 'de', true, 4, 2],
  [null, undefined, null, NaN, null],
];
const baseline = freezeBaseline({
  featureNames: names,
  features: rows,
  kinds: [undefined, undefined, undefined, 'categorical', undefined],
  task: 'classification',
});
const histograms = (profile: Profile) =>
  profile.features.map(feature => feature.histogram);

describe('features that are no numbers', () => {
  it('are frozen as what they are', () => {
    expect(histograms(baseline)).toMatchObject([
      { kind: 'numeric', nulls: 1 },
      {
        kind: 'categorical',
        categories: ['de', 'fr'],
        counts: [2, 1],
        nulls: 1,
      },
      { kind: 'categorical', categories: ['false', 'true'], counts: [1, 2] },
      { kind: 'categorical', categories: ['4', '7'], counts: [2, 1], nulls: 1 },
      { kind: 'numeric', edges: [1, 1.5, 2.5, 3], counts: [1, 1, 1] },
    ]);
    expect(baseline.features.map(({ moments }) => Boolean(moments))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it('are counted live beside all others, whatever comes', () => {
    const live = emptyProfile(baseline);
    addRow(live, [40n, 'pl', false, 4n, true]);
    addRow(live, ['41', 'de', 'true', '7', '']);
    addRow(live, [NaN, null, undefined, NaN, 'many']);
    expect(live.rows).toBe(3);
    expect(histograms(live)).toMatchObject([
      { counts: expect.anything(), nans: 1 },
      { counts: [1, 0], unseen: 1, nulls: 1 },
      { counts: [1, 1], nulls: 1 },
      { counts: [1, 1], nulls: 1 },
      { counts: [1, 0, 0], nulls: 1, nans: 1 },
    ]);
    const stored: Profile = JSON.parse(JSON.stringify(live));
    expect(mergeProfiles(stored, live).rows).toBe(6);
    expect(decodeProfile(encodeProfile(live))).toEqual(live);
  });

  it('keep the most frequent texts, cut long ones, and count the rest together', () => {
    const random = createRandom(5);
    const long = 'x'.repeat(5000);
    const texts = Array.from({ length: 900 }, () =>
      nextUniform(random) < 0.5 ? long : `id ${nextInteger(random, 1000)}`,
    );
    const { features } = freezeBaseline({
      featureNames: ['text'],
      features: texts.map(text => [text]),
      maxCategories: 20,
      task: 'classification',
    });
    const { histogram } = features[0];
    expect(histogram).toMatchObject({ kind: 'categorical', nulls: 0 });
    if (histogram.kind !== 'categorical') throw new Error('not reached');
    expect(histogram.categories).toHaveLength(20);
    expect(histogram.categories).toContain(`${'x'.repeat(100)}…`);
    expect(histogram.unseen).toBeGreaterThan(300);
  });

  it('are said to have drifted, and only then', () => {
    const random = createRandom(6);
    const draw = (share: number) => [
      nextUniform(random) < share ? 'de' : 'fr',
      nextUniform(random) < 0.5,
    ];
    const frozen = freezeBaseline({
      featureNames: ['country', 'isMember'],
      features: Array.from({ length: 1000 }, () => draw(0.7)),
      task: 'classification',
    });
    const statusAt = (share: number) => {
      const live = emptyProfile(frozen);
      for (let i = 0; i < 500; i++) addRow(live, draw(share));
      return compareProfiles(frozen, live).features.map(({ status }) => status);
    };
    expect(statusAt(0.7)).toEqual(['ok', 'ok']);
    expect(statusAt(0.3)).toEqual(['alert', 'ok']);
  });

  it('refuses kinds that do not fit', () => {
    expect(() =>
      freezeBaseline({
        featureNames: ['a', 'b'],
        features: [],
        kinds: ['numeric'],
        task: 'regression',
      }),
    ).toThrow('Got 1 kinds for 2 feature names');
    expect(() =>
      freezeBaseline({
        featureNames: [],
        features: [],
        maxCategories: 0,
        task: 'regression',
      }),
    ).toThrow('maxCategories must be an integer of at least 1');
  });
});
