import type { PermissionsService } from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { requirePermission } from '@greenroom/ai-node';
import { aiDeploymentReadPermission } from '@greenroom/plugin-ai-inference-common';
import type { DeploymentService } from '../deployments/DeploymentService';
import { findDeployment } from './findDeployment';

const DESCRIPTION = `
Tells how a model is served in an environment: which version is wanted, which versions answer with
what share of the traffic, and why the two differ while they do. While a rollout is running or was
the last thing to happen, its plan, its state, what is compared and its history with the numbers of each
decision are told too.
`;

export function registerGetDeployment(options: {
  actionsRegistry: ActionsRegistryService;
  deployments: Pick<DeploymentService, 'listDeployments'>;
  permissions: PermissionsService;
}): void {
  const { actionsRegistry, deployments, permissions } = options;
  actionsRegistry.register({
    name: 'get-deployment',
    title: 'Get how a machine learning model is served',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          environment: z.string().describe('For example production'),
          model: z.string().describe('Name of the model, e.g. digits'),
        }),
      output: z =>
        z
          .object({
            environment: z.string(),
            model: z.string(),
            wanted: z.object({ version: z.number() }).passthrough(),
            variants: z.array(
              z
                .object({ version: z.number(), weightPercent: z.number() })
                .passthrough(),
            ),
            convergence: z
              .object({ state: z.string(), reason: z.string().optional() })
              .passthrough(),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      await requirePermission(permissions, {
        permission: aiDeploymentReadPermission,
        credentials,
      });
      return { output: { ...(await findDeployment(deployments, input)) } };
    },
  });
}
