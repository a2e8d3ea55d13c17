import type { Deployment } from '@greenroom/plugin-ai-inference-common';

/** A rollout that has not ended. */
export interface MovingRollout {
  environment: string;
  version: number;
  /** Share of the traffic that the version has now, in percent. */
  weightPercent: number;
}

/** The rollouts that still move traffic, with how far each is. */
export function movingRollouts(deployments: Deployment[]): MovingRollout[] {
  return deployments.flatMap(({ environment, rollout, variants }) => {
    const { phase } = rollout?.state ?? {};
    if (!rollout || (phase !== 'loading' && phase !== 'progressing')) return [];
    const version = rollout.toVersion;
    const weightPercent =
      variants.find(variant => variant.version === version)?.weightPercent ?? 0;
    return [{ environment, version, weightPercent }];
  });
}
