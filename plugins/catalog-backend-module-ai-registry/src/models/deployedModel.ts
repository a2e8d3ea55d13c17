import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import type { JsonObject } from '@backstage/types';

/** A registered model with where it is deployed. */
export interface DeployedModel {
  model: Model;
  /** In the order of environments; none for a model that runs nowhere. */
  deployments: DeploymentFacts[];
}

/** How far a deployment is by its plan; whether data planes run is no matter of the catalog. */
export type DeploymentState = 'serving' | 'moving' | 'paused' | 'rejected';

/** What the catalog says of a deployment: only what changes with steps of its rollout. */
export interface DeploymentFacts extends JsonObject {
  environment: string;
  /** What Git asks for. */
  wanted: ServedVersion;
  /** Versions that answer, with their shares; none while the first one of all is loading. */
  serving: (ServedVersion & { sharePercent: number })[];
  state: DeploymentState;
}

export interface ServedVersion extends JsonObject {
  version: number;
  digest: string;
}

/** Leaves out what changes with data planes that come and go: it would change all entities of an environment. */
export function toDeploymentFacts(deployment: Deployment): DeploymentFacts {
  const { environment, wanted, rollout, variants } = deployment;
  const isFirst =
    rollout?.state.phase === 'loading' && rollout.fromVersion === undefined;
  const split = isFirst ? [] : deployment.plannedVariants ?? variants;
  return {
    environment,
    wanted: { version: wanted.version, digest: wanted.digest },
    serving: split
      .filter(({ weightPercent }) => weightPercent > 0)
      .map(({ version, digest, weightPercent }) => ({
        version,
        digest,
        sharePercent: weightPercent,
      })),
    state: stateOf(deployment),
  };
}

function stateOf({ rollout }: Deployment): DeploymentState {
  if (!rollout) return 'serving';
  const { state } = rollout;
  switch (state.phase) {
    case 'loading':
    case 'progressing':
      return state.paused ? 'paused' : 'moving';
    case 'rejected':
      return 'rejected';
    default:
      return 'serving';
  }
}
