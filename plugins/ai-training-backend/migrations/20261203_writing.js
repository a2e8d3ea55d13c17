// @ts-check

/**
 * How programs that train write: whatever they log at once, in one round trip and one transaction.
 *
 * Rows are written in the order of their keys, so that two processes of one run that log at the same time wait
 * for each other, and never each for the other.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    create function log_to_run(
      in_run text,
      metric_keys text[], metric_steps bigint[], metric_times bigint[], metric_values double precision[],
      metric_models text[], metric_datasets text[], metric_digests text[],
      param_keys text[], param_values text[],
      tag_keys text[], tag_values text[]
    ) returns void language plpgsql as $$
    declare
      the_run bigint;
      its_lifecycle text;
      others jsonb;
      absent text;
    begin
      select id, lifecycle into the_run, its_lifecycle from runs where run_id = in_run;
      if not found then
        raise exception 'no such run' using errcode = 'GR001';
      end if;
      if its_lifecycle <> 'active' then
        raise exception 'the run is deleted' using errcode = 'GR002';
      end if;

      if cardinality(param_keys) > 0 then
        insert into run_params (run, key, value)
          select the_run, given.key, given.value
          from unnest(param_keys, param_values) as given (key, value)
          order by given.key collate "C"
          on conflict (run, key) do nothing;
        select jsonb_agg(jsonb_build_object('key', key, 'old', p.value, 'new', given.value) order by place)
          into others
          from unnest(param_keys, param_values) with ordinality as given (key, value, place)
          join run_params p using (key)
          where p.run = the_run and p.value <> given.value;
        if others is not null then
          raise exception 'a param has another value' using errcode = 'GR003', detail = others::text;
        end if;
      end if;

      if cardinality(metric_keys) > 0 then
        insert into metric_points (run, key, step, at, value)
          select the_run, given.key, given.step, given.at, given.value
          from unnest(metric_keys, metric_steps, metric_times, metric_values) as given (key, step, at, value)
          order by given.key collate "C", given.step, given.at, given.value
          on conflict do nothing;
        insert into latest_metrics as latest (run, key, step, at, value)
          select distinct on (key) the_run, key, step, at, value
          from (select given.key collate "C" as key, given.step, given.at, given.value
                from unnest(metric_keys, metric_steps, metric_times, metric_values)
                  as given (key, step, at, value)) as given
          order by key, step desc, at desc, value <> 'NaN' desc, value desc
          on conflict (run, key) do update set step = excluded.step, at = excluded.at, value = excluded.value
            where (excluded.step, excluded.at, excluded.value <> 'NaN', excluded.value)
                > (latest.step, latest.at, latest.value <> 'NaN', latest.value);
      end if;

      if cardinality(metric_models) > 0 then
        select given.id into absent from unnest(metric_models) as given (id)
          where given.id <> '' and not exists (
            select from logged_models m where m.model_id = given.id and m.lifecycle = 'active')
          limit 1;
        if absent is not null then
          raise exception 'no such model' using errcode = 'GR004', detail = absent;
        end if;
        insert into logged_model_metrics as latest
            (model_id, run, key, dataset_name, dataset_digest, step, at, value)
          select distinct on (model_id, key, dataset_name, dataset_digest)
            model_id, the_run, key, dataset_name, dataset_digest, step, at, value
          from (select given.model_id collate "C" as model_id, given.key collate "C" as key,
                  given.dataset_name, given.dataset_digest, given.step, given.at, given.value
                from unnest(metric_models, metric_keys, metric_datasets, metric_digests,
                            metric_steps, metric_times, metric_values)
                  as given (model_id, key, dataset_name, dataset_digest, step, at, value)
                where given.model_id <> '') as given
          order by model_id, key, dataset_name, dataset_digest, step desc, at desc, value <> 'NaN' desc, value desc
          on conflict (model_id, key, dataset_name, dataset_digest, run)
            do update set step = excluded.step, at = excluded.at, value = excluded.value
            where (excluded.step, excluded.at, excluded.value <> 'NaN', excluded.value)
                > (latest.step, latest.at, latest.value <> 'NaN', latest.value);
      end if;

      if cardinality(tag_keys) > 0 then
        insert into run_tags as old (run, key, value)
          select distinct on (key) the_run, key, value
          from (select given.key collate "C" as key, given.value, given.place
                from unnest(tag_keys, tag_values) with ordinality as given (key, value, place)) as given
          order by key, place desc
          on conflict (run, key) do update set value = excluded.value where old.value <> excluded.value;
        update runs set name = named.value, updated_at = clock_timestamp()
          from run_tags named
          where id = the_run and 'mlflow.runName' = any(tag_keys)
            and named.run = the_run and named.key = 'mlflow.runName' and named.value <> name;
      end if;
    end $$;
    comment on function log_to_run is 'Writes what a program logs to a run at once: all of it, or nothing. Fails with GR001 (no such run), GR002 (it is deleted), GR003 (a param has another value) or GR004 (no such logged model)'
  `);
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop function log_to_run');
};
