import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { ConflictError, InputError } from '@backstage/errors';
import type { SteeringAct } from '@greenroom/plugin-ai-inference-common';
import type { DeploymentService } from '../deployments/DeploymentService';
import type { RolloutService } from '../rollouts/RolloutService';
import { findDeployment } from './findDeployment';

const DESCRIPTION = `
Steers the rollout of a model in an environment, inside the plan that was approved. pause: nothing
moves until somebody goes on. resume: goes on with what was left of the step, or answers what the
rollout asks. skip: goes on without waiting for the analysis that it is at, as a reviewer who did not
ask for the rollout. abort: takes the version
back, all traffic goes to what ran before, and a change request has Git ask for that again. restart:
begins anew what was taken back. Needs the permission ai-inference.rollout.steer on the deployment,
and skip ai-registry.model.review; skip, abort and restart need a reason, which stays in the history.
`;

const NEEDS_REASON: SteeringAct[] = ['skip', 'abort', 'restart'];

export function registerSteerRollout(options: {
  actionsRegistry: ActionsRegistryService;
  deployments: Pick<DeploymentService, 'listDeployments'>;
  rollouts: Pick<RolloutService, 'steer'>;
}): void {
  const { actionsRegistry, deployments, rollouts } = options;
  actionsRegistry.register({
    name: 'steer-rollout',
    title:
      'Pause, resume, abort or restart the rollout of a model, or skip its analysis',
    description: DESCRIPTION,
    attributes: { destructive: true, idempotent: false, readOnly: false },
    schema: {
      input: z =>
        z.object({
          environment: z.string().describe('For example production'),
          model: z.string().describe('Name of the model, e.g. digits'),
          act: z.enum(['pause', 'resume', 'skip', 'abort', 'restart']),
          reason: z
            .string()
            .max(1_000)
            .optional()
            .describe('Why; needed to skip, to abort and to restart'),
        }),
      output: z =>
        z.object({
          toVersion: z.number(),
          phase: z.string(),
          note: z.string().describe('What happened last'),
        }),
    },
    async action({ input, credentials }) {
      const { act } = input;
      const reason = input.reason?.trim() || undefined;
      if (reason === undefined && NEEDS_REASON.includes(act)) {
        throw new InputError(`reason: expected why, to ${act} a rollout`);
      }
      const { rollout, model } = await findDeployment(deployments, input);
      if (!rollout) {
        throw new ConflictError(`'${model}' has no rollout to ${act}`);
      }
      const { toVersion, state, history } = await rollouts.steer(
        rollout.id,
        { act, reason },
        { credentials },
      );
      return {
        output: {
          toVersion,
          phase: state.phase,
          note: history.at(-1)?.note ?? '',
        },
      };
    },
  });
}
