import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import { useRollouts } from './useRollouts';

/** How much of the traffic a merged promotion has moved so far. */
export function RolloutNow({ promotion }: { promotion: Promotion }) {
  const { model, environment, version } = promotion;
  const rollout = useRollouts(model)?.find(
    moving => moving.environment === environment && moving.version === version,
  );
  return rollout
    ? `The rollout moves the traffic; now at ${rollout.weightPercent} %.`
    : 'The rollout moves the traffic.';
}
