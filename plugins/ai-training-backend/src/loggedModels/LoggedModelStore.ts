import type {
  Lifecycle,
  LoggedModel,
  LoggedModelMetric,
  LoggedModelStatus,
  LoggedModelSummary,
  MeasuredValue,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { Bounded } from '../Bounded';
import { deletedExperiment, unknownExperiment } from '../experiments/failures';
import { unknownRun } from '../runs/logFailures';
import { toArtifactLocation } from '../runs/selectRuns';
import { unknownModel } from './failures';

/** Each is some hundred bytes. */
const MOST_PLACES = 5_000;

export interface NewLoggedModel {
  id: string;
  experiment: string;
  name: string;
  modelType?: string;
  /** Id of the run that made it. */
  sourceRun?: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  createdBy: string;
}

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

type SummaryRow = Pick<
  LoggedModelRow,
  | 'model_id'
  | 'experiment'
  | 'name'
  | 'model_type'
  | 'source_run_id'
  | 'status'
  | 'lifecycle'
  | 'created_at'
>;

/** The `logged_models` table, and what belongs to a logged model. */
export class LoggedModelStore {
  readonly #knex: Knex;
  readonly #experiments = new Bounded<string>({ most: MOST_PLACES });

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

  /**
   * What a list says of logged models, deleted ones among them.
   *
   * @param ids - the answer has their order, without those that are not there
   */
  async summarize(ids: readonly string[]): Promise<LoggedModelSummary[]> {
    if (ids.length === 0) return [];
    const { rows } = await this.#knex.raw<{ rows: SummaryRow[] }>(
      `select m.model_id, m.experiment, m.name, m.model_type, m.status, m.lifecycle, m.created_at,
         (select run_id from runs where id = m.source_run) as source_run_id
       from unnest(?::text[]) with ordinality as wanted (id, place)
       join logged_models m on m.model_id = wanted.id collate "C"
       order by wanted.place`,
      [[...ids]],
    );
    return rows.map(row => ({
      id: row.model_id,
      experiment: row.experiment,
      name: row.name,
      modelType: row.model_type ?? undefined,
      sourceRun: row.source_run_id ?? undefined,
      status: row.status,
      lifecycle: row.lifecycle,
      createdAt: row.created_at.toISOString(),
    }));
  }

  /**
   * Deleted ones are as good as absent unless they are asked for.
   *
   * @throws NotFoundError when there is no such logged model
   */
  async get(
    id: string,
    { withDeleted = false }: { withDeleted?: boolean } = {},
  ): Promise<LoggedModel> {
    const [model] = await this.getMany([id]);
    if (!model || (model.lifecycle === 'deleted' && !withDeleted)) {
      throw unknownModel(id);
    }
    return model;
  }

  /**
   * Id of its experiment, which never changes.
   *
   * @throws NotFoundError when there is no such logged model
   */
  async findExperiment(id: string): Promise<string> {
    const known = this.#experiments.get(id);
    if (known !== undefined) return known;
    const found = await this.#knex('logged_models')
      .where({ model_id: id })
      .first('experiment');
    if (!found) throw unknownModel(id);
    this.#experiments.set(id, found.experiment);
    return found.experiment;
  }

  /**
   * In one round trip.
   *
   * @throws NotFoundError when there is no such experiment, or no such run in it
   * @throws InputError when the experiment is deleted
   */
  async insert(model: NewLoggedModel): Promise<void> {
    const { id, experiment, sourceRun = null } = model;
    const { rows } = await this.#knex.raw<{
      rows: { lifecycle: Lifecycle; run_found: boolean }[];
    }>(
      // The experiment is not deleted meanwhile.
      `with place as (select id, lifecycle from experiments where id = ?::bigint for share),
       source as (select runs.id from runs where run_id = ?),
       made as (
         insert into logged_models (model_id, experiment, name, model_type, source_run, status, created_by)
         select ?, place.id, ?, ?, (select id from source), 'PENDING', ? from place
         where lifecycle = 'active' and (?::text is null or exists (select from source))
         returning model_id),
       with_params as (
         insert into logged_model_params (model_id, key, value)
         select model_id, key, value from made, unnest(?::text[], ?::text[]) as param (key, value)),
       with_tags as (
         insert into logged_model_tags (model_id, key, value)
         select model_id, key, value from made, unnest(?::text[], ?::text[]) as tag (key, value))
       select lifecycle, exists (select from source) as run_found from place`,
      [
        experiment,
        sourceRun,
        id,
        model.name,
        model.modelType ?? null,
        model.createdBy,
        sourceRun,
        Object.keys(model.params),
        Object.values(model.params),
        Object.keys(model.tags),
        Object.values(model.tags),
      ] as Knex.Value[],
    );
    if (rows.length === 0) throw unknownExperiment(experiment);
    const [{ lifecycle, run_found }] = rows;
    if (lifecycle === 'deleted') throw deletedExperiment(experiment);
    if (sourceRun !== null && !run_found) throw unknownRun(sourceRun);
    this.#experiments.set(id, experiment);
  }

  /**
   * A param that is there already keeps its value.
   *
   * @throws NotFoundError when there is no such logged model
   */
  async addParams(id: string, params: Record<string, string>): Promise<void> {
    await this.#change(
      id,
      `insert into logged_model_params (model_id, key, value)
       select changed.model_id, key, value from changed, unnest(?::text[], ?::text[]) as param (key, value)
       on conflict (model_id, key) do nothing`,
      [Object.keys(params), Object.values(params)],
    );
  }

  /** @throws NotFoundError when there is no such logged model */
  async setTags(id: string, tags: Record<string, string>): Promise<void> {
    await this.#change(
      id,
      `insert into logged_model_tags (model_id, key, value)
       select changed.model_id, key, value from changed, unnest(?::text[], ?::text[]) as tag (key, value)
       on conflict (model_id, key) do update set value = excluded.value`,
      [Object.keys(tags), Object.values(tags)],
    );
  }

  /**
   * @returns false when there is no such tag
   * @throws NotFoundError when there is no such logged model
   */
  async deleteTag(id: string, key: string): Promise<boolean> {
    const written = await this.#change(
      id,
      `delete from logged_model_tags using changed
       where logged_model_tags.model_id = changed.model_id and key = ?`,
      [key],
    );
    return written > 0;
  }

  /** @throws NotFoundError when there is no such logged model */
  async setStatus(id: string, status: LoggedModelStatus): Promise<void> {
    await this.#update(id, { status });
  }

  /** @throws NotFoundError when there is no such logged model */
  async delete(id: string): Promise<void> {
    await this.#update(id, { lifecycle: 'deleted' });
  }

  async #update(
    id: string,
    fields: { status?: LoggedModelStatus; lifecycle?: Lifecycle },
  ): Promise<void> {
    const changed = await this.#knex('logged_models')
      .where({ model_id: id, lifecycle: 'active' })
      .update({ ...fields, updated_at: this.#knex.raw('clock_timestamp()') });
    if (changed === 0) throw unknownModel(id);
  }

  /**
   * Something that belongs to a logged model, in one round trip.
   *
   * @param statement - knows the model as `changed`
   * @returns how many rows it wrote
   */
  async #change(
    id: string,
    statement: string,
    bindings: (string | string[])[],
  ): Promise<number> {
    const { rows } = await this.#knex.raw<{
      rows: { found: boolean; written: string }[];
    }>(
      `with changed as (
         update logged_models set updated_at = clock_timestamp()
         where model_id = ? and lifecycle = 'active' returning model_id),
       written as (${statement} returning 1)
       select exists (select from changed) as found, (select count(*) from written) as written`,
      [id, ...bindings],
    );
    if (!rows[0].found) throw unknownModel(id);
    return Number(rows[0].written);
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
