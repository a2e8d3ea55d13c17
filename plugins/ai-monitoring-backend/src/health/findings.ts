import type { DriftReport } from '@greenroom/ml-kit';
import { askedOf, type Traffic } from '../windows/window';
import type { HealthQuestion, HealthThresholds } from './health';

/** Something that is wrong with a model, in a sentence. */
export interface Finding {
  status: 'warning' | 'alert';
  reason: string;
}

type WatchedDeployment = HealthQuestion['deployment'];

/** A version that is wanted and does not serve as it should. */
export function judgeDeployment(
  deployment: WatchedDeployment,
  environment: string,
): Finding[] {
  if (!deployment) return [];
  const { convergence, wanted, variants, dataPlanes } = deployment;
  const { state } = convergence;
  if (state === 'degraded' || state === 'rejected') {
    return [{ status: 'warning', reason: sentence(convergence.reason) }];
  }
  // Without a data plane there is nobody to serve anything, which is said where there is no data.
  if (convergence.state !== 'waiting' || dataPlanes.total === 0) return [];
  const serving = variants.filter(({ weightPercent }) => weightPercent > 0);
  const why = `version ${wanted.version} is wanted: ${sentence(
    convergence.reason,
  )}`;
  return serving.length === 0
    ? [
        {
          status: 'alert',
          reason: `Nothing serves it in ${environment}; ${why}`,
        },
      ]
    : [{ status: 'warning', reason: `${describe(serving)}, but ${why}` }];
}

/** Why there is nothing to judge, where all that came was refused for a limit of its key. */
export function allLimitedReason(limited: number): string {
  return `Nothing was asked of it in the last 5 minutes: ${
    limited === 1
      ? 'the one request was refused for a limit of its key'
      : `all ${limited} requests were refused for limits of their keys`
  }.`;
}

/** Why there is nothing to judge. */
export function noDataReason(
  deployment: WatchedDeployment,
  environment: string,
): string[] {
  const unasked = 'Nothing was asked of it in the last 5 minutes';
  if (!deployment) {
    return [`${unasked}, and it is not deployed to ${environment}.`];
  }
  const { convergence, variants, wanted } = deployment;
  if (convergence.state !== 'serving') {
    return [
      `${unasked}; version ${wanted.version} is wanted: ${sentence(
        convergence.reason,
      )}`,
    ];
  }
  const serving = variants.filter(({ weightPercent }) => weightPercent > 0);
  return serving.length === 0
    ? [`${unasked}.`]
    : [`${unasked}. ${describe(serving)}.`];
}

function describe(
  serving: { version: number; weightPercent: number }[],
): string {
  const parts = serving.map(({ version, weightPercent }) =>
    serving.length === 1
      ? `Version ${version} serves`
      : `version ${version} serves ${weightPercent} %`,
  );
  const text = parts.join(' and ');
  return text[0].toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Of the requests that the model was asked: what a caller does to its own limit is not the model's doing. */
export function judgeErrors(
  traffic: Traffic,
  thresholds: HealthThresholds,
): Finding[] {
  const { clientErrors, serverErrors } = traffic;
  const asked = askedOf(traffic);
  if (asked < thresholds.minRequests) return [];
  const findings: Finding[] = [];
  const serverErrorRate = serverErrors / asked;
  if (serverErrorRate >= thresholds.serverErrorRateWarning) {
    findings.push({
      status:
        serverErrorRate >= thresholds.serverErrorRateAlert
          ? 'alert'
          : 'warning',
      reason: `${percent(
        serverErrorRate,
      )} of the requests of the last 5 minutes failed (5xx, or 429 of a provider).`,
    });
  }
  const clientErrorRate = clientErrors / asked;
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
export function judgeDrift(
  report: DriftReport,
  thresholds: HealthThresholds,
): Finding[] {
  const findings: Finding[] = [];
  const drifted = report.features
    .filter(({ status }) => status === 'alert')
    .sort((a, b) => b.effect - a.effect);
  if (drifted.length > 0) {
    const named = drifted
      .slice(0, 2)
      .map(({ name, missing }) =>
        missing?.status === 'alert'
          ? `${name} (missing in ${percent(
              missing.currentShare,
            )}, before in ${percent(missing.baselineShare)})`
          : name,
      )
      .join(', ');
    const more = drifted.length > 2 ? ` and ${drifted.length - 2} more` : '';
    findings.push({
      status:
        drifted.length / report.features.length >= thresholds.driftedShareAlert
          ? 'alert'
          : 'warning',
      reason: `${drifted.length} of ${report.features.length} features drifted away from the baseline in the last 5 minutes: ${named}${more}.`,
    });
  }
  if (report.prediction?.status === 'alert') {
    findings.push({
      status: 'alert',
      reason:
        'The predictions of the last 5 minutes are distributed differently than in the baseline.',
    });
  }
  return findings;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
