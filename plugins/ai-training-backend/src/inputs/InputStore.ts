import type { InputDataset } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { unknownModel } from '../loggedModels/failures';
import { deletedRun, unknownRun } from '../runs/logFailures';

/** That a run read a dataset. */
export interface NewInput {
  dataset: InputDataset;
  tags: Record<string, string>;
}

const FOREIGN_KEY_VIOLATION = '23503';

/** What runs read and made: the tables `inputs`, `run_inputs` and `run_models`. */
export class InputStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * In one round trip. What a run says twice is there once, as it was said first.
   *
   * @param inputs - each dataset once
   * @throws NotFoundError when there is no such run, or no such logged model
   * @throws InputError when the run is deleted
   */
  async add(
    runId: string,
    {
      inputs = [],
      models = [],
    }: {
      inputs?: readonly NewInput[];
      models?: readonly {
        id: string;
        direction: 'input' | 'output';
        step: number;
      }[];
    },
    tx: Knex = this.#knex,
  ): Promise<void> {
    // In one order, so that two runs that say the same do not wait for each other in a circle.
    const sorted = [...inputs].sort((a, b) =>
      compare(keyOf(a.dataset), keyOf(b.dataset)),
    );
    // Knex's types know of no null in an array.
    const column = (read: (dataset: InputDataset) => string | undefined) =>
      sorted.map(({ dataset }) => read(dataset) ?? null) as string[];
    try {
      const { rows } = await tx.raw<{ rows: { lifecycle: string }[] }>(
        `with the_run as (select id, experiment, lifecycle from runs where run_id = ?),
         active as (select * from the_run where lifecycle = 'active'),
         given as (
           select * from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::jsonb[])
             with ordinality as given (name, digest, source_type, source, schema, profile, tags, place)),
         kept as (
           insert into inputs (experiment, name, digest, source_type, source, schema, profile)
           select active.experiment, name, digest, source_type, source, schema, profile
           from given, active order by place
           -- Changes nothing, and gives back the one that is there.
           on conflict (experiment, name, digest) do update set name = excluded.name
           returning id, name, digest),
         used as (
           insert into run_inputs (run, input, tags)
           select active.id, kept.id, given.tags from active, kept join given using (name, digest)
           on conflict (run, input) do nothing),
         related as (
           insert into run_models (run, model_id, direction, step)
           select active.id, model_id, direction, step
           from active, unnest(?::text[], ?::text[], ?::bigint[]) as model (model_id, direction, step)
           on conflict (run, model_id, direction) do nothing)
         select lifecycle from the_run`,
        [
          runId,
          column(({ name }) => name),
          column(({ digest }) => digest),
          column(({ sourceType }) => sourceType),
          column(({ source }) => source),
          column(({ schema }) => schema),
          column(({ profile }) => profile),
          sorted.map(({ tags }) => JSON.stringify(tags)),
          models.map(({ id }) => id),
          models.map(({ direction }) => direction),
          models.map(({ step }) => String(step)),
        ],
      );
      if (rows.length === 0) throw unknownRun(runId);
      if (rows[0].lifecycle !== 'active') throw deletedRun(runId);
    } catch (error) {
      if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) {
        throw error;
      }
      throw unknownModel(await this.#findUnknown(models.map(({ id }) => id)));
    }
  }

  async #findUnknown(ids: string[]): Promise<string> {
    const known: string[] = await this.#knex('logged_models')
      .whereRaw('model_id = any(?)', [ids])
      .pluck('model_id');
    return ids.find(id => !known.includes(id)) ?? ids.join(', ');
  }
}

export function keyOf({ name, digest }: InputDataset): string {
  return JSON.stringify([name, digest]);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
