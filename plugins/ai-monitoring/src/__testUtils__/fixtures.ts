import type { FeatureDrift, NumericHistogram } from '@greenroom/ml-kit';
import type {
  DriftResponse,
  DriftTimeline,
  HealthPage,
  ModelHealth,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';

export function makeHealth(changes: Partial<ModelHealth> = {}): ModelHealth {
  return {
    model: 'digits',
    environment: 'production',
    version: 1,
    status: 'healthy',
    span: { from: '2026-05-03T09:55:00Z', to: '2026-05-03T10:00:00Z' },
    reasons: [],
    unwatched: [],
    requestsPerSecond: 12.5,
    errorRate: 0.01,
    latencyP99Millis: 4.2,
    drift: { drifted: 0, features: 4 },
    sparkline: [1, null, 2],
    lastRecordAt: '2026-05-03T10:00:00Z',
    ...changes,
  };
}

/** A page of verdicts, as the API answers. */
export function makePage(items: ModelHealth[], counts = {}): HealthPage {
  return {
    items,
    counts: {
      alert: 0,
      warning: 0,
      'partly-watched': 0,
      healthy: 0,
      'no-data': 0,
      ...counts,
    },
  };
}

export function makeSeries(version: number): TrafficSeries {
  return {
    model: 'digits',
    version,
    windowSeconds: 60,
    points: [
      {
        at: '2026-05-03T10:00:00Z',
        requests: 60,
        requestsPerSecond: version,
        clientErrorRate: 0.5,
        serverErrorRate: 0,
        latencyMillis: { p50: 1, p95: 2, p99: version * 10 },
      },
    ],
  };
}

export function makeFeatureDrift(
  name: string,
  changes: Partial<FeatureDrift> = {},
): FeatureDrift {
  return {
    name,
    status: 'ok',
    psi: 0.01,
    effect: 0.001,
    pValue: 0.5,
    adjustedPValue: 0.7,
    jensenShannonBase2: 0.02,
    baselineRows: 900,
    currentRows: 500,
    ...changes,
  };
}

function makeHistogram(counts: number[]): NumericHistogram {
  return {
    kind: 'numeric',
    edges: [0, 1, 2],
    counts,
    underflow: 0,
    overflow: 0,
    nulls: 0,
    nans: 0,
  };
}

export function makeDrift(changes: Partial<DriftResponse> = {}): DriftResponse {
  const features = [
    makeFeatureDrift('pixel_0'),
    makeFeatureDrift('pixel_1', {
      status: 'alert',
      effect: 0.345,
      adjustedPValue: 0.0001,
    }),
    makeFeatureDrift('pixel_2', { status: 'warning', effect: 0.06 }),
    makeFeatureDrift('pixel_3', { status: 'not-enough-data', currentRows: 40 }),
  ];
  return {
    model: 'digits',
    version: 1,
    from: '2026-05-03T09:00:00Z',
    to: '2026-05-03T10:00:00Z',
    rows: 500,
    unwatched: [],
    report: {
      status: 'alert',
      features,
      prediction: makeFeatureDrift('prediction'),
      options: { alpha: 0.05, effectThreshold: 0.1, minRows: 100 },
    },
    histograms: Object.fromEntries(
      features.map(({ name }) => [
        name,
        {
          baseline: makeHistogram([50, 50]),
          current: makeHistogram([10, 90]),
        },
      ]),
    ),
    prediction: {
      baseline: {
        kind: 'categorical',
        categories: ['zero', 'one'],
        counts: [50, 50],
        unseen: 0,
        nulls: 0,
      },
      current: {
        kind: 'categorical',
        categories: ['zero', 'one'],
        counts: [25, 75],
        unseen: 0,
        nulls: 0,
      },
    },
    ...changes,
  };
}

export function makeTimeline(): DriftTimeline {
  return {
    model: 'digits',
    version: 1,
    at: ['2026-05-03T09:00:00Z', '2026-05-03T09:30:00Z'],
    features: [
      {
        name: 'pixel_0',
        effect: [0.001, 0.002],
        status: ['ok', 'ok'],
      },
      {
        name: 'pixel_1',
        effect: [null, 0.345],
        status: ['not-enough-data', 'alert'],
      },
    ],
  };
}
