import { useApi } from '@backstage/frontend-plugin-api';
import { useLive, useEnvironments } from '@greenroom/ai-react';
import {
  SIGNAL_CHANNEL,
  type Deployment,
} from '@greenroom/plugin-ai-inference-common';
import { inferenceApiRef } from '../api/InferenceApi';

/** Models that one request may ask for. */
const BATCH = 100;

/** What serves each of the models in the last environment, asked for together; undefined while that is not known. */
export function useServingInProduction(
  models: string[],
): Map<string, Deployment> | undefined {
  const inference = useApi(inferenceApiRef);
  const environment = useEnvironments().last.name;
  const deployments = useLive(
    async signal => {
      const batches = Array.from(
        { length: Math.ceil(models.length / BATCH) },
        (_, index) => models.slice(index * BATCH, (index + 1) * BATCH),
      );
      const pages = await Promise.all(
        batches.map(batch =>
          inference.listDeployments(
            { environment, models: batch, limit: BATCH },
            { signal },
          ),
        ),
      );
      return new Map(
        pages.flatMap(({ items }) => items.map(item => [item.model, item])),
      );
    },
    [environment, models.join()],
    { channel: SIGNAL_CHANNEL, pollMillis: 30_000, spacingMillis: 5_000 },
  );
  // What was true before inference stopped answering may be wrong by now.
  return deployments.error ? undefined : deployments.value;
}
