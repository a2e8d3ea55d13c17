import { ddSketchQuantile } from '@greenroom/ml-kit';
import type {
  PointSeconds,
  TrafficPoint,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import {
  askedOf,
  choosePointSeconds,
  mergeTraffic,
  type Traffic,
  windowStart,
} from '../windows/window';
import type { TrafficWindow } from '../windows/WindowStore';

/** One series a version, in windows of one length; moments without records are left out. */
export function toTrafficSeries(options: {
  model: string;
  windows: TrafficWindow[];
  range: { fromMillis: number; toMillis: number };
  now: Date;
}): TrafficSeries[] {
  const { model, windows, range, now } = options;
  const windowSeconds = choosePointSeconds(range, windows);
  const byVersion = new Map<number, Map<number, Traffic>>();
  for (const window of windows) {
    const startMillis = windowStart(window.startMillis, windowSeconds);
    const points = byVersion.get(window.version) ?? new Map<number, Traffic>();
    byVersion.set(window.version, points);
    const before = points.get(startMillis);
    points.set(startMillis, before ? mergeTraffic(before, window) : window);
  }
  return [...byVersion]
    .sort(([a], [b]) => a - b)
    .map(([version, points]) => ({
      model,
      version,
      windowSeconds,
      points: [...points]
        .sort(([a], [b]) => a - b)
        .map(([startMillis, traffic]) =>
          toPoint({ startMillis, traffic, windowSeconds, now }),
        ),
    }));
}

function toPoint(options: {
  startMillis: number;
  traffic: Traffic;
  windowSeconds: PointSeconds;
  now: Date;
}): TrafficPoint {
  const { startMillis, traffic, windowSeconds, now } = options;
  const { requests } = traffic;
  const asked = askedOf(traffic);
  // The window that is not over yet has only been filled up to its youngest record.
  const isOver = startMillis + windowSeconds * 1_000 <= now.getTime();
  const seconds = isOver
    ? windowSeconds
    : Math.min(
        windowSeconds,
        Math.max(1, (traffic.lastRecordMillis - startMillis) / 1_000),
      );
  return {
    at: new Date(startMillis).toISOString(),
    requests,
    requestsPerSecond: requests / seconds,
    ...tokensOf(traffic, seconds),
    ...(traffic.fallbacks > 0 && {
      fallbackRate: shareOf(traffic.fallbacks, requests),
    }),
    ...(traffic.limited > 0 && {
      limitedRate: shareOf(traffic.limited, requests),
    }),
    clientErrorRate: shareOf(traffic.clientErrors, asked),
    serverErrorRate: shareOf(traffic.serverErrors, asked),
    latencyMillis: latencyQuantiles(traffic),
  };
}

/** Left out for a model that has none. */
function tokensOf(
  { inputTokens, outputTokens }: Traffic,
  seconds: number,
): Pick<TrafficPoint, 'tokensPerSecond'> {
  if (inputTokens + outputTokens === 0) return {};
  return {
    tokensPerSecond: {
      input: inputTokens / seconds,
      output: outputTokens / seconds,
    },
  };
}

/** Milliseconds; undefined without a request. */
export function latencyQuantiles({
  latencyMicros,
}: Pick<Traffic, 'latencyMicros'>): TrafficPoint['latencyMillis'] {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map(q =>
    ddSketchQuantile(latencyMicros, q),
  );
  return p50 === undefined || p95 === undefined || p99 === undefined
    ? undefined
    : { p50: p50 / 1_000, p95: p95 / 1_000, p99: p99 / 1_000 };
}

export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
