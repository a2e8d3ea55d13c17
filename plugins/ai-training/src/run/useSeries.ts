import { useApi } from '@backstage/frontend-plugin-api';
import { type Live, useLive } from '@greenroom/ai-react';
import type { MetricSeries, Run } from '@greenroom/plugin-ai-training-common';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { isGoingOn } from '../runs/runList';

/** As many as one request takes. */
const KEYS_AT_ONCE = 20;
const BUSY_POLL_MILLIS = 5_000;
const IDLE_POLL_MILLIS = 10 * 60_000;

/** Curves of one run. */
export function useSeries(
  run: Run,
  keys: string[],
  points: number,
): Live<MetricSeries[]> {
  const training = useApi(aiTrainingApiRef);
  return useLive(
    async signal => {
      const parts = Array.from(
        { length: Math.ceil(keys.length / KEYS_AT_ONCE) },
        (_, i) => keys.slice(i * KEYS_AT_ONCE, (i + 1) * KEYS_AT_ONCE),
      );
      const answers = await Promise.all(
        parts.map(part =>
          training.readMetricSeries(
            { runs: [run.id], keys: part, points },
            { signal },
          ),
        ),
      );
      return answers.flatMap(({ items }) => items);
    },
    [run.id, JSON.stringify(keys), points],
    {
      pollMillis: isGoingOn(run) ? BUSY_POLL_MILLIS : IDLE_POLL_MILLIS,
      keepPrevious: true,
    },
  );
}
