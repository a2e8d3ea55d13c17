import type { DriftReport, FeatureHistogram } from '@greenroom/ml-kit';

/** How long one window is, in seconds. Windows merge upward as they age. */
export const WINDOW_SECONDS = [10, 60, 3600] as const;
export type WindowSeconds = (typeof WINDOW_SECONDS)[number];

/** How long one point of a chart is, in seconds: a window, or for long ranges a day. */
export const POINT_SECONDS = [...WINDOW_SECONDS, 86400] as const;
export type PointSeconds = (typeof POINT_SECONDS)[number];

/** One point of a live chart. A gap means that nothing was recorded, not zero. */
export interface TrafficPoint {
  /** Start of the window, ISO 8601. */
  at: string;
  /** Requests in the window. */
  requests: number;
  /** Requests per second. */
  requestsPerSecond: number;
  /** Tokens per second of a language model; undefined where nobody counted any. */
  tokensPerSecond?: { input: number; output: number };
  /** Share of requests that were for another model, which could not answer, 0 to 1; undefined where none was. */
  fallbackRate?: number;
  /** Share of requests that were refused for a limit of their caller's key, 0 to 1; undefined where none was. */
  limitedRate?: number;
  /** Share of the other requests with a 4xx status, 0 to 1. */
  clientErrorRate: number;
  /** Share of the other requests with a 5xx status, or that met a provider's limit (429), 0 to 1. */
  serverErrorRate: number;
  /** Latency quantiles in milliseconds; undefined without one of the other requests. */
  latencyMillis?: { p50: number; p95: number; p99: number };
}

/** Traffic of one version over time. */
export interface TrafficSeries {
  model: string;
  version: number;
  windowSeconds: PointSeconds;
  points: TrafficPoint[];
}

/** Something that happened to a model, to be drawn on the time axis. */
export interface Marker {
  /** ISO 8601. */
  at: string;
  kind:
    | 'rollout-started'
    | 'rollout-step'
    | 'rollout-completed'
    | 'promotion'
    | 'rollback';
  title: string;
  version?: number;
}

/**
 * alert, warning: something is wrong, see the reasons. healthy: all that is watched is as it should
 * be, and all is watched. partly-watched: what can be seen is as it should be, but not all can be
 * seen. no-data: nothing was asked of it, so nothing can be said.
 */
export const HEALTH_STATUSES = [
  'alert',
  'warning',
  'partly-watched',
  'healthy',
  'no-data',
] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** A model's state in one line: what the home page and the entity card show. */
export interface ModelHealth {
  model: string;
  environment: string;
  /** Version with the most requests of the last minute, or of the last five when there were none. */
  version?: number;
  status: HealthStatus;
  /** The time that the verdict, the error rate, the latency and the drift are about; ISO 8601. */
  span: { from: string; to: string };
  /** Why it is not healthy, or why nothing can be said; one sentence each. */
  reasons: string[];
  /** What the verdict does not see, one sentence each. */
  unwatched: string[];
  /** Of the last minute. */
  requestsPerSecond: number;
  errorRate: number;
  latencyP99Millis?: number;
  /** Features whose drift is significant and large, and all features compared. */
  drift?: { drifted: number; features: number };
  /** Requests per second of the last half hour, one value a minute; null for a gap. */
  sparkline: (number | null)[];
  /** ISO 8601. */
  lastRecordAt?: string;
}

/** A page of verdicts, the worst first. */
export interface HealthPage {
  items: ModelHealth[];
  /** Models of each status, of all pages. */
  counts: Record<HealthStatus, number>;
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}

export interface HealthQuery {
  environment?: string;
  /** Judged anew for this answer; a list of all models is judged every few seconds. */
  model?: string;
  /** 1 to 500; 100 when left out. */
  limit?: number;
  cursor?: string;
}

/** Live distribution of each feature and the prediction against the version's frozen baseline. */
export interface DriftResponse {
  model: string;
  version: number;
  /** ISO 8601. */
  from: string;
  to: string;
  /** Sampled rows that were compared. */
  rows: number;
  /** Inputs of the version that no feature of its schema names, with the reason: nothing is known of their drift. */
  unwatched: string[];
  report?: DriftReport;
  /** Why there is no report. */
  reason?: 'no-baseline' | 'no-data';
  /** Feature names to their baseline and current histograms (same bins). */
  histograms: Record<
    string,
    { baseline: FeatureHistogram; current: FeatureHistogram }
  >;
  prediction?: { baseline: FeatureHistogram; current: FeatureHistogram };
}

/** What a running version is asked, against the reference rows of another one that may take its place. */
export interface CandidateDrift {
  model: string;
  /** The one whose traffic it is. */
  version: number;
  /** The one whose reference rows they are. */
  candidate: number;
  /** ISO 8601. */
  from: string;
  to: string;
  /** Sampled rows of the traffic. */
  rows: number;
  referenceRows: number;
  /** Features that only one of the two has, which nothing can be said about. */
  leftOut: string[];
  report?: DriftReport;
  /** Why there is no report. */
  reason?: 'no-baseline' | 'no-reference' | 'other-features' | 'no-data';
}

/** How drift moved: one cell a feature and time bucket, for the heat map. */
export interface DriftTimeline {
  model: string;
  version: number;
  /** Starts of the buckets, ISO 8601. */
  at: string[];
  features: {
    name: string;
    /** Bias-corrected PSI a bucket; null when there was not enough data. */
    effect: (number | null)[];
    status: ('ok' | 'warning' | 'alert' | 'not-enough-data')[];
  }[];
}

/** A row that was asked lately, of a model that keeps some. */
export interface RecentRow {
  version: number;
  /** ISO 8601. */
  at: string;
  /** One value for each of the features of the version's schema, in their order; null for a missing one. */
  features: (number | string | boolean | null)[];
  prediction?: number | string;
}

/** How the record stream itself is doing. */
export interface IngestStatus {
  producers: {
    producer: string;
    environment: string;
    lastSequence: number;
    /** Records that the producer had to drop since it started. */
    droppedTotal: number;
    /** Copied rows that it had to drop. */
    lostSamples: number;
    /** Records of it that arrived and were not counted, such as those of a wrong clock. */
    refusedTotal: number;
    /** How far its clock was ahead with its last batch, in milliseconds; below 0 behind. Offsets of a few seconds are the way of the batch. */
    clockOffsetMillis: number;
    lastReceivedAt: string;
  }[];
  /** Largest offset of a clock that is corrected, in milliseconds; records of a worse one are refused. */
  maxClockOffsetMillis: number;
}

/** A time of which records are missing: what charts show of it is too little. */
export interface Hole {
  /** ISO 8601. */
  from: string;
  to: string;
  /** Process of the data plane whose records they are. */
  producer: string;
  /** Records missing. */
  records: number;
  /** Copied rows missing. */
  samples: number;
  reason: string;
}

export interface TimeRange {
  /** ISO 8601. */
  from: string;
  to: string;
}
