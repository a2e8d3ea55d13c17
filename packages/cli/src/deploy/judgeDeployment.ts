import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type {
  DesiredDeployment,
  EnvironmentProblem,
} from '@greenroom/plugin-ai-registry-common';

/** A model of an environment that is waited for. */
export interface Awaited {
  environment: string;
  model: string;
  /** Path of its manifest. */
  path: string;
  /** Commit of the manifest; undefined for whatever the registry says. */
  commit?: string;
  change: 'set' | 'removed';
}

/** What the registry and ai-inference say of it. */
export interface Look {
  desired?: Pick<DesiredDeployment, 'commit' | 'version'>;
  problem?: Pick<EnvironmentProblem, 'commit' | 'message'>;
  deployment?: Pick<
    Deployment,
    'wanted' | 'convergence' | 'variants' | 'dataPlanes'
  >;
}

/** How far it is. */
export type Verdict =
  | {
      state: 'done';
      outcome: 'serving' | 'degraded' | 'asleep' | 'removed';
      version?: number;
      note: string;
    }
  | {
      state: 'failed';
      outcome: 'refused' | 'rejected' | 'not-served';
      version?: number;
      note: string;
    }
  | { state: 'waiting'; version?: number; note: string };

/** How long an environment may be without a data plane before nobody waits for one. */
export const WAIT_FOR_DATA_PLANE_MILLIS = 60_000;

/**
 * How far a deployment is on the way to what a commit asks for. A later commit takes the place of that one:
 * what it asks for is waited for then.
 *
 * @param options.isEarlier - whether a commit is in the past of the awaited one
 */
export function judgeDeployment(options: {
  awaited: Awaited;
  look: Look;
  isEarlier: (commit: string) => boolean;
  waitedMillis: number;
}): Verdict {
  const { awaited, look, isEarlier } = options;
  const { desired, problem } = look;
  const isSeen = (commit: string) =>
    awaited.commit === undefined ||
    commit === awaited.commit ||
    !isEarlier(commit);
  if (problem && isSeen(problem.commit)) {
    return { state: 'failed', outcome: 'refused', note: problem.message };
  }
  if (awaited.change === 'removed' && (!desired || !isSeen(desired.commit))) {
    return judgeRemoval(look);
  }
  if (!desired || !isSeen(desired.commit)) {
    return waiting(
      'the registry has not read the commit yet',
      desired?.version,
    );
  }
  const later =
    awaited.commit !== undefined && desired.commit !== awaited.commit
      ? `commit ${desired.commit.slice(0, 12)} came later: `
      : '';
  return prefixed(later, judgeServing(options, desired));
}

function judgeRemoval({ desired, deployment }: Look): Verdict {
  if (desired) return waiting('the registry has not read the commit yet');
  if (deployment) return waiting('it is still deployed');
  return { state: 'done', outcome: 'removed', note: 'it is deployed no more' };
}

function judgeServing(
  { awaited, look, waitedMillis }: Parameters<typeof judgeDeployment>[0],
  { commit, version }: Pick<DesiredDeployment, 'commit' | 'version'>,
): Verdict {
  const { environment } = awaited;
  const { deployment } = look;
  if (deployment && deployment.wanted.commit === commit) {
    const { convergence } = deployment;
    switch (convergence.state) {
      case 'serving':
        return {
          state: 'done',
          outcome: 'serving',
          version,
          note: `version ${version} has all traffic of ${environment}`,
        };
      case 'degraded':
      case 'asleep':
        return {
          state: 'done',
          outcome: convergence.state,
          version,
          note: convergence.reason,
        };
      case 'rejected':
        return {
          state: 'failed',
          outcome: 'rejected',
          version,
          note: convergence.reason,
        };
      default:
    }
  }
  const planes = deployment?.dataPlanes;
  if (
    planes?.total === 0 &&
    !planes.onDemand &&
    waitedMillis > WAIT_FOR_DATA_PLANE_MILLIS
  ) {
    return {
      state: 'failed',
      outcome: 'not-served',
      version,
      note: `no data plane serves ${environment}: version ${version} is what one will load there`,
    };
  }
  return waiting(reasonOf(deployment, commit), version);
}

function reasonOf(deployment: Look['deployment'], commit: string): string {
  if (!deployment || deployment.wanted.commit !== commit) {
    return 'the data planes have not been told yet';
  }
  const { convergence, variants } = deployment;
  const split = variants
    .map(one => `${one.weightPercent} % version ${one.version}`)
    .join(', ');
  const reason = 'reason' in convergence ? convergence.reason : 'traffic moves';
  return split ? `${reason} (${split})` : reason;
}

function waiting(note: string, version?: number): Verdict {
  return { state: 'waiting', version, note };
}

function prefixed(prefix: string, verdict: Verdict): Verdict {
  return prefix ? { ...verdict, note: `${prefix}${verdict.note}` } : verdict;
}
