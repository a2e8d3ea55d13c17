import { PollingLoop } from '@greenroom/ai-node';
import type { InferenceParts } from '../inferenceParts';
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
  const controller = new RolloutController({ ...parts, ...config.rollout });
  const loop = new PollingLoop({
    name: 'Moving rollouts on',
    intervalMillis: INTERVAL_MILLIS,
    logger,
    run: signal => controller.run(signal),
  });
  const service = new AuthorizedRolloutService({
    permissions,
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
