/** How a run goes, as its client says. */
export type RunStatus =
  | 'RUNNING'
  | 'SCHEDULED'
  | 'FINISHED'
  | 'FAILED'
  | 'KILLED';

export const RUN_STATUSES: readonly RunStatus[] = [
  'RUNNING',
  'SCHEDULED',
  'FINISHED',
  'FAILED',
  'KILLED',
];

/** Deleted is hidden and written to no more, and can be restored. */
export type Lifecycle = 'active' | 'deleted';

/** A number, or the name of one that JSON cannot write. */
export type MeasuredValue = number | 'NaN' | 'Infinity' | '-Infinity';

/** What was measured once. */
export interface MetricPoint {
  key: string;
  value: MeasuredValue;
  /** Milliseconds since 1970, as the client says. */
  at: number;
  /** Such as an epoch or a batch; 0 where the client names none. */
  step: number;
}

/** A dataset, as a run says that it read it. */
export interface InputDataset {
  name: string;
  /** As the client says: at most 36 characters. */
  digest: string;
  /** Such as `local`, `http` or `code`. */
  sourceType: string;
  /** Where it was read from. */
  source: string;
  /** Usually JSON. */
  schema?: string;
  /** Usually JSON. */
  profile?: string;
}

/** That a run read a dataset. */
export interface RunInput {
  dataset: InputDataset;
  /** What for: the tag `mlflow.data.context` says `training` or `evaluation`. */
  tags: Record<string, string>;
}

/** A logged model that a run made. */
export interface RunOutput {
  modelId: string;
  step: number;
}

/** What was tried once. */
export interface Run {
  /** 32 hexadecimal digits. */
  id: string;
  /** Id of the experiment that it belongs to. */
  experiment: string;
  name: string;
  /** As the client says; who was asked for is `createdBy`. */
  userId: string;
  status: RunStatus;
  /** Milliseconds since 1970, as the client says. */
  startedAt?: number;
  /** Milliseconds since 1970, as the client says; undefined while it goes on. */
  endedAt?: number;
  lifecycle: Lifecycle;
  /** ISO 8601. */
  createdAt: string;
  /** Entity ref of a person, or `service:<name>`. */
  createdBy: string;
  /** URI below which its artifacts are. */
  artifactUri: string;
  /** What it was started with; never changes. */
  params: Record<string, string>;
  tags: Record<string, string>;
  /** Of each metric the newest point, by key. */
  metrics: MetricPoint[];
  inputs: RunInput[];
  /** Ids of logged models that it read. */
  inputModels: string[];
  /** Logged models that it made. */
  outputs: RunOutput[];
}

export interface RunQuery {
  /** Id of the experiment. */
  experiment: string;
  /** In MLflow's language, such as `metrics.accuracy > 0.9 and params.depth = '3'`. */
  filter?: string;
  /** Such as `metrics.accuracy DESC`; the newest first where nothing is said. */
  orderBy?: string[];
  /** `active` where nothing is said. */
  lifecycle?: Lifecycle;
  /** 1 to 1,000; 50 when it is not named. */
  limit?: number;
  cursor?: string;
}

export interface RunPage {
  items: Run[];
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}
