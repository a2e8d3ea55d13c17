import { compareProfiles, freezeBaseline } from '@greenroom/ml-kit';
import { rollUp } from '../records/rollUp';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { judgeHealth, mainVersion } from './health';

const NOW = new Date(NOON);
const THRESHOLDS = {
  minRequests: 20,
  serverErrorRateWarning: 0.01,
  serverErrorRateAlert: 0.05,
  clientErrorRateWarning: 0.2,
  driftedShareAlert: 0.2,
};

/** Requests of the last full minute, so many of a hundred with a status. */
function lastMinute(statuses: Record<number, number> = {}, count = 600) {
  const list = Object.entries(statuses).flatMap(([status, share]) =>
    new Array<number>(share).fill(Number(status)),
  );
  return rollUp(
    recordBatch([
      recordGroup({
        count,
        startMillis: NOON - 60_000,
        everyMillis: 60_000 / count,
        status: index => list[index % 100] ?? 200,
      }),
    ]),
    () => undefined,
  );
}

function judge(options: Partial<Parameters<typeof judgeHealth>[0]> = {}) {
  return judgeHealth({
    environment: 'production',
    model: 'diabetes',
    windows: lastMinute(),
    thresholds: THRESHOLDS,
    now: NOW,
    ...options,
  });
}

/** Requests of a version that end so many seconds before noon. */
function requestsOf(version: number, agoSeconds: number, count: number) {
  return rollUp(
    recordBatch([
      recordGroup({ version, count, startMillis: NOON - agoSeconds * 1_000 }),
    ]),
    () => undefined,
  );
}

describe('mainVersion', () => {
  it('follows the traffic within a minute of a rollout', () => {
    const before = requestsOf(1, 120, 900);
    expect(mainVersion([...before, ...requestsOf(2, 30, 100)], NOW)).toBe(2);
    expect(mainVersion(before, NOW)).toBe(1);
  });

  it('is not moved by a canary, nor by requests to no version', () => {
    const windows = [
      ...requestsOf(1, 30, 90),
      ...requestsOf(2, 30, 10),
      ...requestsOf(0, 30, 500),
    ];
    expect(mainVersion(windows, NOW)).toBe(1);
    expect(mainVersion([], NOW)).toBeUndefined();
  });
});

describe('judgeHealth', () => {
  it('says no data when nothing was called for five minutes', () => {
    expect(judge({ windows: [] })).toMatchObject({
      status: 'no-data',
      reasons: [],
      requestsPerSecond: 0,
      version: undefined,
      sparkline: new Array(30).fill(null),
    });
    const old = lastMinute().map(window => ({
      ...window,
      startMillis: window.startMillis - 10 * 60_000,
    }));
    const health = judge({ windows: old, lastRecordMillis: NOON - 1 });
    expect(health.status).toBe('no-data');
    expect(health.sparkline[19]).toBe(10);
    expect(health.lastRecordAt).toBe('2026-05-03T11:59:59.999Z');
  });

  it('is healthy without a finding', () => {
    const health = judge();
    expect(health).toMatchObject({
      status: 'healthy',
      reasons: [],
      version: 1,
      requestsPerSecond: 10,
      errorRate: 0,
    });
    expect(health.sparkline.at(-1)).toBe(10);
    expect(health.sparkline.at(-2)).toBeNull();
    expect(health.latencyP99Millis).toBeCloseTo(1.98, 1);
  });

  it.each([
    [
      { 500: 2 },
      'warning',
      [
        '2.0 % of the requests of the last 5 minutes failed in the data plane (5xx).',
      ],
    ],
    [
      { 503: 30 },
      'alert',
      [
        '30 % of the requests of the last 5 minutes failed in the data plane (5xx).',
      ],
    ],
    [
      { 400: 25 },
      'warning',
      [
        '25 % of the requests of the last 5 minutes were refused as wrong (4xx).',
      ],
    ],
    [{ 400: 10 }, 'healthy', []],
  ])('judges %j as %s', (statuses, status, reasons) => {
    expect(judge({ windows: lastMinute(statuses) })).toMatchObject({
      status,
      reasons,
    });
  });

  it('gives no verdict on the error rate of a handful of requests', () => {
    expect(judge({ windows: lastMinute({ 500: 50 }, 10) }).status).toBe(
      'healthy',
    );
  });

  it('tells apart some drifted features from many', () => {
    const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
    const rows = (shifted: number) =>
      Array.from({ length: 500 }, (_, row) =>
        names.map((_name, index) => row + (index < shifted ? 300 : 0)),
      );
    const freeze = (shifted: number) =>
      freezeBaseline({
        featureNames: names,
        features: rows(shifted),
        task: 'regression',
      });
    const baseline = freeze(0);
    const drifted = (shifted: number) => {
      const report = compareProfiles(baseline, baseline);
      report.features
        .slice(0, shifted)
        .forEach(feature =>
          Object.assign(feature, { status: 'alert', effect: 1 }),
        );
      return judge({ drift: report });
    };
    expect(drifted(0)).toMatchObject({
      status: 'healthy',
      drift: { drifted: 0, features: 10 },
    });
    expect(drifted(1)).toMatchObject({
      status: 'warning',
      reasons: ['1 of 10 features drifted away from the baseline: f0.'],
    });
    expect(drifted(4)).toMatchObject({
      status: 'alert',
      reasons: [
        '4 of 10 features drifted away from the baseline: f0, f1 and 2 more.',
      ],
      drift: { drifted: 4, features: 10 },
    });
  });

  it('alerts when the predictions changed, and stays silent with few rows', () => {
    const few = rollUp(
      recordBatch([recordGroup({ count: 50 })]),
      () => BASELINE,
    );
    const [{ profile }] = few;
    const unsure = profile && compareProfiles(BASELINE, profile);
    expect(judge({ drift: unsure })).toMatchObject({
      status: 'healthy',
      drift: undefined,
    });
    const group = recordGroup({ count: 500 });
    group.samples.forEach(sample => {
      sample.prediction = 'ill';
    });
    const many = rollUp(recordBatch([group]), () => BASELINE);
    const changed =
      many[0].profile && compareProfiles(BASELINE, many[0].profile);
    expect(judge({ drift: changed })).toMatchObject({
      status: 'alert',
      reasons: [
        'The predictions are distributed differently than in the baseline.',
      ],
    });
  });
});
