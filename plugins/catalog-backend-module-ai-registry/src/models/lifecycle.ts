import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { DeploymentFacts } from './deployedModel';

/** The catalog's words for how far something is. */
export type Lifecycle = 'production' | 'experimental' | 'deprecated';

/** Of a model in an environment: callers may depend on it where the others lead to. */
export function lifecycleIn(options: { isLast: boolean }): Lifecycle {
  return options.isLast ? 'production' : 'experimental';
}

/** Of a model: as far as it has come. */
export function lifecycleOf(
  deployments: DeploymentFacts[],
  environments: Environments,
): Lifecycle {
  const isServedLast = deployments.some(
    ({ environment, serving }) =>
      environment === environments.last.name && serving.length > 0,
  );
  return lifecycleIn({ isLast: isServedLast });
}
