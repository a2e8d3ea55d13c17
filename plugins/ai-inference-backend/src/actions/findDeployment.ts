import { NotFoundError } from '@backstage/errors';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { DeploymentService } from '../deployments/DeploymentService';

/** @throws NotFoundError */
export async function findDeployment(
  deployments: Pick<DeploymentService, 'listDeployments'>,
  place: { environment: string; model: string },
): Promise<Deployment> {
  const { items } = await deployments.listDeployments({ ...place, limit: 1 });
  const [deployment] = items;
  if (!deployment) {
    throw new NotFoundError(
      `'${place.model}' is not deployed to ${place.environment}`,
    );
  }
  return deployment;
}
