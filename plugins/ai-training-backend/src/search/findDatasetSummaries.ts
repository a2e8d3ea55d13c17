import type { Knex } from 'knex';
import { findExperiments, type Visible } from './scope';
import { sql } from './sql';

/** A dataset that runs of an experiment read, and what for; each once. */
export interface DatasetSummary {
  experimentId: string;
  name: string;
  digest: string;
  /** Such as `training`; undefined where no run says. */
  context?: string;
}

const MOST_SUMMARIES = 1_000;

/**
 * The first thousand datasets of some experiments, by name.
 *
 * @throws NotAllowedError when an experiment that is named may not be read
 */
export async function findDatasetSummaries(
  knex: Knex,
  query: { experimentIds: readonly string[]; visible?: Visible },
): Promise<DatasetSummary[]> {
  const experiments = await findExperiments(
    knex,
    query.experimentIds,
    query.visible,
  );
  const { rows } =
    await sql`select distinct i.experiment::text as "experimentId",
      i.name, i.digest, u.tags ->> 'mlflow.data.context' as context
    from inputs i join run_inputs u on u.input = i.id
    where i.experiment = any(${experiments}::bigint[])
    order by i.name, i.digest, context, "experimentId"
    limit ${MOST_SUMMARIES}`.toRaw(knex);
  return (rows as (DatasetSummary & { context: string | null })[]).map(
    ({ context, ...summary }) => ({
      ...summary,
      ...(context !== null && { context }),
    }),
  );
}
