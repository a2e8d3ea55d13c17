import { PollingLoop } from '@greenroom/ai-node';
import type { EnvironmentService } from '../deployers/EnvironmentService';
import type { InferenceParts } from '../inferenceParts';
import { createDeploymentRouter } from './createDeploymentRouter';
import { DeploymentChanger } from './DeploymentChanger';
import { DeploymentReconciler } from './DeploymentReconciler';
import { DeploymentService } from './DeploymentService';
import { TurnStore } from './TurnStore';

const RECONCILE_INTERVAL_MILLIS = 5_000;

/** What runs where, as Git asks for it. */
export function createDeployments(
  parts: InferenceParts & { environments: EnvironmentService },
) {
  const { config, knex, logger } = parts;
  const listeners: (() => void)[] = [];
  const reconciler = new DeploymentReconciler({
    ...parts,
    environments: config.environments,
    onChanged: () => listeners.forEach(listener => listener()),
    turns: new TurnStore({ knex }),
    changer: new DeploymentChanger({ ...parts, ...config.rollout }),
  });
  const service = new DeploymentService({ ...parts, ...config.rollout });
  return {
    service,
    /** Calls back when something is to run in another way than before. */
    onChanged(listener: () => void): void {
      listeners.push(listener);
    },
    loop: new PollingLoop({
      name: 'Reading what should run',
      intervalMillis: RECONCILE_INTERVAL_MILLIS,
      logger,
      run: signal => reconciler.run(signal),
    }),
    router: createDeploymentRouter({ ...parts, deployments: service }),
  };
}
