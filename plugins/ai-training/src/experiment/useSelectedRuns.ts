import { useApi } from '@backstage/frontend-plugin-api';
import { useLive } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { useMemo } from 'react';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { idFilter } from '../runs/fields';

/** Runs by their ids: those that the table has, and the others from the server. Ids that nothing has are left out. */
export function useSelectedRuns(options: {
  experiment: string;
  ids: string[];
  known: readonly Run[] | undefined;
}): Run[] {
  const { experiment, ids, known } = options;
  const training = useApi(aiTrainingApiRef);
  const byId = useMemo(
    () => new Map((known ?? []).map(run => [run.id, run])),
    [known],
  );
  // Before the table has any, nothing is known to be missing.
  const missing = known ? ids.filter(id => !byId.has(id)) : [];
  const others = useLive(
    async signal =>
      missing.length === 0
        ? []
        : (
            await Promise.all(
              (['active', 'deleted'] as const).map(lifecycle =>
                training.listRuns(
                  {
                    experiment,
                    lifecycle,
                    filter: idFilter(missing),
                    limit: missing.length,
                  },
                  { signal },
                ),
              ),
            )
          ).flatMap(({ items }) => items),
    [experiment, missing.join()],
    { keepPrevious: true },
  );
  const wanted = ids.join();
  return useMemo(() => {
    const fetched = new Map((others.value ?? []).map(run => [run.id, run]));
    return wanted
      .split(',')
      .flatMap(id => byId.get(id) ?? fetched.get(id) ?? []);
  }, [wanted, byId, others.value]);
}
