import type { Knex } from 'knex';

/**
 * Fills an experiment with runs that have ten metrics, ten params and two tags each, and tells the
 * database what it has.
 *
 * @param experiment - number of an experiment that there is
 */
export async function generateRuns(
  knex: Knex,
  options: { experiment: number; count: number },
): Promise<void> {
  await knex.raw(
    `with made as (
       insert into runs (run_id, experiment, name, user_id, status, started_at, created_by)
       select md5(:experiment || '-' || n), :experiment, 'run-' || n, 'ada', 'FINISHED',
              1700000000000 + n * 1000, 'user:default/ada'
       from generate_series(1, :count) n
       returning id
     ), params as (
       insert into run_params (run, key, value)
       select id, 'param-' || k, (hashtext(id || '-' || k) % 1000)::text
       from made, generate_series(0, 9) k
     ), tags as (
       insert into run_tags (run, key, value)
       select id, 'tag-' || k, (hashtext(k || '-' || id) % 20)::text
       from made, generate_series(0, 1) k
     )
     insert into latest_metrics (run, key, step, at, value)
     select id, 'metric-' || k, 100, 1700000000000, hashtext(k || '/' || id) / 1e9
     from made, generate_series(0, 9) k`,
    options,
  );
  await knex.raw('analyze runs, run_params, run_tags, latest_metrics');
}
