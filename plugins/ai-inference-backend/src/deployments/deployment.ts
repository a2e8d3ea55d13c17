import type {
  BatchingOptions,
  LoadingMode,
  PlacementMode,
  ModelRoute,
} from '@greenroom/plugin-ai-inference-common';
import type {
  DesiredDeployment,
  Environment,
} from '@greenroom/plugin-ai-registry-common';
import { analysisFor, hasSameAnalysis } from '../rollouts/analysis';
import { comparedRoute } from '../rollouts/comparison';
import { isSamePlan } from '../rollouts/plan';
import {
  isRunning,
  supersedeRollout,
  type RolloutRecord,
  versionsOf,
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
  /** Whether requests are computed together; undefined: as data planes do by themselves. */
  batchingMode?: BatchingOptions['mode'];
  /** Where data planes run ONNX versions; undefined: by what they measure. */
  placementMode?: PlacementMode;
  /** Most memory for kept answers of a version, on each data plane; undefined: none are kept. */
  responseCacheMiB?: number;
  /** How long its ONNX versions stay in memory; undefined: all the time. */
  loadingMode?: LoadingMode;
  /** Aliases and fallbacks of a language model, as the manifest says. */
  languageModel?: DesiredDeployment['languageModel'];
  /** Which requests can be given an outcome, as the manifest says. */
  outcomes?: DesiredDeployment['outcomes'];
  /** Whether some of the last rows are kept, as the manifest says. */
  recentRows?: boolean;
  /** What data planes are told of what its rollout compares; undefined for nothing. */
  compared?: Pick<ModelRoute, 'comparison' | 'shadow'>;
  /** Salts the assignment of callers to variants. */
  salt: string;
  split: TrafficSplit;
  /** Version whose rollout was completed last: what the next one takes traffic from, and falls back to. It stays in the split. */
  provenVersion?: number;
  /** Counts how often data planes were asked to load the version anew. */
  loadAttempt: number;
  rolloutId: string;
  /** When its manifest went away; nothing serves it since. */
  withdrawnAt?: string;
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
  if (
    deployment.withdrawnAt !== undefined ||
    deployment.version !== desired.version ||
    rollout.toDigest !== desired.digest
  ) {
    return { kind: 'roll-out' };
  }
  if (deployment.commit === desired.commit) {
    return { kind: 'none' };
  }
  const isOtherPlan = !isSamePlan(rollout.plan, desired.rollout);
  const hasAnotherWay =
    isRunning(rollout) && (isOtherPlan || !hasSameAnalysis(rollout, desired));
  // What runs may be compared with other versions, without one to move to.
  const isExperiment = isOtherPlan && desired.rollout.strategy === 'experiment';
  return hasAnotherWay || isExperiment || rollout.state.phase === 'rejected'
    ? { kind: 'roll-out' }
    : { kind: 'note' };
}

/**
 * Begins the rollout that a manifest asks for. A rollout still running ends here. The split stays
 * as it is: what was superseded gives way to the proven version as soon as that one is seen to
 * run, which is the first thing that the new rollout does.
 */
export function startRollout(options: {
  current?: CurrentDeployment;
  desired: DesiredDeployment;
  rolloutId: string;
  /** Whether a provider runs the version. */
  isExternal?: boolean;
  now: Date;
}): {
  deployment: DeploymentRecord;
  rollout: RolloutRecord;
  superseded?: RolloutRecord;
} {
  const { current, desired, rolloutId, now } = options;
  const { environment, model, version, digest, commit } = desired;
  const at = now.toISOString();
  const startSplit = current ? withoutUnseen(current, desired) : [];
  const { isExternal = false } = options;
  const split = versionsOf({
    toVersion: version,
    toDigest: digest,
    plan: desired.rollout,
  }).reduce(withVersion, startSplit);
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
      batchingMode: desired.batching?.mode,
      placementMode: desired.placement?.mode,
      responseCacheMiB: desired.responseCache?.maxMiB,
      loadingMode: desired.loading?.mode,
      languageModel: desired.languageModel,
      outcomes: desired.outcomes,
      recentRows: desired.recentRows,
      // Callers that are divided already stay where they are; otherwise each rollout draws its own cohorts.
      salt:
        current && shared.length > 1
          ? current.deployment.salt
          : `${environment}/${model}/${rolloutId}`,
      split,
      provenVersion: current?.deployment.provenVersion,
      loadAttempt: current?.deployment.loadAttempt ?? 0,
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
      requestedBy: desired.changedBy,
      ...analysisFor(desired, { isExternal }),
      firstComparison: 1,
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

/**
 * The split without the version of a rollout that ends before it moved any traffic: with many
 * changes in a row, data planes need not load them all.
 */
function withoutUnseen(
  { deployment, rollout }: CurrentDeployment,
  desired: DesiredDeployment,
): TrafficSplit {
  const { split, provenVersion } = deployment;
  const { state, toVersion } = rollout;
  const isNeeded = [
    provenVersion,
    desired.version,
    desired.rollbackTo?.version,
  ].includes(toVersion);
  return state.phase === 'loading' && !isNeeded
    ? split.filter(
        ({ version, weightPercent }) =>
          version !== toVersion || weightPercent > 0,
      )
    : split;
}

/** Lets go of the versions that neither get traffic nor may be needed soon, and tells data planes what is compared. */
export function tidyDeployment(
  current: CurrentDeployment,
  options: { now: Date; drainMillis: number },
): DeploymentRecord {
  const { deployment, rollout } = current;
  const keep = isRunning(rollout)
    ? versionsOf(rollout).map(({ version }) => version)
    : [];
  const { provenVersion, rollbackTo } = deployment;
  if (provenVersion !== undefined) keep.push(provenVersion);
  if (rollbackTo !== undefined) keep.push(rollbackTo);
  const compared = comparedRoute(rollout);
  return {
    ...deployment,
    compared: Object.keys(compared).length > 0 ? compared : undefined,
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
  // A version that never got any traffic is not what people saw.
  const neverSeen =
    isRunning(rollout) && weightOf(deployment.split, rollout.toVersion) === 0;
  const candidates = neverSeen
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
