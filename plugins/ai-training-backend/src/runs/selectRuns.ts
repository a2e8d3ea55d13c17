import type {
  MeasuredValue,
  MetricPoint,
  Run,
  RunInput,
  RunOutput,
  RunStatus,
  Lifecycle,
} from '@greenroom/plugin-ai-training-common';

/**
 * Of runs `r` with their experiments `e`, what a {@link Run} is made from: all that belongs to a run comes in
 * the same row, as JSON, so that a page of runs is one round trip.
 */
export const RUN_COLUMNS = `
  r.id as number, r.run_id, r.experiment, r.name, r.user_id, r.status, r.started_at, r.ended_at, r.lifecycle,
  r.created_at, r.created_by, e.artifact_location,
  (select json_object_agg(key, value order by key) from run_params where run = r.id) as params,
  (select json_object_agg(key, value order by key) from run_tags where run = r.id) as tags,
  (select json_agg(json_build_array(key, value, at, step) order by key)
     from latest_metrics where run = r.id) as metrics,
  (select json_agg(json_build_object(
       'tags', used.tags,
       'dataset', json_build_object(
         'name', name, 'digest', digest, 'sourceType', source_type, 'source', source,
         'schema', schema, 'profile', profile)) order by id)
     from run_inputs used join inputs on inputs.id = used.input where used.run = r.id) as inputs,
  (select json_agg(json_build_array(direction, model_id, step) order by step, model_id)
     from run_models where run = r.id) as models`;

export interface RunRow {
  number: string;
  run_id: string;
  experiment: string;
  name: string;
  user_id: string;
  status: RunStatus;
  started_at: string | null;
  ended_at: string | null;
  lifecycle: Lifecycle;
  created_at: Date;
  created_by: string;
  artifact_location: string | null;
  params: Record<string, string> | null;
  tags: Record<string, string> | null;
  metrics: [string, MeasuredValue, number, number][] | null;
  inputs: StoredInput[] | null;
  models: ['input' | 'output', string, number][] | null;
}

/** A field that a client left out is null. */
interface StoredInput {
  tags: Record<string, string>;
  dataset: {
    name: string;
    digest: string;
    sourceType: string;
    source: string;
    schema: string | null;
    profile: string | null;
  };
}

export function toRun(row: RunRow): Run {
  const models = row.models ?? [];
  return {
    id: row.run_id,
    experiment: row.experiment,
    name: row.name,
    userId: row.user_id,
    status: row.status,
    startedAt: toNumber(row.started_at),
    endedAt: toNumber(row.ended_at),
    lifecycle: row.lifecycle,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    artifactUri: `${toArtifactLocation(
      row.artifact_location,
      row.experiment,
    )}/${row.run_id}/artifacts`,
    params: row.params ?? {},
    tags: row.tags ?? {},
    metrics: (row.metrics ?? []).map(toMetricPoint),
    inputs: (row.inputs ?? []).map(toRunInput),
    inputModels: models
      .filter(([direction]) => direction === 'input')
      .map(([, modelId]) => modelId),
    outputs: models
      .filter(([direction]) => direction === 'output')
      .map(([, modelId, step]): RunOutput => ({ modelId, step })),
  };
}

/** URI below which the files of an experiment are: here, where no other place was named. */
export function toArtifactLocation(
  artifactLocation: string | null,
  experiment: string,
): string {
  return artifactLocation ?? `mlflow-artifacts:/${experiment}`;
}

export function toNumber(bigint: string | null): number | undefined {
  return bigint === null ? undefined : Number(bigint);
}

function toMetricPoint([key, value, at, step]: [
  string,
  MeasuredValue,
  number,
  number,
]): MetricPoint {
  return { key, value, at, step };
}

function toRunInput({ tags, dataset }: StoredInput): RunInput {
  const { schema, profile, ...rest } = dataset;
  return {
    tags,
    dataset: {
      ...rest,
      ...(schema !== null && { schema }),
      ...(profile !== null && { profile }),
    },
  };
}
