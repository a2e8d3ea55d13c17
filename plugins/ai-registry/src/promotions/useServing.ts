import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Deployment,
} from '@greenroom/plugin-ai-inference-common';
import { inferenceApiRef } from '../api/InferenceApi';

/** What serves a model, in each environment where something is deployed; undefined while that is not known. */
export function useServing(model: string): Deployment[] | undefined {
  const inference = useApi(inferenceApiRef);
  const deployments = useLive(
    signal => inference.listDeployments({ model }, { signal }),
    [model],
    { channel: SIGNAL_CHANNEL, pollMillis: 5_000 },
  );
  // What was true before inference stopped answering may be wrong by now.
  if (deployments.error || !deployments.value) return undefined;
  return deployments.value.items;
}
