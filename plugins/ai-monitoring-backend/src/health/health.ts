import type { DriftReport } from '@greenroom/ml-kit';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type {
  HealthStatus,
  ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';
import { latencyQuantiles, shareOf } from '../traffic/traffic';
import {
  askedOf,
  emptyTraffic,
  type Traffic,
  windowStart,
} from '../windows/window';
import {
  allLimitedReason,
  type Finding,
  judgeDeployment,
  judgeDrift,
  judgeErrors,
  noDataReason,
} from './findings';

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

/** Requests of a version in a window, without what is large of it. */
export interface RequestCount {
  version: number;
  /** Milliseconds since the epoch. */
  startMillis: number;
  requests: number;
}

/** What is known of the drift of the version that has the traffic. */
export type DriftSight =
  /** No version has any traffic. */
  | { state: 'nothing' }
  /** The registry could not be asked. */
  | { state: 'unknown'; version: number }
  | { state: 'no-baseline'; version: number; uncovered: string[] }
  | {
      state: 'compared';
      version: number;
      uncovered: string[];
      /** undefined when no row was copied. */
      report?: DriftReport;
    };

export interface HealthQuestion {
  environment: string;
  model: string;
  /** Of the last half hour. */
  counts: RequestCount[];
  /** Of the last five minutes, of all versions; undefined for none. */
  traffic?: Traffic;
  drift: DriftSight;
  /** undefined where the model is not deployed. */
  deployment?: Pick<
    Deployment,
    'wanted' | 'variants' | 'convergence' | 'dataPlanes'
  >;
  lastRecordMillis?: number;
  thresholds: HealthThresholds;
  now: Date;
}

export interface Verdict {
  health: ModelHealth;
  /** Status and reasons by errors and drift alone: ai-inference tells owners itself what does not load. */
  measured: Pick<ModelHealth, 'status' | 'reasons'>;
  /** Whether all was seen that is seen with enough traffic: a model that cannot be seen for a moment has not recovered. */
  sure: boolean;
}

/**
 * The version with the most requests in the last minute, so that verdicts follow a
 * rollout; in the last five minutes when there were none since.
 */
export function mainVersion(
  counts: RequestCount[],
  now: Date,
): number | undefined {
  return (
    busiestVersion(recent(counts, now, CURRENT_SPAN_MILLIS)) ??
    busiestVersion(recent(counts, now, HEALTH_SPAN_MILLIS))
  );
}

function busiestVersion(counts: RequestCount[]): number | undefined {
  const requests = new Map<number, number>();
  for (const count of counts) {
    if (count.version === 0) continue;
    const before = requests.get(count.version) ?? 0;
    requests.set(count.version, before + count.requests);
  }
  return [...requests].sort(([, a], [, b]) => b - a).at(0)?.[0];
}

/** A model's state in one line, out of its windows of the last half hour. */
export function judgeHealth(question: HealthQuestion): Verdict {
  const { environment, model, counts, thresholds, deployment, now } = question;
  const traffic = question.traffic ?? emptyTraffic();
  const { requests, limited, clientErrors, serverErrors } = traffic;
  const asked = askedOf(traffic);
  const report =
    question.drift.state === 'compared' ? question.drift.report : undefined;
  const measured = [
    ...judgeErrors(traffic, thresholds),
    ...(report ? judgeDrift(report, thresholds) : []),
  ];
  const findings = [...judgeDeployment(deployment, environment), ...measured];
  const sight = asked === 0 ? [] : findUnwatched(question, asked);
  const sparkline = toSparkline(counts, now);
  const endMillis = windowStart(now.getTime(), 10);
  const health: ModelHealth = {
    environment,
    model,
    version: mainVersion(counts, now),
    status: statusOf(findings, asked, sight.length),
    span: {
      from: new Date(endMillis - HEALTH_SPAN_MILLIS).toISOString(),
      to: now.toISOString(),
    },
    reasons: [
      ...findings.map(({ reason }) => reason),
      ...(requests === 0 ? noDataReason(deployment, environment) : []),
      ...(requests > 0 && asked === 0 ? [allLimitedReason(limited)] : []),
    ],
    unwatched: sight.map(({ sentence }) => sentence),
    requestsPerSecond: sparkline.at(-1) ?? 0,
    errorRate: shareOf(clientErrors + serverErrors, asked),
    latencyP99Millis: latencyQuantiles(traffic)?.p99,
    drift: report && summarizeDrift(report),
    sparkline,
    lastRecordAt:
      question.lastRecordMillis === undefined
        ? undefined
        : new Date(question.lastRecordMillis).toISOString(),
  };
  return {
    health,
    measured: {
      status: statusOf(measured, asked, sight.length),
      reasons: measured.map(({ reason }) => reason),
    },
    sure: asked > 0 && sight.every(({ lasting }) => lasting),
  };
}

interface Gap {
  sentence: string;
  /** Whether more traffic would not help. */
  lasting: boolean;
}

/** What the verdict does not see. */
function findUnwatched(
  { drift, thresholds }: HealthQuestion,
  requests: number,
): Gap[] {
  const gaps: Gap[] = [];
  if (requests < thresholds.minRequests) {
    gaps.push({
      sentence: `Errors are not judged: ${requests} of the ${thresholds.minRequests} requests that it takes in 5 minutes.`,
      lasting: false,
    });
  }
  return [...gaps, ...findUnseenDrift(drift)];
}

function findUnseenDrift(drift: DriftSight): Gap[] {
  if (drift.state === 'nothing') return [];
  const ofVersion = `Drift of version ${drift.version}`;
  if (drift.state === 'unknown') {
    const sentence = `${ofVersion} is not watched: the registry could not be asked for its baseline.`;
    return [{ sentence, lasting: false }];
  }
  if (drift.state === 'no-baseline') {
    const sentence = `${ofVersion} is not watched: it was registered without reference rows.`;
    return [{ sentence, lasting: true }];
  }
  const gaps = drift.uncovered.map(what => ({
    sentence: `${ofVersion} is watched in part: ${what}.`,
    lasting: true,
  }));
  const { report } = drift;
  if (!report) {
    const sentence = `${ofVersion} is not watched: no input row was copied in the last 5 minutes.`;
    return [...gaps, { sentence, lasting: false }];
  }
  const unsure = report.features.filter(
    ({ status }) => status === 'not-enough-data',
  );
  if (unsure.length > 0) {
    const { minRows } = report.options;
    const rows = Math.min(...unsure.map(({ currentRows }) => currentRows));
    gaps.push(
      rows < minRows
        ? {
            sentence: `${ofVersion} is not judged: ${rows} of the ${minRows} copied rows that it takes in 5 minutes.`,
            lasting: false,
          }
        : {
            sentence: `${ofVersion} is not judged: its baseline has fewer than ${minRows} rows.`,
            lasting: true,
          },
    );
  }
  return gaps;
}

function statusOf(
  findings: Finding[],
  requests: number,
  gaps: number,
): HealthStatus {
  if (findings.some(({ status }) => status === 'alert')) return 'alert';
  if (findings.length > 0) return 'warning';
  if (requests === 0) return 'no-data';
  return gaps > 0 ? 'partly-watched' : 'healthy';
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
function toSparkline(counts: RequestCount[], now: Date): (number | null)[] {
  const endMillis = windowStart(now.getTime(), 10);
  const startMillis = endMillis - SPARKLINE_SPAN_MILLIS;
  const steps = SPARKLINE_SPAN_MILLIS / SPARKLINE_STEP_MILLIS;
  const requests = new Array<number | null>(steps).fill(null);
  for (const count of counts) {
    const step = Math.floor(
      (count.startMillis - startMillis) / SPARKLINE_STEP_MILLIS,
    );
    if (step >= 0 && step < steps) {
      requests[step] = (requests[step] ?? 0) + count.requests;
    }
  }
  return requests.map(count =>
    count === null ? null : count / (SPARKLINE_STEP_MILLIS / 1_000),
  );
}

function recent(
  counts: RequestCount[],
  now: Date,
  spanMillis: number,
): RequestCount[] {
  const sinceMillis = windowStart(now.getTime(), 10) - spanMillis;
  return counts.filter(({ startMillis }) => startMillis >= sinceMillis);
}
