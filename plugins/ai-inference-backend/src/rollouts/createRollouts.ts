import { PollingLoop } from '@greenroom/ai-node';
import { AiMonitoringClient } from '@greenroom/plugin-ai-monitoring-common';
import { MonitoringAnalysisSource } from '../adapters/monitoring/MonitoringAnalysisSource';
import type { InferenceParts } from '../inferenceParts';
import { AnalysisReader } from './AnalysisReader';
import { AuthorizedRolloutService } from './AuthorizedRolloutService';
import { createRolloutRouter } from './createRolloutRouter';
import { RolloutController } from './RolloutController';
import { DefaultRolloutService } from './RolloutService';

const INTERVAL_MILLIS = 1_000;

/** How traffic moves from version to version. */
export function createRollouts(
  parts: InferenceParts & {
    /** Has what should run read at once. */
    reconcile(): void;
  },
) {
  const { config, logger, permissions, reconcile } = parts;
  const analyses = new AnalysisReader({
    ...parts,
    source: new MonitoringAnalysisSource({
      ...parts,
      monitoring: new AiMonitoringClient({ discoveryApi: parts.discovery }),
    }),
  });
  const controller = new RolloutController({
    ...parts,
    ...config.rollout,
    analyses,
  });
  const loop = new PollingLoop({
    name: 'Moving rollouts on',
    intervalMillis: INTERVAL_MILLIS,
    logger,
    run: signal => controller.run(signal),
  });
  const service = new AuthorizedRolloutService({
    permissions,
    claims: parts.claims,
    environments: config.environments,
    rollouts: new DefaultRolloutService({
      ...parts,
      ...config.rollout,
      onSteered: () => {
        loop.wake();
        reconcile();
      },
    }),
  });
  return {
    loop,
    service,
    router: createRolloutRouter({ ...parts, rollouts: service }),
  };
}
