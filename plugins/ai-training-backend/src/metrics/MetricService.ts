import { InputError } from '@backstage/errors';
import type {
  MetricPoint,
  MetricSeries,
  MetricSeriesQuery,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import { unknownRun } from '../runs/logFailures';
import type { RunService } from '../runs/RunService';
import type { RunPlace } from '../runs/RunStore';
import type { MetricStore, StepRange } from './MetricStore';

/** Of clients that page through a history. */
const MOST_HISTORY_POINTS = 50_000;

/** Of those that do not: some tens of megabytes. */
const MOST_UNPAGED_POINTS = 500_000;

const DEFAULT_SERIES_POINTS = 300;

/** Reads what was measured. What may be read is decided where runs are looked up. */
export class MetricService {
  readonly #metrics: MetricStore;
  readonly #runs: Pick<RunService, 'findReadable'>;

  constructor(options: {
    metrics: MetricStore;
    runs: Pick<RunService, 'findReadable'>;
  }) {
    this.#metrics = options.metrics;
    this.#runs = options.runs;
  }

  /**
   * Points of a metric by step; none where it was never measured.
   *
   * @param query.maxResults - undefined: all of them
   * @throws NotFoundError when there is no such run
   */
  async readHistory(
    query: {
      runId: string;
      key: string;
      maxResults?: number;
      pageToken?: string;
    },
    options: CallOptions,
  ): Promise<{ points: MetricPoint[]; nextPageToken?: string }> {
    const { runId, key, maxResults, pageToken } = query;
    if (maxResults !== undefined && maxResults <= 0) {
      throw new InputError(
        `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be a positive integer.`,
      );
    }
    const [{ number }] = await this.#find([runId], options);
    return this.#metrics.readHistory({
      run: number,
      key,
      pageToken: pageToken || undefined,
      limit: Math.min(
        maxResults ?? MOST_UNPAGED_POINTS,
        maxResults === undefined ? MOST_UNPAGED_POINTS : MOST_HISTORY_POINTS,
      ),
    });
  }

  /** @throws NotFoundError when there is no such run */
  async readSampledSteps(
    query: {
      runIds: readonly string[];
      key: string;
      range: StepRange;
      steps: number;
    },
    options: CallOptions,
  ): Promise<{ runId: string; point: MetricPoint }[]> {
    const { runIds, ...rest } = query;
    const ids = [...new Set(runIds)];
    const places = await this.#find(ids, options);
    const idOf = new Map(places.map(({ number }, at) => [number, ids[at]]));
    const sampled = await this.#metrics.readSampledSteps({
      ...rest,
      runs: places.map(({ number }) => number),
    });
    return sampled.map(({ run, point }) => ({
      runId: String(idOf.get(run)),
      point,
    }));
  }

  /** @throws NotFoundError when there is no such run */
  async readSeries(
    query: MetricSeriesQuery,
    options: CallOptions,
  ): Promise<MetricSeries[]> {
    const ids = [...new Set(query.runs)];
    const places = await this.#find(ids, options);
    const idOf = new Map(places.map(({ number }, at) => [number, ids[at]]));
    const series = await this.#metrics.readSeries({
      runs: places.map(({ number }) => number),
      keys: [...new Set(query.keys)],
      range: { from: query.fromStep, to: query.toStep },
      points: query.points ?? DEFAULT_SERIES_POINTS,
    });
    return series.map(({ run, ...rest }) => ({
      run: String(idOf.get(run)),
      ...rest,
    }));
  }

  async #find(
    runIds: readonly string[],
    options: CallOptions,
  ): Promise<RunPlace[]> {
    const places = await this.#runs.findReadable(runIds, options);
    return places.map((place, index) => {
      if (!place) throw unknownRun(runIds[index]);
      return place;
    });
  }
}
