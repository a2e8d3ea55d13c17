import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { DeploymentService } from '../deployments/DeploymentService';
import type { RolloutService } from '../rollouts/RolloutService';
import { registerGetDeployment } from './registerGetDeployment';
import { registerSteerRollout } from './registerSteerRollout';

/** What agents and templates can do with what is served; permissions are asked for. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  deployments: Pick<DeploymentService, 'listDeployments'>;
  permissions: PermissionsService;
  rollouts: Pick<RolloutService, 'steer'>;
}): void {
  registerGetDeployment(options);
  registerSteerRollout(options);
}
