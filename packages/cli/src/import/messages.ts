/** What MLflow's servers answer, as far as it is brought over. Numbers of 64 bits may be texts. */

export type Int64 = number | string;

export interface Pair {
  key: string;
  value?: string;
}

export interface ExperimentMessage {
  experiment_id: string;
  name: string;
  lifecycle_stage?: string;
  tags?: Pair[];
}

export interface MetricMessage {
  key: string;
  value: number | string;
  timestamp: Int64;
  step?: Int64;
  run_id?: string;
  dataset_name?: string;
  dataset_digest?: string;
}

export interface DatasetInputMessage {
  tags?: Pair[];
  dataset: {
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema?: string;
    profile?: string;
  };
}

export interface RunMessage {
  info: {
    run_id: string;
    run_name?: string;
    user_id?: string;
    status?: string;
    start_time?: Int64;
    end_time?: Int64;
    artifact_uri?: string;
    lifecycle_stage?: string;
  };
  data?: { metrics?: MetricMessage[]; params?: Pair[]; tags?: Pair[] };
  inputs?: {
    dataset_inputs?: DatasetInputMessage[];
    model_inputs?: { model_id: string }[];
  };
  outputs?: { model_outputs?: { model_id: string; step?: Int64 }[] };
}

export interface LoggedModelMessage {
  info: {
    model_id: string;
    name: string;
    model_type?: string;
    source_run_id?: string;
    creation_timestamp_ms?: Int64;
    artifact_uri?: string;
    status?: string | number;
    tags?: Pair[];
  };
  data?: { params?: Pair[]; metrics?: MetricMessage[] };
}

export interface RegisteredModelMessage {
  name: string;
  description?: string;
  tags?: Pair[];
  aliases?: { alias: string; version: Int64 }[];
}

export interface VersionMessage {
  name: string;
  version: Int64;
  description?: string;
  source?: string;
  run_id?: string;
  run_link?: string;
  status?: string;
  current_stage?: string;
  tags?: Pair[];
}

export interface FileMessage {
  path: string;
  is_dir?: boolean;
  file_size?: Int64;
}

/** As an object; without what this command writes itself. */
export function toRecord(pairs: Pair[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value = '' }) => [key, value]));
}

export function toPairs(values: Record<string, string>): Pair[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

/** Undefined where it is not there. */
export function toNumber(value: Int64 | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
