import type {
  Lifecycle,
  LoggedModel,
  LoggedModelMetric,
  LoggedModelStatus,
  MeasuredValue,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { toArtifactLocation } from '../runs/selectRuns';

/** Of logged models `m` with their experiments `e`, all that a {@link LoggedModel} is made from. */
const COLUMNS = `
  m.*, e.artifact_location,
  (select run_id from runs where id = m.source_run) as source_run_id,
  (select json_object_agg(key, value order by key) from logged_model_params where model_id = m.model_id) as params,
  (select json_object_agg(key, value order by key) from logged_model_tags where model_id = m.model_id) as tags,
  (select json_agg(json_build_object(
       'key', key, 'value', value, 'at', at, 'step', step, 'run', run_id,
       'datasetName', dataset_name, 'datasetDigest', dataset_digest) order by key, dataset_name, dataset_digest, run)
     from logged_model_metrics measured join runs on runs.id = measured.run
     where measured.model_id = m.model_id) as metrics`;

interface LoggedModelRow {
  model_id: string;
  experiment: string;
  name: string;
  model_type: string | null;
  source_run_id: string | null;
  status: LoggedModelStatus;
  status_message: string | null;
  lifecycle: Lifecycle;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  artifact_location: string | null;
  params: Record<string, string> | null;
  tags: Record<string, string> | null;
  metrics:
    | {
        key: string;
        value: MeasuredValue;
        at: number;
        step: number;
        run: string;
        datasetName: string;
        datasetDigest: string;
      }[]
    | null;
}

/** The `logged_models` table, and what belongs to a logged model. */
export class LoggedModelStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Logged models with all that belongs to them, in one round trip.
   *
   * @param ids - the answer has their order, without those that are not there
   */
  async getMany(
    ids: readonly string[],
    tx: Knex = this.#knex,
  ): Promise<LoggedModel[]> {
    if (ids.length === 0) return [];
    const { rows } = await tx.raw<{ rows: LoggedModelRow[] }>(
      `select ${COLUMNS}
       from unnest(?::text[]) with ordinality as wanted (id, place)
       join logged_models m on m.model_id = wanted.id collate "C"
       join experiments e on e.id = m.experiment
       order by wanted.place`,
      [[...ids]],
    );
    return rows.map(toLoggedModel);
  }
}

function toLoggedModel(row: LoggedModelRow): LoggedModel {
  return {
    id: row.model_id,
    experiment: row.experiment,
    name: row.name,
    modelType: row.model_type ?? undefined,
    sourceRun: row.source_run_id ?? undefined,
    status: row.status,
    statusMessage: row.status_message ?? undefined,
    lifecycle: row.lifecycle,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
    artifactUri: `${toArtifactLocation(
      row.artifact_location,
      row.experiment,
    )}/models/${row.model_id}/artifacts`,
    params: row.params ?? {},
    tags: row.tags ?? {},
    metrics: (row.metrics ?? []).map(
      ({ datasetName, datasetDigest, ...metric }): LoggedModelMetric => ({
        ...metric,
        // Empty where none was named.
        ...(datasetName !== '' && { datasetName }),
        ...(datasetDigest !== '' && { datasetDigest }),
      }),
    ),
  };
}
