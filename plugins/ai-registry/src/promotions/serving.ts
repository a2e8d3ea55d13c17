import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { Promotion } from '@greenroom/plugin-ai-registry-common';

/** "version 1 (90 %) and version 2 (10 %)"; undefined when nothing answers. */
export function describeTraffic(
  variants: Deployment['variants'],
): string | undefined {
  const shares = variants
    .filter(({ weightPercent }) => weightPercent > 0)
    .sort((a, b) => b.weightPercent - a.weightPercent);
  if (shares.length === 0) return undefined;
  if (shares.length === 1) return `version ${shares[0].version}`;
  return shares
    .map(
      ({ version, weightPercent }) => `version ${version} (${weightPercent} %)`,
    )
    .join(' and ');
}

/** The version that answers most requests; undefined when nothing answers. */
export function mainVersion(
  variants: Deployment['variants'],
): number | undefined {
  const [main] = [...variants].sort(
    (a, b) => b.weightPercent - a.weightPercent,
  );
  return main?.weightPercent > 0 ? main.version : undefined;
}

/** What serves, where that is not what is wanted; undefined where it is. */
export function describeDifference(
  deployment: Deployment,
): { serving: string; reason: string } | undefined {
  const { convergence, variants } = deployment;
  if (convergence.state === 'serving') return undefined;
  const traffic = describeTraffic(variants);
  const nothing =
    convergence.state === 'asleep' ? 'Asleep' : 'Nothing serves yet';
  return {
    serving: traffic ? `Serving ${traffic}` : nothing,
    reason: convergence.reason,
  };
}

/** What became of a promoted version since, when something else is wanted there now; undefined otherwise. */
export function describeSuccessor(
  promotion: Pick<Promotion, 'environment' | 'version'>,
  deployments: Deployment[],
): string | undefined {
  const { environment, version } = promotion;
  const now = deployments.find(one => one.environment === environment);
  if (!now) return `${environment} has no version of the model any more.`;
  if (now.wanted.version === version) return undefined;
  const traffic = describeTraffic(now.variants);
  return `Since then ${environment} was moved to version ${
    now.wanted.version
  }; serving now: ${traffic ?? 'nothing'}.`;
}
