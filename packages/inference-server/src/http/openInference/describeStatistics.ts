import type { ServedRoute } from '../../domain/ServedRoute';
import type { ServedVersion } from '../../domain/ServedVersion';
import type { Duration } from '../../domain/VersionStatistics';

const NANOS_PER_MILLI = 1e6;

/** As of the statistics extension. */
interface StatisticDuration {
  count: number;
  /** Nanoseconds. */
  ns: number;
}

export interface ModelStatistics {
  name: string;
  version: string;
  /** Milliseconds since the epoch; 0 before the first. */
  last_inference: number;
  /** Rows that were answered. */
  inference_count: number;
  /** Runs of the model, each with the rows of one request or several. */
  execution_count: number;
  inference_stats: Record<
    | 'success'
    | 'fail'
    | 'queue'
    | 'compute_input'
    | 'compute_infer'
    | 'compute_output'
    | 'cache_hit'
    | 'cache_miss',
    StatisticDuration
  >;
  batch_stats: { batch_size: number; compute_infer: StatisticDuration }[];
}

/** What these versions have done since they were loaded; language models are counted elsewhere. */
export function describeStatistics(
  served: readonly { route: ServedRoute; version: ServedVersion }[],
): { model_stats: ModelStatistics[] } {
  return {
    model_stats: served.flatMap(({ route, version }) => {
      if (version.kind !== 'tensors') return [];
      const { statistics } = version;
      return [
        {
          name: route.model,
          version: String(version.version),
          last_inference: statistics.lastAtMillis,
          inference_count: statistics.rows,
          execution_count: statistics.executions,
          inference_stats: {
            success: inNanos(statistics.success),
            fail: inNanos(statistics.fail),
            queue: inNanos(statistics.queue),
            compute_input: inNanos(statistics.input),
            compute_infer: inNanos(statistics.compute),
            compute_output: inNanos(statistics.output),
            cache_hit: inNanos(statistics.hits),
            cache_miss: inNanos(statistics.misses),
          },
          batch_stats: Array.from(statistics.batches, ([rows, duration]) => ({
            batch_size: rows,
            compute_infer: inNanos(duration),
          })).sort((a, b) => a.batch_size - b.batch_size),
        },
      ];
    }),
  };
}

function inNanos({ count, millis }: Duration): StatisticDuration {
  return { count, ns: Math.round(millis * NANOS_PER_MILLI) };
}
