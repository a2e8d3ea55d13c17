import type { Lifecycle, MetricPoint } from './run';

/** PENDING while its files come. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED';

/** Of a metric of a model, on a dataset by a run, the newest point. */
export interface LoggedModelMetric extends MetricPoint {
  /** Id of the run that measured it. */
  run: string;
  datasetName?: string;
  datasetDigest?: string;
}

/** What a list says of a logged model. */
export type LoggedModelSummary = Pick<
  LoggedModel,
  | 'id'
  | 'experiment'
  | 'name'
  | 'modelType'
  | 'sourceRun'
  | 'status'
  | 'lifecycle'
  | 'createdAt'
>;

/** Most logged models of a run that are told of at once; a run that keeps more has them in its `outputs`. */
export const MOST_RUN_MODELS = 500;

/** A model that a run made, before anybody registers it. */
export interface LoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  id: string;
  /** Id of the experiment that it belongs to. */
  experiment: string;
  name: string;
  /** As the client says. */
  modelType?: string;
  /** Id of the run that made it. */
  sourceRun?: string;
  status: LoggedModelStatus;
  statusMessage?: string;
  lifecycle: Lifecycle;
  /** ISO 8601. */
  createdAt: string;
  /** Entity ref of a person, or `service:<name>`. */
  createdBy: string;
  /** ISO 8601. */
  updatedAt: string;
  /** URI below which its files are. */
  artifactUri: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: LoggedModelMetric[];
}
