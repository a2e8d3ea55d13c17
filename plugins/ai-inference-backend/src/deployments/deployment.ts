import type {
  DesiredDeployment,
  Environment,
} from '@greenroom/plugin-ai-registry-common';
import {
  isRunning,
  supersedeRollout,
  type RolloutRecord,
} from '../rollouts/rollout';
import {
  tidySplit,
  type TrafficSplit,
  weightOf,
  withVersion,
} from './trafficSplit';

/** A deployment as the control plane remembers it. */
export interface DeploymentRecord {
  environment: Environment;
  model: string;
  /** Commit of the manifest that was acted on last. */
  commit: string;
  /** Version of that manifest: where the running or last rollout leads. */
  version: number;
  /** Version that stays loaded, so that going back to it takes no loading. */
  rollbackTo?: number;
  /** Salts the assignment of callers to variants. */
  salt: string;
  split: TrafficSplit;
  rolloutId: string;
  updatedAt: string;
}

/** A deployment with its running rollout, or its last one. */
export interface CurrentDeployment {
  deployment: DeploymentRecord;
  rollout: RolloutRecord;
}

/** What a manifest asks of a deployment. */
export type DeploymentChange =
  | { kind: 'none' }
  /** The same version, for other reasons: a new way back, another plan. */
  | { kind: 'note' }
  | { kind: 'roll-out' };

/** Compares what Git says with what was acted on last. */
export function decideDeploymentChange(
  current: CurrentDeployment | undefined,
  desired: DesiredDeployment,
): DeploymentChange {
  if (!current) {
    return { kind: 'roll-out' };
  }
  const { deployment, rollout } = current;
  if (deployment.commit === desired.commit) {
    return { kind: 'none' };
  }
  const failed = rollout.state.phase === 'failed';
  return deployment.version !== desired.version || failed
    ? { kind: 'roll-out' }
    : { kind: 'note' };
}

/**
 * Begins the rollout that a manifest asks for. A rollout still running ends here, and the
 * new one starts from the split that it had reached.
 */
export function startRollout(options: {
  current?: CurrentDeployment;
  desired: DesiredDeployment;
  rolloutId: string;
  now: Date;
}): {
  deployment: DeploymentRecord;
  rollout: RolloutRecord;
  superseded?: RolloutRecord;
} {
  const { current, desired, rolloutId, now } = options;
  const { environment, model, version, digest, commit } = desired;
  const at = now.toISOString();
  const startSplit = current?.deployment.split ?? [];
  const split = withVersion(startSplit, { version, digest });
  const shared = startSplit.filter(({ weightPercent }) => weightPercent > 0);
  const superseded =
    current && isRunning(current.rollout)
      ? supersedeRollout(current.rollout, startSplit, {
          now,
          note: `A change to version ${version} took over`,
        })
      : undefined;
  const fromVersion = current && versionBefore(current, version);
  return {
    superseded,
    deployment: {
      environment,
      model,
      commit,
      version,
      rollbackTo: desired.rollbackTo?.version,
      // Callers that are divided already stay where they are; otherwise each rollout draws its own cohorts.
      salt:
        current && shared.length > 1
          ? current.deployment.salt
          : `${environment}/${model}/${rolloutId}`,
      split,
      rolloutId,
      updatedAt: at,
    },
    rollout: {
      id: rolloutId,
      environment,
      model,
      fromVersion,
      toVersion: version,
      toDigest: digest,
      kind: desired.kind,
      plan: desired.rollout,
      state: { phase: 'loading' },
      commit,
      promotionId: desired.promotionId,
      startedAt: at,
      startSplit,
      history: [
        {
          at,
          // The first version gets all traffic, but only once it is loaded.
          weightPercent: weightOf(startSplit, version),
          note: describeStart(desired, fromVersion),
        },
      ],
    },
  };
}

/** Lets go of the versions that neither get traffic nor may be needed soon. */
export function tidyDeployment(
  current: CurrentDeployment,
  options: { now: Date; drainMillis: number },
): DeploymentRecord {
  const { deployment, rollout } = current;
  const keep = isRunning(rollout)
    ? [rollout.toVersion, ...rollout.startSplit.map(({ version }) => version)]
    : [];
  if (deployment.rollbackTo !== undefined) {
    keep.push(deployment.rollbackTo);
  }
  return {
    ...deployment,
    split: tidySplit(deployment.split, { ...options, keep }),
  };
}

/** The version that the new one takes over from, as people would say it. */
function versionBefore(
  { deployment, rollout }: CurrentDeployment,
  version: number,
): number | undefined {
  const byTraffic = [...deployment.split].sort(
    (a, b) => b.weightPercent - a.weightPercent,
  );
  const main = byTraffic.at(0)?.version;
  const candidates =
    rollout.state.phase === 'failed'
      ? [main, deployment.version]
      : [deployment.version, main];
  return candidates.find(candidate => candidate !== version);
}

function describeStart(
  { kind, version, changedBy }: DesiredDeployment,
  fromVersion: number | undefined,
): string {
  const what = { promotion: 'Promotion', rollback: 'Rollback', push: 'Push' };
  const from = fromVersion === undefined ? '' : ` from version ${fromVersion}`;
  return `${what[kind]} by ${changedBy}${from} to version ${version}: loading`;
}
