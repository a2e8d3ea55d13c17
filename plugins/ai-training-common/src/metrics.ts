import type { MeasuredValue } from './run';

/** Which curves are wanted: each of the keys of each of the runs. */
export interface MetricSeriesQuery {
  /** Ids of runs, at most 100. */
  runs: string[];
  /** Names of metrics, at most 20. */
  keys: string[];
  /** Not before this step. */
  fromStep?: number;
  /** Not after this step. */
  toStep?: number;
  /** Most points of a curve, 10 to 2,000; 300 when it is not named. */
  points?: number;
}

/** A metric of a run over its steps. */
export interface MetricSeries {
  /** Id of the run. */
  run: string;
  key: string;
  /** How many points were measured, of which the curve may leave some out: never the first, the last, nor an extreme. */
  measured: number;
  /** By step, then time. */
  points: SeriesPoint[];
}

export interface SeriesPoint {
  step: number;
  /** Milliseconds since 1970. */
  at: number;
  value: MeasuredValue;
}
