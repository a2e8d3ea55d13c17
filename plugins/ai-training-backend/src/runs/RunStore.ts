import type { Run } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { RUN_COLUMNS, type RunRow, toRun } from './selectRuns';

/** The `runs` table, and what belongs to a run. */
export class RunStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
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
}
