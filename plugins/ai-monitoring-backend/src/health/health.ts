import type { DriftReport } from '@greenroom/ml-kit';
import type {
  HealthStatus,
  ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';
import { latencyQuantiles, shareOf } from '../traffic/traffic';
import {
  emptyTraffic,
  mergeTraffic,
  type Traffic,
  windowStart,
} from '../windows/window';
import type { TrafficWindow } from '../windows/WindowStore';

/** From where on a model is not healthy; `config.d.ts` explains each. */
export interface HealthThresholds {
  minRequests: number;
  serverErrorRateWarning: number;
  serverErrorRateAlert: number;
  clientErrorRateWarning: number;
  driftedShareAlert: number;
}

/** What verdicts are about. */
export const HEALTH_SPAN_MILLIS = 5 * 60_000;
/** What the sparkline shows. */
export const SPARKLINE_SPAN_MILLIS = 30 * 60_000;
const SPARKLINE_STEP_MILLIS = 60_000;

/** What tells which version has the traffic now. */
const CURRENT_SPAN_MILLIS = 60_000;

/**
 * The version with the most requests in the last minute, so that verdicts follow a
 * rollout; in the last five minutes when there were none since.
 */
export function mainVersion(
  windows: TrafficWindow[],
  now: Date,
): number | undefined {
  return (
    busiestVersion(recent(windows, now, CURRENT_SPAN_MILLIS)) ??
    busiestVersion(recent(windows, now, HEALTH_SPAN_MILLIS))
  );
}

function busiestVersion(windows: TrafficWindow[]): number | undefined {
  const requests = new Map<number, number>();
  for (const window of windows) {
    if (window.version === 0) continue;
    const before = requests.get(window.version) ?? 0;
    requests.set(window.version, before + window.requests);
  }
  return [...requests].sort(([, a], [, b]) => b - a).at(0)?.[0];
}

/** A model's state in one line, out of its windows of the last half hour. */
export function judgeHealth(options: {
  environment: string;
  model: string;
  windows: TrafficWindow[];
  /** Of the version that has the traffic now, over the last five minutes. */
  drift?: DriftReport;
  lastRecordMillis?: number;
  thresholds: HealthThresholds;
  now: Date;
}): ModelHealth {
  const { environment, model, windows, drift, thresholds, now } = options;
  const traffic = recent(windows, now, HEALTH_SPAN_MILLIS).reduce<Traffic>(
    mergeTraffic,
    emptyTraffic(),
  );
  const { requests, clientErrors, serverErrors } = traffic;
  const findings = [
    ...judgeErrors(traffic, thresholds),
    ...(drift ? judgeDrift(drift, thresholds) : []),
  ];
  const sparkline = toSparkline(windows, now);
  return {
    environment,
    model,
    version: mainVersion(windows, now),
    status: requests === 0 ? 'no-data' : worst(findings),
    reasons: findings.map(({ reason }) => reason),
    requestsPerSecond: sparkline.at(-1) ?? 0,
    errorRate: shareOf(clientErrors + serverErrors, requests),
    latencyP99Millis: latencyQuantiles(traffic)?.p99,
    drift: drift && summarizeDrift(drift),
    sparkline,
    lastRecordAt:
      options.lastRecordMillis === undefined
        ? undefined
        : new Date(options.lastRecordMillis).toISOString(),
  };
}

interface Finding {
  status: 'warning' | 'alert';
  reason: string;
}

function judgeErrors(
  { requests, clientErrors, serverErrors }: Traffic,
  thresholds: HealthThresholds,
): Finding[] {
  if (requests < thresholds.minRequests) return [];
  const findings: Finding[] = [];
  const serverErrorRate = serverErrors / requests;
  if (serverErrorRate >= thresholds.serverErrorRateWarning) {
    findings.push({
      status:
        serverErrorRate >= thresholds.serverErrorRateAlert
          ? 'alert'
          : 'warning',
      reason: `${percent(
        serverErrorRate,
      )} of the requests of the last 5 minutes failed in the data plane (5xx).`,
    });
  }
  const clientErrorRate = clientErrors / requests;
  if (clientErrorRate >= thresholds.clientErrorRateWarning) {
    findings.push({
      status: 'warning',
      reason: `${percent(
        clientErrorRate,
      )} of the requests of the last 5 minutes were refused as wrong (4xx).`,
    });
  }
  return findings;
}

/** Small changes are no reason, however significant: only those that are large as well. */
function judgeDrift(
  report: DriftReport,
  thresholds: HealthThresholds,
): Finding[] {
  const findings: Finding[] = [];
  const drifted = report.features
    .filter(({ status }) => status === 'alert')
    .sort((a, b) => b.effect - a.effect);
  if (drifted.length > 0) {
    const [first, second] = drifted.map(({ name }) => name);
    const names = second === undefined ? first : `${first}, ${second}`;
    const more = drifted.length > 2 ? ` and ${drifted.length - 2} more` : '';
    findings.push({
      status:
        drifted.length / report.features.length >= thresholds.driftedShareAlert
          ? 'alert'
          : 'warning',
      reason: `${drifted.length} of ${report.features.length} features drifted away from the baseline: ${names}${more}.`,
    });
  }
  if (report.prediction?.status === 'alert') {
    findings.push({
      status: 'alert',
      reason:
        'The predictions are distributed differently than in the baseline.',
    });
  }
  return findings;
}

function summarizeDrift(report: DriftReport): ModelHealth['drift'] {
  const compared = report.features.filter(
    ({ status }) => status !== 'not-enough-data',
  );
  return compared.length === 0
    ? undefined
    : {
        drifted: compared.filter(({ status }) => status === 'alert').length,
        features: compared.length,
      };
}

/** Requests per second of each of the last 30 minutes, counted back from the last full 10-second window. */
function toSparkline(windows: TrafficWindow[], now: Date): (number | null)[] {
  const endMillis = windowStart(now.getTime(), 10);
  const startMillis = endMillis - SPARKLINE_SPAN_MILLIS;
  const steps = SPARKLINE_SPAN_MILLIS / SPARKLINE_STEP_MILLIS;
  const requests = new Array<number | null>(steps).fill(null);
  for (const window of windows) {
    const step = Math.floor(
      (window.startMillis - startMillis) / SPARKLINE_STEP_MILLIS,
    );
    if (step >= 0 && step < steps) {
      requests[step] = (requests[step] ?? 0) + window.requests;
    }
  }
  return requests.map(count =>
    count === null ? null : count / (SPARKLINE_STEP_MILLIS / 1_000),
  );
}

function recent(
  windows: TrafficWindow[],
  now: Date,
  spanMillis: number,
): TrafficWindow[] {
  const sinceMillis = windowStart(now.getTime(), 10) - spanMillis;
  return windows.filter(({ startMillis }) => startMillis >= sinceMillis);
}

function worst(findings: Finding[]): HealthStatus {
  if (findings.some(({ status }) => status === 'alert')) return 'alert';
  return findings.length > 0 ? 'warning' : 'healthy';
}

function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
