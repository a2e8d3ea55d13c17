import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import { SIGNAL_CHANNEL } from '@greenroom/plugin-ai-inference-common';
import { inferenceApiRef } from '../api/InferenceApi';
import { movingRollouts, type MovingRollout } from './movingRollouts';

/** How far the running rollouts of a model are; undefined while that is not known. */
export function useRollouts(model: string): MovingRollout[] | undefined {
  const inference = useApi(inferenceApiRef);
  const deployments = useLive(
    signal => inference.listDeployments({ model }, { signal }),
    [model],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000 },
  );
  // What was true before inference stopped answering may be wrong by now.
  if (deployments.error || !deployments.value) return undefined;
  return movingRollouts(deployments.value.items);
}
