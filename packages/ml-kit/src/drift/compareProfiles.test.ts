import { addRow, emptyProfile } from '../profile/addRow';
import { freezeBaseline } from '../profile/freezeBaseline';
import type { Profile } from '../profile/types';
import {
  createRandom,
  nextInteger,
  nextNormal,
  nextUniform,
} from '../random/random';
import { benjaminiHochberg } from './benjaminiHochberg';
import { compareProfiles, DEFAULT_DRIFT_OPTIONS } from './compareProfiles';
import { kolmogorovSmirnovTest } from './kolmogorovSmirnov';

const random = createRandom(20);
type Draw = () => number | null;
const gray: Draw = () =>
  nextUniform(random) < 0.6 ? 0 : nextInteger(random, 17);

function baselineOf(draws: Draw[], rows: number) {
  return freezeBaseline({
    featureNames: draws.map((_, i) => `x${i}`),
    features: Array.from({ length: rows }, () => draws.map(draw => draw())),
    task: 'regression',
  });
}

function liveOf(baseline: Profile, draws: Draw[], rows: number): Profile {
  const live = emptyProfile(baseline);
  for (let i = 0; i < rows; i++)
    addRow(
      live,
      draws.map(draw => draw()),
    );
  return live;
}

/** Shares of runs whose single feature is significant, and is an alert. */
function ratesOf(options: {
  before: Draw;
  after: Draw;
  m: number;
  n: number;
  runs: number;
}) {
  const { before, after, m, n, runs } = options;
  let significant = 0;
  let alerts = 0;
  for (let i = 0; i < runs; i++) {
    const baseline = baselineOf([before], m);
    const report = compareProfiles(baseline, liveOf(baseline, [after], n));
    if (report.status !== 'ok') significant++;
    if (report.status === 'alert') alerts++;
  }
  return { significant: significant / runs, alerts: alerts / runs };
}

describe('compareProfiles', () => {
  const normal: Draw = () => nextNormal(random);

  it.each<[string, Draw, number, number]>([
    ['normal, n=100', normal, 2000, 100],
    ['normal, n=1000', normal, 2000, 1000],
    ['gray values with 60 % white, n=200', gray, 500, 200],
    [
      'with 2 % nulls',
      () => (nextUniform(random) < 0.02 ? null : normal()),
      500,
      500,
    ],
    ['heavy tails', () => Math.exp(2 * nextNormal(random)), 300, 300],
    [
      'rare counts',
      () => (nextUniform(random) < 0.98 ? 0 : nextInteger(random, 20)),
      500,
      500,
    ],
  ])('keeps false alarms near 5 %% without drift: %s', (_, draw, m, n) => {
    const { significant, alerts } = ratesOf({
      before: draw,
      after: draw,
      m,
      n,
      runs: 400,
    });
    expect(significant).toBeLessThan(0.075);
    expect(alerts).toBeLessThan(n < 200 ? 0.07 : 0.04);
  });

  it('keeps false alarms of a whole report of 64 gray pixels near 5 %', () => {
    const draws = new Array<Draw>(64).fill(gray);
    let alarms = 0;
    for (let i = 0; i < 150; i++) {
      const baseline = baselineOf(draws, 500);
      const report = compareProfiles(baseline, liveOf(baseline, draws, 200));
      if (report.status !== 'ok') alarms++;
    }
    expect(alarms / 150).toBeLessThan(0.1);
  });

  it('finds a shift of 0.3 standard deviations: mostly with 100 rows, nearly always with 200', () => {
    const shifted = () => 0.3 + nextNormal(random);
    const rate = (n: number) =>
      ratesOf({ before: normal, after: shifted, m: 10_000, n, runs: 100 })
        .significant;
    expect(rate(100)).toBeGreaterThan(0.6);
    expect(rate(200)).toBeGreaterThan(0.9);
    expect(rate(1000)).toBe(1);
  });

  it.each<[string, Draw, number]>([
    ['a shift of 0.3 standard deviations', () => 0.3 + nextNormal(random), 0],
    ['half as much spread again', () => 1.5 * nextNormal(random), 0.5],
    ['less spread', () => 0.7 * nextNormal(random), 0.4],
  ])(
    'sees %s of one in 20 features more often than Kolmogorov-Smirnov does with all values',
    (_, changed, atLeastMore) => {
      const runs = 100;
      const hits = { profiles: 0, kolmogorovSmirnov: 0 };
      for (let run = 0; run < runs; run++) {
        const columns = (rows: number, first: Draw) =>
          Array.from({ length: rows }, () =>
            Array.from({ length: 20 }, (__, i) =>
              i === 0 ? first() : normal(),
            ),
          );
        const [before, after] = [columns(1000, normal), columns(100, changed)];
        const baseline = freezeBaseline({
          featureNames: before[0].map((__, i) => `x${i}`),
          features: before,
          task: 'regression',
        });
        const live = emptyProfile(baseline);
        for (const row of after) addRow(live, row);
        const { features } = compareProfiles(baseline, live);
        if (features[0].status !== 'ok') hits.profiles++;
        const adjusted = benjaminiHochberg(
          features.map(
            (__, i) =>
              kolmogorovSmirnovTest(
                before.map(row => Number(row[i])),
                after.map(row => Number(row[i])),
              ).pValue,
          ),
        );
        if (adjusted[0] < 0.05) hits.kolmogorovSmirnov++;
      }
      expect(hits.profiles).toBeGreaterThan(
        hits.kolmogorovSmirnov + atLeastMore * runs,
      );
    },
  );

  it('calls missing values a change of their own, infinities a change of values', () => {
    const sometimes = (share: number, value: number | null) => () =>
      nextUniform(random) < share ? value : normal();
    const baseline = baselineOf([sometimes(0.01, null)], 2000);
    const of = (draw: Draw) =>
      compareProfiles(baseline, liveOf(baseline, [draw], 1000)).features[0];
    expect(of(sometimes(0.01, null))).toMatchObject({
      status: 'ok',
      missing: { status: 'ok' },
    });
    const some = of(sometimes(0.05, null));
    expect(some.missing).toMatchObject({
      status: 'warning',
      baselineShare: expect.closeTo(0.01, 2),
      currentShare: expect.closeTo(0.05, 1),
    });
    expect(some.status).toBe('warning');
    const all = of(() => NaN);
    expect(all).toMatchObject({
      status: 'alert',
      missing: { status: 'alert' },
    });
    const infinite = of(sometimes(0.2, Infinity));
    expect(infinite.status).toBe('alert');
    expect(infinite.missing?.currentShare).toBeLessThan(0.01);
    expect(infinite.locationPValue).toBeLessThan(0.001);
    // Nothing missing on either side: no test, and none to adjust for.
    const whole = baselineOf([normal], 500);
    expect(compareProfiles(whole, whole).features[0].missing).toBeUndefined();
  });

  it('calls a small but certain change a warning, a large one an alert', () => {
    const baseline = baselineOf([normal], 20_000);
    const shift = (by: number) => [() => by + nextNormal(random)];
    const small = compareProfiles(
      baseline,
      liveOf(baseline, shift(0.1), 20_000),
    );
    const large = compareProfiles(
      baseline,
      liveOf(baseline, shift(0.6), 20_000),
    );
    expect(small.features[0]).toMatchObject({ status: 'warning' });
    expect(small.features[0].effect).toBeCloseTo(0.01, 2);
    expect(large.status).toBe('alert');
  });

  it('sees nulls, NaNs and values outside of a baseline that had none', () => {
    const baseline = baselineOf([() => 5], 1000);
    const same = compareProfiles(baseline, liveOf(baseline, [() => 5], 500));
    expect(same.features[0]).toMatchObject({ status: 'ok', psi: 0, pValue: 1 });
    for (const draw of [() => 6, () => 4, () => NaN, () => null]) {
      const moved = compareProfiles(baseline, liveOf(baseline, [draw], 500));
      expect(moved.status).toBe('alert');
      expect(moved.features[0].jensenShannonBase2).toBeCloseTo(1, 12);
    }
  });

  it('answers not-enough-data below minRows of either side, also for an empty profile', () => {
    const baseline = baselineOf([normal], 1000);
    const few = liveOf(baseline, [() => 9], 99);
    expect(compareProfiles(baseline, few).status).toBe('not-enough-data');
    expect(compareProfiles(baseline, few, { minRows: 99 }).status).toBe(
      'alert',
    );
    expect(compareProfiles(baseline, emptyProfile(baseline))).toMatchObject({
      status: 'not-enough-data',
      features: [{ psi: 0, pValue: 1, currentRows: 0, baselineRows: 1000 }],
    });
    const small = baselineOf([normal], 50);
    expect(compareProfiles(small, liveOf(small, [normal], 1000)).status).toBe(
      'not-enough-data',
    );
  });

  it('never judges an empty side, even when no rows are asked for', () => {
    const baseline = baselineOf([normal], 1000);
    const nothing = emptyProfile(baseline);
    const live = liveOf(baseline, [normal], 1000);
    for (const [before, after] of [
      [baseline, nothing],
      [nothing, live],
      [nothing, nothing],
    ]) {
      expect(compareProfiles(before, after, { minRows: 0 }).status).toBe(
        'not-enough-data',
      );
    }
    expect(compareProfiles(baseline, live, { minRows: 0 }).status).toBe('ok');
  });

  it('takes the default for an undefined option, and refuses one out of range', () => {
    const baseline = baselineOf([normal], 1000);
    const same = { ...baseline };
    const report = compareProfiles(baseline, same, {
      alpha: undefined,
      effectThreshold: undefined,
      minRows: undefined,
    });
    expect(report.status).toBe('ok');
    expect(report.options).toEqual(DEFAULT_DRIFT_OPTIONS);
    for (const alpha of [NaN, 0, 1, -0.1, 5]) {
      expect(() => compareProfiles(baseline, same, { alpha })).toThrow(
        'alpha must lie between 0 and 1',
      );
    }
    for (const effectThreshold of [NaN, -0.1, Infinity]) {
      expect(() =>
        compareProfiles(baseline, same, { effectThreshold }),
      ).toThrow('effectThreshold must be');
    }
    for (const minRows of [NaN, -1, 2.5, Infinity]) {
      expect(() => compareProfiles(baseline, same, { minRows })).toThrow(
        'minRows must be an integer of at least 0',
      );
    }
  });

  it('compares the predictions too, once any were recorded', () => {
    const baseline = freezeBaseline({
      featureNames: ['x'],
      features: Array.from({ length: 1000 }, (_, i) => [i % 7]),
      predictions: Array.from({ length: 1000 }, (_, i) => `c${i % 4}`),
      task: 'classification',
    });
    const live = emptyProfile(baseline);
    for (let i = 0; i < 700; i++) addRow(live, [i % 7]);
    expect(compareProfiles(baseline, live).prediction).toBeUndefined();
    for (let i = 0; i < 700; i++) addRow(live, [i % 7], 'c1');
    const report = compareProfiles(baseline, live);
    expect(report.features[0].status).toBe('ok');
    expect(report.prediction?.status).toBe('alert');
    expect(report.status).toBe('alert');
  });

  it('says what does not fit', () => {
    const baseline = baselineOf([normal], 10);
    expect(() =>
      compareProfiles(baseline, { ...baseline, features: [] }),
    ).toThrow('has 0 features');
    const renamed = {
      ...baseline,
      features: [{ ...baseline.features[0], name: 'other' }],
    };
    expect(() => compareProfiles(baseline, renamed)).toThrow(
      "Feature 0 of the current profile is 'other', expected 'x0'",
    );
    expect(() => compareProfiles(baseline, baselineOf([normal], 10))).toThrow(
      "The histograms of 'x0' have different bins",
    );
  });
});
