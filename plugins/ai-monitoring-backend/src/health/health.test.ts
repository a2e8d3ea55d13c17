import {
  compareProfiles,
  type DriftReport,
  freezeBaseline,
} from '@greenroom/ml-kit';
import { rollUp } from '../records/rollUp';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import {
  emptyTraffic,
  mergeTraffic,
  type Traffic,
  type Window,
} from '../windows/window';
import {
  type DriftSight,
  type HealthQuestion,
  judgeHealth,
  mainVersion,
} from './health';

const NOW = new Date(NOON);
const THRESHOLDS = {
  minRequests: 20,
  serverErrorRateWarning: 0.01,
  serverErrorRateAlert: 0.05,
  clientErrorRateWarning: 0.2,
  driftedShareAlert: 0.2,
};

/** Windows of the last half hour, as they are read for a verdict. */
function seen(windows: Window[]): Pick<HealthQuestion, 'counts' | 'traffic'> {
  const recent = windows.filter(
    ({ startMillis }) => startMillis >= NOON - 300_000,
  );
  return {
    counts: windows,
    traffic:
      recent.length === 0
        ? undefined
        : recent.reduce<Traffic>(mergeTraffic, emptyTraffic()),
  };
}

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

/** All features of the baseline, without drift. */
const WATCHED: DriftSight = {
  state: 'compared',
  version: 1,
  uncovered: [],
  report: compareProfiles(BASELINE, BASELINE),
};

function compared(report: DriftReport | undefined): DriftSight {
  return { state: 'compared', version: 1, uncovered: [], report };
}

function ask(options: Partial<HealthQuestion> = {}) {
  return judgeHealth({
    environment: 'production',
    model: 'diabetes',
    ...seen(lastMinute()),
    drift: WATCHED,
    thresholds: THRESHOLDS,
    now: NOW,
    ...options,
  });
}

const judge = (options?: Partial<HealthQuestion>) => ask(options).health;

const deployment: NonNullable<HealthQuestion['deployment']> = {
  wanted: {
    version: 2,
    digest: 'sha256:2',
    commit: 'c',
    since: '2026-05-03T11:00:00Z',
  },
  variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
  convergence: { state: 'serving' },
  dataPlanes: { ready: 1, total: 1, degraded: [] },
};

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
    expect(judge(seen([]))).toMatchObject({
      status: 'no-data',
      reasons: [
        'Nothing was asked of it in the last 5 minutes, and it is not deployed to production.',
      ],
      unwatched: [],
      requestsPerSecond: 0,
      version: undefined,
      sparkline: new Array(30).fill(null),
    });
    const old = lastMinute().map(window => ({
      ...window,
      startMillis: window.startMillis - 10 * 60_000,
    }));
    const health = judge({ ...seen(old), lastRecordMillis: NOON - 1 });
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
        '2.0 % of the requests of the last 5 minutes failed (5xx, or 429 of a provider).',
      ],
    ],
    [
      { 503: 30 },
      'alert',
      [
        '30 % of the requests of the last 5 minutes failed (5xx, or 429 of a provider).',
      ],
    ],
    [
      { 400: 25 },
      'warning',
      [
        '25 % of the requests of the last 5 minutes were refused as wrong (4xx).',
      ],
    ],
    [
      { 429: 10 },
      'alert',
      [
        '10 % of the requests of the last 5 minutes failed (5xx, or 429 of a provider).',
      ],
    ],
    [{ 400: 10 }, 'healthy', []],
  ])('judges %j as %s', (statuses, status, reasons) => {
    expect(judge(seen(lastMinute(statuses)))).toMatchObject({
      status,
      reasons,
    });
  });

  /** As many more, refused at once for limits of their keys. */
  const limited = (count: number) => {
    const group = recordGroup({
      count,
      startMillis: NOON - 60_000,
      everyMillis: 10,
      status: () => 429,
      samples: false,
    });
    const marked = {
      ...group,
      latencyMicros: group.at.map(() => 1),
      limited: group.at.map(() => 1),
    };
    return rollUp(recordBatch([marked]), () => undefined);
  };

  it('holds what callers do to their own limits against no model', () => {
    const few = lastMinute({}, 100);
    const alone = judge(seen(few));
    const both = judge(seen([...few, ...limited(400)]));
    expect(both).toMatchObject({
      status: 'healthy',
      reasons: [],
      errorRate: 0,
    });
    expect(both.latencyP99Millis).toBe(alone.latencyP99Millis);
    // Nor do they hide what fails of the rest, or make enough of too few.
    expect(
      judge(seen([...lastMinute({ 500: 2 }, 100), ...limited(400)])),
    ).toMatchObject({ status: 'warning', errorRate: 0.02 });
    expect(
      judge(seen([...lastMinute({ 500: 50 }, 10), ...limited(400)])),
    ).toMatchObject({
      status: 'partly-watched',
      unwatched: [
        'Errors are not judged: 10 of the 20 requests that it takes in 5 minutes.',
      ],
    });
  });

  it('has nothing to judge where all were refused for limits, and says so', () => {
    expect(judge(seen(limited(22)))).toMatchObject({
      status: 'no-data',
      reasons: [
        'Nothing was asked of it in the last 5 minutes: all 22 requests were refused for limits of their keys.',
      ],
      unwatched: [],
    });
  });

  it('gives no verdict on the error rate of a handful of requests', () => {
    expect(judge(seen(lastMinute({ 500: 50 }, 10)))).toMatchObject({
      status: 'partly-watched',
      unwatched: [
        'Errors are not judged: 10 of the 20 requests that it takes in 5 minutes.',
      ],
    });
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
      return judge({ drift: compared(report) });
    };
    expect(drifted(0)).toMatchObject({
      status: 'healthy',
      drift: { drifted: 0, features: 10 },
    });
    expect(drifted(1)).toMatchObject({
      status: 'warning',
      reasons: [
        '1 of 10 features drifted away from the baseline in the last 5 minutes: f0.',
      ],
    });
    expect(drifted(4)).toMatchObject({
      status: 'alert',
      reasons: [
        '4 of 10 features drifted away from the baseline in the last 5 minutes: f0, f1 and 2 more.',
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
    expect(judge({ drift: compared(unsure) })).toMatchObject({
      status: 'partly-watched',
      drift: undefined,
      unwatched: [
        'Drift of version 1 is not judged: 50 of the 100 copied rows that it takes in 5 minutes.',
      ],
    });
    const group = recordGroup({ count: 500 });
    group.samples.forEach(sample => {
      sample.prediction = 'ill';
    });
    const many = rollUp(recordBatch([group]), () => BASELINE);
    const changed =
      many[0].profile && compareProfiles(BASELINE, many[0].profile);
    expect(judge({ drift: compared(changed) })).toMatchObject({
      status: 'alert',
      reasons: [
        'The predictions of the last 5 minutes are distributed differently than in the baseline.',
      ],
    });
  });

  it('names the time that it is about', () => {
    expect(judge().span).toEqual({
      from: '2026-05-03T11:55:00.000Z',
      to: '2026-05-03T12:00:00.000Z',
    });
  });

  it.each<[string, DriftSight, string, boolean]>([
    [
      'a baseline that is missing',
      { state: 'no-baseline', version: 1, uncovered: [] },
      'Drift of version 1 is not watched: it was registered without reference rows.',
      true,
    ],
    [
      'inputs that nobody names',
      { ...WATCHED, uncovered: ["no feature names input 'text'"] },
      "Drift of version 1 is watched in part: no feature names input 'text'.",
      true,
    ],
    [
      'rows that were not copied',
      { state: 'compared', version: 1, uncovered: [] },
      'Drift of version 1 is not watched: no input row was copied in the last 5 minutes.',
      false,
    ],
    [
      'a registry that is away',
      { state: 'unknown', version: 1 },
      'Drift of version 1 is not watched: the registry could not be asked for its baseline.',
      false,
    ],
  ])(
    'does not call healthy what it cannot see: %s',
    (_what, drift, unwatched, lasting) => {
      const { health, sure } = ask({ drift });
      expect(health).toMatchObject({
        status: 'partly-watched',
        reasons: [],
        unwatched: [unwatched],
      });
      expect(sure).toBe(lasting);
    },
  );

  it('leaves what does not load to those who tell owners of it', () => {
    const { health, measured } = ask({
      deployment: {
        ...deployment,
        convergence: { state: 'degraded', reason: 'a has no memory' },
      },
    });
    expect(health.status).toBe('warning');
    expect(measured).toEqual({ status: 'healthy', reasons: [] });
  });

  it('says that values are missing', () => {
    const group = recordGroup({ count: 500 });
    group.samples.forEach(sample => {
      sample.features[0] = null;
    });
    const [{ profile }] = rollUp(recordBatch([group]), () => BASELINE);
    const drift = compared(profile && compareProfiles(BASELINE, profile));
    expect(judge({ drift }).reasons).toEqual([
      '1 of 2 features drifted away from the baseline in the last 5 minutes: age (missing in 100 %, before in 0.0 %).',
    ]);
  });

  it.each<[string, Partial<typeof deployment>, number, string, string[]]>([
    [
      'a version that does not load beside one that serves',
      { convergence: { state: 'waiting', reason: 'opset 99', since: '' } },
      600,
      'warning',
      ['Version 1 serves, but version 2 is wanted: opset 99.'],
    ],
    [
      'a first version that does not load',
      {
        variants: [],
        convergence: { state: 'waiting', reason: 'opset 99', since: '' },
      },
      0,
      'alert',
      [
        'Nothing serves it in production; version 2 is wanted: opset 99.',
        'Nothing was asked of it in the last 5 minutes; version 2 is wanted: opset 99.',
      ],
    ],
    [
      'an environment without a data plane',
      {
        variants: [],
        convergence: {
          state: 'waiting',
          reason: 'No data plane of production is online',
          since: '',
        },
        dataPlanes: { ready: 0, total: 0, degraded: [] },
      },
      0,
      'no-data',
      [
        'Nothing was asked of it in the last 5 minutes; version 2 is wanted: No data plane of production is online.',
      ],
    ],
    [
      'a version that is not loaded everywhere',
      { convergence: { state: 'degraded', reason: 'a has no memory' } },
      600,
      'warning',
      ['a has no memory.'],
    ],
    [
      'a model that nobody calls',
      {},
      0,
      'no-data',
      ['Nothing was asked of it in the last 5 minutes. Version 1 serves.'],
    ],
    ['a model that serves', {}, 600, 'healthy', []],
  ])(
    'judges the deployment of %s',
    (_what, changes, requests, status, reasons) => {
      expect(
        judge({
          ...seen(requests === 0 ? [] : lastMinute({}, requests)),
          deployment: { ...deployment, ...changes },
        }),
      ).toMatchObject({ status, reasons });
    },
  );
});
