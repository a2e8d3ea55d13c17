import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import type { FoundVersion } from '@greenroom/plugin-ai-registry-common';
import type { TrainingJob } from '@greenroom/plugin-ai-training-common';
import { registryApiRef } from '../api/otherPlugins';
import { isOpen } from '../jobs/jobTimes';

/** Its run has all of them. */
const MOST_VERSIONS = 10;
const BUSY_POLL_MILLIS = 15_000;
const IDLE_POLL_MILLIS = 60_000;

/** Versions that a job has registered, the newest first; none where the registry does not say. */
export function useRegisteredVersions(
  job: TrainingJob | undefined,
): Live<FoundVersion[]> {
  const registry = useApi(registryApiRef);
  const isGoingOn = job !== undefined && isOpen(job);
  return useLive(
    async signal => {
      // The token of its program is good for versions of that model alone.
      if (job?.spec.model === undefined) return [];
      return registry
        .searchVersions(
          {
            conditions: [{ field: 'run', comparator: '=', values: [job.run] }],
            order: [{ by: 'createdAt', descending: true }],
            limit: MOST_VERSIONS,
          },
          { signal },
        )
        .then(
          ({ items }) => items,
          () => [],
        );
    },
    // Once more when it has ended: programs register at their end.
    [job?.run, job?.spec.model, isGoingOn],
    {
      pollMillis: isGoingOn ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
