import { ConflictError } from '@backstage/errors';
import type {
  ImportedLoggedModel,
  ImportedRun,
  Lifecycle,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { deletedExperiment, unknownExperiment } from '../experiments/failures';
import { unknownRun } from '../runs/logFailures';

/** Where what is brought over goes, and who does it. */
export interface ImportPlace {
  /** Id of the experiment. */
  experiment: string;
  /** Entity ref of a person, or `service:<name>`. */
  createdBy: string;
}

interface InsertedRow {
  lifecycle: Lifecycle;
  made: boolean;
  /** Experiment of the one that has the id already. */
  other: string | null;
  run_found: boolean;
}

/**
 * Puts runs and logged models of another server into the tables, with the ids that they had there. All of it fails
 * with a NotFoundError when there is no such experiment, with an InputError when it is deleted, and with a
 * ConflictError when the id is taken in another experiment.
 */
export class ImportStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @returns false when it is there already; nothing of it is changed then */
  async insertRun(run: ImportedRun, place: ImportPlace): Promise<boolean> {
    const { params = {}, tags = {} } = run;
    const { rows } = await this.#knex.raw<{ rows: InsertedRow[] }>(
      // The experiment is not deleted meanwhile.
      `with place as (select id, lifecycle from experiments where id = ?::bigint for share),
       made as (
         insert into runs (run_id, experiment, name, user_id, status, started_at, ended_at, created_by)
         select ?, place.id, ?, ?, ?, ?::bigint, ?::bigint, ? from place where lifecycle = 'active'
         on conflict (run_id) do nothing
         returning id),
       with_params as (
         insert into run_params (run, key, value)
         select made.id, key, value from made, unnest(?::text[], ?::text[]) as param (key, value)),
       with_tags as (
         insert into run_tags (run, key, value)
         select made.id, key, value from made, unnest(?::text[], ?::text[]) as tag (key, value))
       select lifecycle, exists (select from made) as made, true as run_found,
         (select experiment from runs where run_id = ?) as other
       from place`,
      [
        place.experiment,
        run.id,
        run.name,
        run.userId,
        run.status,
        run.startedAt ?? null,
        run.endedAt ?? null,
        place.createdBy,
        Object.keys(params),
        Object.values(params),
        Object.keys(tags),
        Object.values(tags),
        run.id,
      ] as Knex.Value[],
    );
    return this.#isNew(rows, { ...place, what: `run ${run.id}` });
  }

  /**
   * Its files may come afterwards: it is pending.
   *
   * @returns false when it is there already; nothing of it is changed then
   * @throws NotFoundError when there is no run that it comes from
   */
  async insertLoggedModel(
    model: ImportedLoggedModel,
    place: ImportPlace,
  ): Promise<boolean> {
    const { params = {}, tags = {}, sourceRun = null } = model;
    const { rows } = await this.#knex.raw<{ rows: InsertedRow[] }>(
      `with place as (select id, lifecycle from experiments where id = ?::bigint for share),
       source as (select id from runs where run_id = ?),
       made as (
         insert into logged_models
           (model_id, experiment, name, model_type, source_run, status, created_by, created_at)
         select ?, place.id, ?, ?, (select id from source), 'PENDING', ?,
           coalesce(to_timestamp(?::bigint / 1000.0), clock_timestamp())
         from place where lifecycle = 'active' and (?::text is null or exists (select from source))
         on conflict (model_id) do nothing
         returning model_id),
       with_params as (
         insert into logged_model_params (model_id, key, value)
         select model_id, key, value from made, unnest(?::text[], ?::text[]) as param (key, value)),
       with_tags as (
         insert into logged_model_tags (model_id, key, value)
         select model_id, key, value from made, unnest(?::text[], ?::text[]) as tag (key, value))
       select lifecycle, exists (select from made) as made,
         ?::text is null or exists (select from source) as run_found,
         (select experiment from logged_models where model_id = ?) as other
       from place`,
      [
        place.experiment,
        sourceRun,
        model.id,
        model.name,
        model.modelType ?? null,
        place.createdBy,
        model.createdAt ?? null,
        sourceRun,
        Object.keys(params),
        Object.values(params),
        Object.keys(tags),
        Object.values(tags),
        sourceRun,
        model.id,
      ] as Knex.Value[],
    );
    const what = `logged model ${model.id}`;
    const isNew = this.#isNew(rows, { ...place, what, run: sourceRun });
    return isNew;
  }

  #isNew(
    rows: InsertedRow[],
    options: { experiment: string; what: string; run?: string | null },
  ): boolean {
    const { experiment, what, run } = options;
    if (rows.length === 0) throw unknownExperiment(experiment);
    const [{ lifecycle, made, other, run_found }] = rows;
    if (made) return true;
    if (other !== null && other !== experiment) {
      throw new ConflictError(
        `There is a ${what} already, in experiment ${other}: an id is there once; bring it over into that experiment, or leave it out`,
      );
    }
    if (other === experiment) return false;
    if (lifecycle === 'deleted') throw deletedExperiment(experiment);
    if (run && !run_found) throw unknownRun(run);
    // Somebody else has just made it, which this statement does not see yet.
    throw new ConflictError(
      `The ${what} is being brought over by somebody else: try again`,
    );
  }
}
