import type {
  Experiment,
  Lifecycle,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { toArtifactLocation } from '../runs/selectRuns';

/** Of experiments `e`, all that an {@link Experiment} is made from. */
const COLUMNS = `
  e.*,
  (select json_object_agg(key, value order by key) from experiment_tags where experiment = e.id) as tags`;

interface ExperimentRow {
  id: string;
  name: string;
  owner: string;
  artifact_location: string | null;
  lifecycle: Lifecycle;
  created_at: Date;
  created_by: string;
  updated_at: Date;
  tags: Record<string, string> | null;
}

/** The `experiments` table, and the tags of experiments. */
export class ExperimentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Experiments with their tags, in one round trip, in the order of the ids; undefined where there is
   * none, also where an id is no number.
   */
  async getMany(
    ids: readonly string[],
    tx: Knex = this.#knex,
  ): Promise<(Experiment | undefined)[]> {
    const numbers = [...new Set(ids.filter(isExperimentId))];
    if (numbers.length === 0) return ids.map(() => undefined);
    const { rows } = await tx.raw<{ rows: ExperimentRow[] }>(
      `select ${COLUMNS} from experiments e where e.id = any(?::bigint[])`,
      [numbers],
    );
    const found = new Map(rows.map(row => [row.id, toExperiment(row)]));
    return ids.map(id => found.get(id));
  }
}

/** Whether it is a number that an experiment can have. */
export function isExperimentId(id: string): boolean {
  return /^(?:0|[1-9]\d{0,17})$/.test(id);
}

function toExperiment(row: ExperimentRow): Experiment {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner,
    artifactLocation: toArtifactLocation(row.artifact_location, row.id),
    lifecycle: row.lifecycle,
    tags: row.tags ?? {},
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    updatedAt: row.updated_at.toISOString(),
  };
}
