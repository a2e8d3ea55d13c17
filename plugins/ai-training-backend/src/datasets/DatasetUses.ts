import {
  DATASET_DIGEST_TAG,
  type DatasetRun,
  type DatasetUseQuery,
  type RegistryInput,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { RunStore } from '../runs/RunStore';
import { visibleSql } from '../search/scope';
import { sql } from '../search/sql';
import {
  addressesOf,
  readReference,
  type SaidOfInput,
  shortDigestOf,
} from './readReference';

/** Most runs of an answer; the newest. */
export const MAX_DATASET_RUNS = 100;

interface UseRow {
  run_id: string;
  name: string;
  status: DatasetRun['status'];
  experiment: string;
  experiment_name: string;
  started_at: string | null;
  context: string | null;
  by: DatasetRun['by'];
}

/** Which runs read which datasets of the registry, as the runs say. Asks what the caller may read. */
export class DatasetUses {
  readonly #knex: Knex;
  readonly #guard: Pick<ExperimentGuard, 'visible' | 'requireRead'>;
  readonly #runs: Pick<RunStore, 'findPlace'>;
  readonly #registryUrls: readonly string[];

  constructor(options: {
    knex: Knex;
    guard: Pick<ExperimentGuard, 'visible' | 'requireRead'>;
    runs: Pick<RunStore, 'findPlace'>;
    /** Where people and programs find the registry. */
    registryUrls: readonly string[];
  }) {
    this.#knex = options.knex;
    this.#guard = options.guard;
    this.#runs = options.runs;
    this.#registryUrls = options.registryUrls;
  }

  /** Runs that are not deleted, the newest first, each once by the surest of its words. */
  async listRuns(
    query: DatasetUseQuery,
    options: CallOptions,
  ): Promise<{ items: DatasetRun[]; isCut: boolean }> {
    const visible = await this.#guard.visible(options);
    const path = `${query.dataset}/versions/${query.version}`;
    const { rows } = await this.#knex.raw<{ rows: UseRow[] }>(
      ...toRaw(sql`
        with said as (
          select run, tags, 'tag' as by, 1 as rank from run_inputs
          where tags->>'greenroom.dataset.digest' = any(${query.digests})
          union all
          select used.run, used.tags, 'digest', 2 from inputs join run_inputs as used on used.input = inputs.id
          where inputs.digest = any(${query.digests.map(shortDigestOf)})
          union all
          select used.run, used.tags, 'source', 3 from inputs join run_inputs as used on used.input = inputs.id
          where inputs.registry_dataset = ${path}
            and exists (
              select 1 from unnest(${addressesOf(
                path,
                this.#registryUrls,
              )}::text[]) as address
              where position(address in inputs.source) > 0
            )
        ),
        surest as (select distinct on (run) * from said order by run, rank)
        select r.run_id, r.name, r.status, r.experiment::text, e.name as experiment_name, r.started_at,
          surest.tags->>'mlflow.data.context' as context, surest.by
        from surest
        join runs as r on r.id = surest.run
        join experiments as e on e.id = r.experiment
        where r.lifecycle = 'active' and e.lifecycle = 'active'
          and ${visible === undefined ? sql`true` : visibleSql(visible)}
        order by r.id desc
        limit ${MAX_DATASET_RUNS + 1}`),
    );
    return {
      items: rows.slice(0, MAX_DATASET_RUNS).map(toUse),
      isCut: rows.length > MAX_DATASET_RUNS,
    };
  }

  /** The inputs of a run that are of the registry. Throws a NotFoundError when there is no such run. */
  async listInputs(
    runId: string,
    options: CallOptions,
  ): Promise<RegistryInput[]> {
    const { experiment } = await this.#runs.findPlace(runId);
    await this.#guard.requireRead([experiment], options);
    const rows: (SaidOfInput & { name: string })[] = await this.#knex(
      'run_inputs',
    )
      .join('runs', 'runs.id', 'run_inputs.run')
      .join('inputs', 'inputs.id', 'run_inputs.input')
      .where('runs.run_id', runId)
      .where(which =>
        which
          .whereNotNull('inputs.registry_dataset')
          .orWhereRaw('length(inputs.digest) = 32')
          .orWhereRaw('(run_inputs.tags->>?) is not null', [
            DATASET_DIGEST_TAG,
          ]),
      )
      .orderBy('inputs.id')
      .select(
        'inputs.name',
        'inputs.digest',
        'inputs.source',
        'run_inputs.tags',
        'inputs.registry_dataset as registryDataset',
      );
    return rows.flatMap(({ name, ...said }) => {
      const reference = readReference(said, this.#registryUrls);
      return reference ? [{ name, digest: said.digest, reference }] : [];
    });
  }
}

function toRaw({ text, values }: ReturnType<typeof sql>) {
  return [text, [...values] as Knex.RawBinding[]] as const;
}

function toUse(row: UseRow): DatasetRun {
  return {
    run: row.run_id,
    name: row.name,
    status: row.status,
    experiment: row.experiment,
    experimentName: row.experiment_name,
    ...(row.started_at !== null && { startedAt: Number(row.started_at) }),
    ...(row.context !== null && { context: row.context }),
    by: row.by,
  };
}
