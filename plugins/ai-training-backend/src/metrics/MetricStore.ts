import type {
  MeasuredValue,
  MetricPoint,
  SeriesPoint,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { decodeCursor, encodeCursor } from '../cursor';

const LEAST_STEP = Number.MIN_SAFE_INTEGER;
const MOST_STEP = Number.MAX_SAFE_INTEGER;

/** What was measured, of one metric of a run. */
export interface HistoryQuery {
  /** Value of `runs.id`. */
  run: string;
  key: string;
  limit: number;
  /** Of the page before. */
  pageToken?: string;
}

/** Steps from one to another, both included. */
export interface StepRange {
  from?: number;
  to?: number;
}

export interface StoredSeries {
  /** Value of `runs.id`. */
  run: string;
  key: string;
  measured: number;
  points: SeriesPoint[];
}

interface PointRow {
  step: string;
  at: string;
  value: number;
}

/** Reads the `metric_points` table; `RunStore` writes it. */
export class MetricStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Points by step, then time, then value. */
  async readHistory(
    query: HistoryQuery,
  ): Promise<{ points: MetricPoint[]; nextPageToken?: string }> {
    const { run, key, limit, pageToken } = query;
    const after =
      pageToken === undefined
        ? undefined
        : decodeCursor(pageToken, 3, 'page_token');
    const { rows } = await this.#knex.raw<{
      rows: { points: [number, number, MeasuredValue][] | null }[];
    }>(
      // As one text, which is read several times faster than as many rows.
      `select json_agg(json_build_array(step, at, value)) as points from (
         select step, at, value from metric_points
         where run = ?::bigint and key = ?
         ${after ? 'and (step, at, value) > (?, ?, ?)' : ''}
         order by step, at, value limit ?) as page`,
      [run, key, ...(after ?? []), limit + 1],
    );
    const found = rows[0].points ?? [];
    const points = found
      .slice(0, limit)
      .map(([step, at, value]) => ({ key, step, at, value }));
    const last = points.at(-1);
    return {
      points,
      ...(found.length > limit &&
        last && {
          nextPageToken: encodeCursor([last.step, last.at, last.value]),
        }),
    };
  }

  /**
   * Of each run some steps, as far from each other as they are many: all points of these steps, the first and the last
   * step among them.
   *
   * @param options.runs - values of `runs.id`
   * @param options.steps - most steps of a run
   */
  async readSampledSteps(options: {
    runs: readonly string[];
    key: string;
    range: StepRange;
    steps: number;
  }): Promise<{ run: string; point: MetricPoint }[]> {
    const { runs, key, range, steps } = options;
    const { rows } = await this.#knex.raw<{
      rows: (PointRow & { run: string })[];
    }>(
      `with numbered as (
         select run, step, row_number() over (partition by run order by step) - 1 as place,
           count(*) over (partition by run) as total
         from (select distinct run, step from metric_points
               where run = any(?::bigint[]) and key = ? and step between ? and ?) as steps)
       select p.run, p.step, p.at, p.value
       from numbered join metric_points p using (run, step)
       where p.key = ? and p.run = any(?::bigint[])
         and (total <= ? or place = total - 1
              or place * ?::int / total > (place - 1) * ?::int / total or place = 0)
       order by array_position(?::bigint[], p.run), p.step, p.at, p.value`,
      [
        [...runs],
        key,
        range.from ?? LEAST_STEP,
        range.to ?? MOST_STEP,
        key,
        [...runs],
        steps,
        // The last one is there besides.
        steps - 1,
        steps - 1,
        [...runs],
      ],
    );
    return rows.map(({ run, ...row }) => ({
      run,
      point: { key, ...toSeriesPoint(row) },
    }));
  }

  /**
   * Curves of several metrics of several runs, in one round trip. Where a curve has more points than are wanted, its
   * steps are put in buckets of equal width, and of each the least and the greatest value stay.
   *
   * @param options.runs - values of `runs.id`
   * @param options.points - most points of a curve
   */
  async readSeries(options: {
    runs: readonly string[];
    keys: readonly string[];
    range: StepRange;
    points: number;
  }): Promise<StoredSeries[]> {
    const { runs, keys, range, points } = options;
    // Two of each bucket, and the first and the last one of all.
    const buckets = Math.max(1, Math.floor((points - 2) / 2));
    const { rows } = await this.#knex.raw<{
      rows: {
        run: string;
        key: string;
        measured: string;
        points: [number, number, MeasuredValue][];
      }[];
    }>(
      `with found as materialized (
         select run, key, step, at, value from metric_points
         where run = any(?::bigint[]) and key = any(?::text[]) and step between ? and ?),
       spans as (
         select run, key, count(*) as measured, min(step) as low, max(step) as high,
           min(array[step, at]) as first, max(array[step, at]) as last
         from found group by run, key),
       bucketed as (
         select run, key, measured, first, last, step, at, value,
           width_bucket(step, low, high + 1, ?::int) as bucket
         from found join spans using (run, key)),
       extremes as (
         -- NaN is greater than all, and says nothing about the others.
         select run, key,
           coalesce(min(array[value, step, at]) filter (where value <> 'NaN'), min(array[value, step, at])) as least,
           coalesce(max(array[value, step, at]) filter (where value <> 'NaN'), max(array[value, step, at])) as greatest
         from bucketed where measured > ? group by run, key, bucket),
       kept as (
         select run, key, step, at, value from bucketed where measured <= ?
         union select run, key, least[2]::bigint, least[3]::bigint, least[1] from extremes
         union select run, key, greatest[2]::bigint, greatest[3]::bigint, greatest[1] from extremes
         union (select distinct on (run, key, step, at) run, key, step, at, value
                from bucketed where measured > ? and (array[step, at] = first or array[step, at] = last)
                order by run, key, step, at, value))
       select spans.run, spans.key, spans.measured,
         json_agg(json_build_array(kept.step, kept.at, kept.value) order by kept.step, kept.at, kept.value) as points
       from spans join kept using (run, key)
       group by spans.run, spans.key, spans.measured
       order by array_position(?::bigint[], spans.run), array_position(?::text[], spans.key)`,
      [
        [...runs],
        [...keys],
        range.from ?? LEAST_STEP,
        range.to ?? MOST_STEP,
        buckets,
        points,
        points,
        points,
        [...runs],
        [...keys],
      ],
    );
    return rows.map(row => ({
      run: row.run,
      key: row.key,
      measured: Number(row.measured),
      points: row.points.map(([step, at, value]) => ({ step, at, value })),
    }));
  }
}

function toSeriesPoint({ step, at, value }: PointRow): SeriesPoint {
  return { step: Number(step), at: Number(at), value: toMeasuredValue(value) };
}

/** JSON has no word for some of the numbers. */
export function toMeasuredValue(value: number): MeasuredValue {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  return value === -Infinity ? '-Infinity' : value;
}
