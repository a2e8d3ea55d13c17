import type { MeasuredValue, Run } from '@greenroom/plugin-ai-training-common';

/** Of one kind; runs may have thousands. */
export const MOST_ENTRIES = 100;
/** In a list of runs. */
export const MOST_LISTED_ENTRIES = 20;
/** Characters. */
export const LONGEST_VALUE = 500;

/** A run without what is of no use in a conversation. */
export interface RunFacts {
  id: string;
  experiment: string;
  name: string;
  status: string;
  /** ISO 8601. */
  startedAt?: string;
  /** ISO 8601. */
  endedAt?: string;
  createdBy: string;
  params: Record<string, string>;
  /** Newest values. */
  metrics: Record<string, MeasuredValue>;
  /** How many are not told; undefined where all are. */
  leftOut?: { params?: number; metrics?: number };
}

/**
 * What an agent is told of a run: bounded, however much was logged to it.
 *
 * @param options.keys - the only params and metrics that are wanted; the first ones by name where it is left out
 * @param options.most - params, and metrics, that are told
 */
export function describeRun(
  run: Run,
  options: { most: number; keys?: readonly string[] },
): RunFacts {
  const params = pick(Object.entries(run.params), options);
  const metrics = pick(
    run.metrics.map(({ key, value }) => [key, value] as const),
    options,
  );
  return {
    id: run.id,
    experiment: run.experiment,
    name: run.name,
    status: run.status,
    ...(run.startedAt !== undefined && { startedAt: toIso(run.startedAt) }),
    ...(run.endedAt !== undefined && { endedAt: toIso(run.endedAt) }),
    createdBy: run.createdBy,
    params: Object.fromEntries(
      params.told.map(([key, value]) => [key, shorten(value)]),
    ),
    metrics: Object.fromEntries(metrics.told),
    ...((params.leftOut > 0 || metrics.leftOut > 0) && {
      leftOut: {
        ...(params.leftOut > 0 && { params: params.leftOut }),
        ...(metrics.leftOut > 0 && { metrics: metrics.leftOut }),
      },
    }),
  };
}

/** Tags of people first: what clients say of themselves is long and seldom asked for. */
export function describeTags(tags: Record<string, string>): {
  tags: Record<string, string>;
  leftOut: number;
} {
  const entries = Object.entries(tags).sort(
    ([one], [other]) =>
      Number(one.startsWith('mlflow.')) - Number(other.startsWith('mlflow.')),
  );
  return {
    tags: Object.fromEntries(
      entries
        .slice(0, MOST_ENTRIES)
        .map(([key, value]) => [key, shorten(value)]),
    ),
    leftOut: Math.max(0, entries.length - MOST_ENTRIES),
  };
}

export function shorten(value: string): string {
  return value.length > LONGEST_VALUE
    ? `${value.slice(0, LONGEST_VALUE)}…`
    : value;
}

function pick<T>(
  entries: readonly (readonly [string, T])[],
  { most, keys }: { most: number; keys?: readonly string[] },
) {
  const wanted = keys
    ? entries.filter(([key]) => keys.includes(key))
    : [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    told: wanted.slice(0, most),
    leftOut: Math.max(0, wanted.length - most),
  };
}

/** Clients say any number; one that is no date is told as it is. */
function toIso(millis: number): string {
  const date = new Date(millis);
  return Number.isNaN(date.getTime()) ? String(millis) : date.toISOString();
}
