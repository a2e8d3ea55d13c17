import {
  createDdSketch,
  type DdSketch,
  mergeDdSketches,
  mergeProfiles,
  type Profile,
} from '@greenroom/ml-kit';
import {
  POINT_SECONDS,
  type PointSeconds,
  type WindowSeconds,
} from '@greenroom/plugin-ai-monitoring-common';

/** Whose records, and which stretch of time. */
export interface WindowKey {
  environment: string;
  model: string;
  /** 0 for requests for which no version was chosen: they were refused before, or named none that exists. */
  version: number;
  windowSeconds: WindowSeconds;
  /** Milliseconds since the epoch, a multiple of the length. */
  startMillis: number;
}

/** What happened to requests; any two contents of a version can be merged. */
export interface Traffic {
  requests: number;
  rows: number;
  /** Tokens of language models; 0 for all others. */
  inputTokens: number;
  outputTokens: number;
  /** Of the requests, those that were for another model, which could not answer. */
  fallbacks: number;
  /** Of the requests, those that were refused for a limit of their key: nothing was asked of the model. */
  limited: number;
  /** Requests with a 4xx status, without those of limits. */
  clientErrors: number;
  /** Requests with a 5xx status, or that met a provider's limit (429). */
  serverErrors: number;
  /** Of the requests that were not refused for a limit. */
  latencyMicros: DdSketch;
  /** Time of the youngest record, milliseconds since the epoch. */
  lastRecordMillis: number;
}

export interface WindowContent extends Traffic {
  /** Sampled rows on the bins of the version's baseline. */
  profile?: Profile;
}

export interface Window extends WindowKey, WindowContent {}

export function emptyTraffic(): Traffic {
  return {
    requests: 0,
    rows: 0,
    inputTokens: 0,
    outputTokens: 0,
    fallbacks: 0,
    limited: 0,
    clientErrors: 0,
    serverErrors: 0,
    latencyMicros: createDdSketch(),
    lastRecordMillis: 0,
  };
}

export function mergeTraffic(a: Traffic, b: Traffic): Traffic {
  return {
    requests: a.requests + b.requests,
    rows: a.rows + b.rows,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    fallbacks: a.fallbacks + b.fallbacks,
    limited: a.limited + b.limited,
    clientErrors: a.clientErrors + b.clientErrors,
    serverErrors: a.serverErrors + b.serverErrors,
    latencyMicros: mergeDdSketches(a.latencyMicros, b.latencyMicros),
    lastRecordMillis: Math.max(a.lastRecordMillis, b.lastRecordMillis),
  };
}

/** Requests that the model was asked: all but those that were refused for a limit of their key. */
export function askedOf({
  requests,
  limited,
}: Pick<Traffic, 'requests' | 'limited'>): number {
  return requests - limited;
}

/** Counts add up exactly, in any order and grouping. */
export function mergeContents(
  a: WindowContent,
  b: WindowContent,
): WindowContent {
  return {
    ...mergeTraffic(a, b),
    profile: mergeOptionalProfiles(a.profile, b.profile),
  };
}

export function mergeOptionalProfiles(
  a: Profile | undefined,
  b: Profile | undefined,
): Profile | undefined {
  return a && b ? mergeProfiles(a, b) : a ?? b;
}

/** Start of the window that a moment falls into, milliseconds since the epoch. */
export function windowStart(atMillis: number, windowSeconds: number): number {
  const lengthMillis = windowSeconds * 1_000;
  return Math.floor(atMillis / lengthMillis) * lengthMillis;
}

/** Longest range that is shown in points of a length: at most about 1,500 of them. */
const LONGEST_RANGE_SECONDS: Record<PointSeconds, number> = {
  10: 3_600,
  60: 86_400,
  3_600: 62 * 86_400,
  86_400: Infinity,
};

/**
 * Length of the points that a range is shown in: short ones for a short range, but never
 * shorter than what is left of its past, which was merged upward.
 */
export function choosePointSeconds(
  range: { fromMillis: number; toMillis: number },
  stored: { windowSeconds: WindowSeconds }[],
): PointSeconds {
  const rangeSeconds = (range.toMillis - range.fromMillis) / 1_000;
  const coarsest = stored.reduce(
    (longest, { windowSeconds }) => Math.max(longest, windowSeconds),
    0,
  );
  return (
    POINT_SECONDS.find(
      seconds =>
        rangeSeconds <= LONGEST_RANGE_SECONDS[seconds] && seconds >= coarsest,
    ) ?? 86_400
  );
}
