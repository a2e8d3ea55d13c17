import type { DesiredDeployment } from '@greenroom/plugin-ai-registry-common';
import type { DeploymentSummary } from './DeploymentStore';

/** What a pass over an environment's manifests has to look at more closely. */
export interface ReconcilePlan {
  toApply: DesiredDeployment[];
  /** Models whose manifests are gone. */
  toWithdraw: string[];
}

/** Picks what differs; of a thousand deployments that is mostly nothing. */
export function planReconcile(options: {
  desired: DesiredDeployment[];
  stored: DeploymentSummary[];
  now: Date;
}): ReconcilePlan {
  const { desired, stored } = options;
  const now = options.now.toISOString();
  const known = new Map(stored.map(summary => [summary.model, summary]));
  const wanted = new Set(desired.map(({ model }) => model));
  return {
    toApply: desired.filter(deployment => {
      const summary = known.get(deployment.model);
      if (!summary || summary.isWithdrawn) return true;
      const { commit, version, digest, isKnown, nextTryAt = now } = summary;
      const isSame =
        commit === deployment.commit &&
        version === deployment.version &&
        digest === deployment.digest;
      return !isSame || (!isKnown && nextTryAt <= now);
    }),
    toWithdraw: stored
      .filter(({ model, isWithdrawn }) => !isWithdrawn && !wanted.has(model))
      .map(({ model }) => model),
  };
}
