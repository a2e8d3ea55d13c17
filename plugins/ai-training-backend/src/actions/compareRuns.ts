import type { MeasuredValue, Run } from '@greenroom/plugin-ai-training-common';
import { MOST_ENTRIES, shorten } from './describeRun';

/** What one param or metric is in each run, in the order of the runs; null where a run has none. */
export interface Compared<T> {
  key: string;
  values: (T | null)[];
}

export interface RunComparison {
  /** Those that are not equal in all runs. */
  params: Compared<string>[];
  /** How many params all runs have with the same value. */
  equalParams: number;
  /** The newest value of each metric that some run has. */
  metrics: Compared<MeasuredValue>[];
  /** How many params and metrics are not told, since there are too many. */
  leftOut: number;
}

/** Puts runs beside each other: how they were started, and what came out. */
export function compareRuns(runs: readonly Run[]): RunComparison {
  const params = beside(runs.map(run => new Map(Object.entries(run.params))));
  const different = params.filter(({ values }) => new Set(values).size > 1);
  const metrics = beside(
    runs.map(run => new Map(run.metrics.map(({ key, value }) => [key, value]))),
  );
  return {
    params: different.slice(0, MOST_ENTRIES).map(({ key, values }) => ({
      key,
      values: values.map(value => (value === null ? null : shorten(value))),
    })),
    equalParams: params.length - different.length,
    metrics: metrics.slice(0, MOST_ENTRIES),
    leftOut:
      Math.max(0, different.length - MOST_ENTRIES) +
      Math.max(0, metrics.length - MOST_ENTRIES),
  };
}

function beside<T>(runs: readonly Map<string, T>[]): Compared<T>[] {
  const keys = [...new Set(runs.flatMap(run => [...run.keys()]))].sort();
  return keys.map(key => ({
    key,
    values: runs.map(run => run.get(key) ?? null),
  }));
}
