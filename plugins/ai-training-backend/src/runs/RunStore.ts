import { InputError } from '@backstage/errors';
import type {
  Lifecycle,
  MetricPoint,
  Run,
  RunStatus,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { Bounded } from '../Bounded';
import { deletedExperiment, unknownExperiment } from '../experiments/failures';
import { deletedRun, explainLogFailure, unknownRun } from './logFailures';
import {
  RUN_COLUMNS,
  type RunRow,
  toArtifactLocation,
  toRun,
} from './selectRuns';

/** Tag that has a run's name, too: clients look there. */
export const RUN_NAME_TAG = 'mlflow.runName';

/** Tag with what old clients say of models that a run made. */
const MODEL_HISTORY_TAG = 'mlflow.log-model.history';

/** Each is some hundred bytes. */
const MOST_PLACES = 20_000;

/** Where a run is; never changes. */
export interface RunPlace {
  /** Value of `runs.id`. */
  number: string;
  experiment: string;
}

export interface NewRun {
  id: string;
  experiment: string;
  name: string;
  userId: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** `RUNNING` where nothing is said. */
  status?: RunStatus;
  tags: Record<string, string>;
  createdBy: string;
}

/** What is left out stays. */
export interface RunChanges {
  status?: RunStatus;
  /** Milliseconds since 1970. */
  endedAt?: number;
  name?: string;
}

/** A point that was also measured on a logged model, on a dataset or on none. */
export interface LoggedPoint extends MetricPoint {
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
}

/** What a program logs to a run at once. */
export interface LogEntries {
  metrics?: readonly LoggedPoint[];
  params?: readonly Pair[];
  tags?: readonly Pair[];
}

export interface Pair {
  key: string;
  value: string;
}

/** The `runs` table, and what belongs to a run. */
export class RunStore {
  readonly #knex: Knex;
  readonly #places = new Bounded<RunPlace>({ most: MOST_PLACES });

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Where a run is, most often without asking the database: programs that train write to the same run many times.
   *
   * @throws NotFoundError when there is no such run
   */
  async findPlace(runId: string, tx: Knex = this.#knex): Promise<RunPlace> {
    const [place] = await this.findPlaces([runId], tx);
    if (!place) throw unknownRun(runId);
    return place;
  }

  /** In the order of the ids; undefined where there is no such run. */
  async findPlaces(
    runIds: readonly string[],
    tx: Knex = this.#knex,
  ): Promise<(RunPlace | undefined)[]> {
    const missing = runIds.filter(id => !this.#places.get(id));
    const found = new Map<string, RunPlace>();
    if (missing.length > 0) {
      const { rows } = await tx.raw<{
        rows: (RunPlace & { run_id: string })[];
      }>(
        `select run_id, id as number, experiment from runs where run_id = any(?)`,
        [missing],
      );
      for (const { run_id, ...place } of rows) {
        found.set(run_id, place);
        this.#places.set(run_id, place);
      }
    }
    return runIds.map(id => found.get(id) ?? this.#places.get(id));
  }

  /**
   * Runs with all that belongs to them, in one round trip.
   *
   * @param numbers - values of `runs.id`; the answer has their order, without those that are not there
   */
  async getMany(numbers: readonly (string | number)[]): Promise<Run[]> {
    if (numbers.length === 0) return [];
    const { rows } = await this.#knex.raw<{ rows: RunRow[] }>(
      `select ${RUN_COLUMNS}
       from unnest(?::bigint[]) with ordinality as wanted (id, place)
       join runs r on r.id = wanted.id
       join experiments e on e.id = r.experiment
       order by wanted.place`,
      [numbers.map(String)],
    );
    return rows.map(toRun);
  }

  /** @throws NotFoundError when there is no such run */
  async get(runId: string, tx: Knex = this.#knex): Promise<Run> {
    const { rows } = await tx.raw<{ rows: RunRow[] }>(
      `select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment
       where r.run_id = ?`,
      [runId],
    );
    if (rows.length === 0) throw unknownRun(runId);
    return toRun(rows[0]);
  }

  /**
   * In one round trip.
   *
   * @throws NotFoundError when there is no such experiment
   * @throws InputError when it is deleted
   */
  async insert(run: NewRun, tx: Knex = this.#knex): Promise<Run> {
    const { id, experiment, name, userId, startedAt, tags, createdBy } = run;
    const { status = 'RUNNING' } = run;
    const { rows } = await tx.raw<{ rows: InsertedRow[] }>(
      // The experiment is not deleted meanwhile.
      `with place as (select id, artifact_location, lifecycle from experiments where id = ?::bigint for share),
       made as (
         insert into runs (run_id, experiment, name, user_id, status, started_at, created_by)
         select ?, place.id, ?, ?, ?, ?::bigint, ? from place where lifecycle = 'active'
         returning id, created_at),
       tagged as (
         insert into run_tags (run, key, value)
         select made.id, key, value from made, unnest(?::text[], ?::text[]) as tag (key, value))
       select place.lifecycle, place.artifact_location, made.id, made.created_at
       from place left join made on true`,
      [
        experiment,
        id,
        name,
        userId,
        status,
        startedAt,
        createdBy,
        Object.keys(tags),
        Object.values(tags),
      ],
    );
    if (rows.length === 0) throw unknownExperiment(experiment);
    const [inserted] = rows;
    if (inserted.id === null) throw deletedExperiment(experiment);
    // Of a transaction nobody knows yet whether it stays.
    if (tx === this.#knex) {
      this.#places.set(id, { number: inserted.id, experiment });
    }
    const location = toArtifactLocation(inserted.artifact_location, experiment);
    return {
      id,
      experiment,
      name,
      userId,
      status,
      startedAt,
      lifecycle: 'active',
      createdAt: inserted.created_at.toISOString(),
      createdBy,
      artifactUri: `${location}/${id}/artifacts`,
      params: {},
      tags,
      metrics: [],
      inputs: [],
      inputModels: [],
      outputs: [],
    };
  }

  /**
   * In one round trip. A new name is also the tag `mlflow.runName`.
   *
   * @returns the run without what was logged to it
   * @throws NotFoundError when there is no such run
   * @throws InputError when it is deleted
   */
  async update(
    runId: string,
    changes: RunChanges,
    tx: Knex = this.#knex,
  ): Promise<Run> {
    const { status = null, endedAt = null, name = null } = changes;
    const { rows } = await tx.raw<{ rows: RunRow[] }>(
      `with changed as (
         update runs set status = coalesce(?, status), ended_at = coalesce(?::bigint, ended_at),
           name = coalesce(?, name), updated_at = clock_timestamp()
         where run_id = ? and lifecycle = 'active' returning *),
       tagged as (
         insert into run_tags (run, key, value)
         select id, ?, name from changed where ?::text is not null
         on conflict (run, key) do update set value = excluded.value)
       select changed.*, changed.id as number, e.artifact_location,
         null as params, null as tags, null as metrics, null as inputs, null as models
       from changed join experiments e on e.id = changed.experiment`,
      [status, endedAt, name, runId, RUN_NAME_TAG, name] as Knex.Value[],
    );
    if (rows.length === 0) {
      this.#places.delete(runId);
      await this.findPlace(runId, tx);
      throw deletedRun(runId);
    }
    return toRun(rows[0]);
  }

  /**
   * How the job that runs it is. Also written of a run that is deleted, since it may be restored.
   *
   * @param how.endedAt - undefined where it has not ended, or goes on again
   */
  async setStatus(
    tx: Knex.Transaction,
    runId: string,
    { status, endedAt }: { status: RunStatus; endedAt?: number },
  ): Promise<void> {
    await tx('runs')
      .where({ run_id: runId })
      .update({
        status,
        ended_at: endedAt ?? null,
        updated_at: tx.raw('clock_timestamp()'),
      });
  }

  /** Whether it has failed already; so it stays until the transaction ends. Also false where there is no such run. */
  async lockHasFailed(tx: Knex.Transaction, runId: string): Promise<boolean> {
    const run = await tx('runs')
      .where({ run_id: runId })
      .forNoKeyUpdate()
      .first('status');
    return run?.status === 'FAILED';
  }

  /**
   * Writes all of it or nothing, in one round trip. Of a metric, a param or a tag that is given twice: a point that
   * is there already stays, a param keeps its first value, a tag gets the last one.
   *
   * @param options.isBatch - how the message about a param that has another value is worded
   * @throws NotFoundError when there is no such run, or no such logged model
   * @throws InputError when the run is deleted, or a param has another value
   */
  async log(
    runId: string,
    { metrics = [], params = [], tags = [] }: LogEntries,
    { isBatch = true, tx = this.#knex }: { isBatch?: boolean; tx?: Knex } = {},
  ): Promise<void> {
    const models = metrics.some(({ modelId }) => modelId) ? metrics : [];
    try {
      await tx.raw(
        `select log_to_run(?,
           ?::text[], ?::bigint[], ?::bigint[], ?::double precision[],
           ?::text[], ?::text[], ?::text[],
           ?::text[], ?::text[], ?::text[], ?::text[])`,
        [
          runId,
          metrics.map(({ key }) => key),
          metrics.map(({ step }) => String(step)),
          metrics.map(({ at }) => String(at)),
          metrics.map(({ value }) => String(value)),
          models.map(({ modelId = '' }) => modelId),
          models.map(({ datasetName = '' }) => datasetName),
          models.map(({ datasetDigest = '' }) => datasetDigest),
          params.map(({ key }) => key),
          params.map(({ value }) => value),
          tags.map(({ key }) => key),
          tags.map(({ value }) => value),
        ],
      );
    } catch (error) {
      this.#places.delete(runId);
      throw explainLogFailure(error, { runId, isBatch });
    }
  }

  /**
   * Adds to what old clients say of the models that a run made.
   *
   * @throws NotFoundError when there is no such run
   * @throws InputError when it is deleted, or the tag with the history was written by somebody else
   */
  async addToModelHistory(runId: string, model: object): Promise<void> {
    try {
      const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
        `insert into run_tags as old (run, key, value)
         select id, ?, jsonb_build_array(?::jsonb)::text from runs where run_id = ? and lifecycle = 'active'
         on conflict (run, key) do update set value = (old.value::jsonb || excluded.value::jsonb)::text`,
        [MODEL_HISTORY_TAG, JSON.stringify(model), runId],
      );
      if (rowCount > 0) return;
    } catch (error) {
      if ((error as { code?: string }).code !== '22P02') throw error;
      throw new InputError(
        `The tag '${MODEL_HISTORY_TAG}' of run ${runId} is not the JSON that clients write there: delete it first`,
      );
    }
    this.#places.delete(runId);
    await this.findPlace(runId);
    throw deletedRun(runId);
  }

  /** @returns false when there is no such tag */
  async deleteTag(runId: string, key: string): Promise<boolean> {
    const { rows } = await this.#knex.raw<{
      rows: { lifecycle: Lifecycle; deleted: boolean }[];
    }>(
      `with the_run as (select id, lifecycle from runs where run_id = ?),
       gone as (
         delete from run_tags using the_run
         where run = the_run.id and key = ? and the_run.lifecycle = 'active' returning key)
       select lifecycle, exists (select from gone) as deleted from the_run`,
      [runId, key],
    );
    if (rows.length === 0) throw unknownRun(runId);
    if (rows[0].lifecycle !== 'active') throw deletedRun(runId);
    return rows[0].deleted;
  }

  /** @returns false when it is so already */
  async setLifecycle(
    tx: Knex.Transaction,
    runId: string,
    lifecycle: Lifecycle,
  ): Promise<boolean> {
    const changed = await tx('runs')
      .where({ run_id: runId })
      .whereNot({ lifecycle })
      .update({
        lifecycle,
        deleted_at:
          lifecycle === 'deleted' ? tx.raw('clock_timestamp()') : null,
        updated_at: tx.raw('clock_timestamp()'),
      });
    return changed > 0;
  }
}

interface InsertedRow {
  lifecycle: Lifecycle;
  artifact_location: string | null;
  /** Null where the experiment is deleted. */
  id: string | null;
  created_at: Date;
}
