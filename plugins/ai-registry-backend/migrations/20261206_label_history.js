// @ts-check

/** Columns that are kept as they were, of either table. */
const KEPT = {
  models: ['description', 'tags', 'deleted_at'],
  versions: ['description', 'tags', 'stage', 'deleted_at'],
};

/**
 * What is said of models and versions is kept as it was, so that it can be told as of any moment. The
 * database writes it, whichever code makes a change, also that of an older release which still runs while
 * this one starts. What was said before this migration is not known, and nothing is made up: what it finds
 * is marked as found.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    create table label_history (
      id bigint generated always as identity primary key,
      model text not null,
      version integer not null,
      field text not null,
      value jsonb not null,
      valid_from timestamptz(3) not null,
      found boolean not null
    );
    comment on table label_history is 'What was said of models and versions, and whether they were deleted: a row for each change of a field, append-only';
    comment on column label_history.id is 'Order of the changes';
    comment on column label_history.model is 'The model';
    comment on column label_history.version is 'The version; 0: what is said of the model itself';
    comment on column label_history.field is 'Column that was changed: description, tags, stage (of versions) or deleted_at';
    comment on column label_history.value is 'What it is from then on; null where the column has none';
    comment on column label_history.valid_from is 'When it took effect; it ends where the next change of the same field begins';
    comment on column label_history.found is 'Whether it was so already when keeping began; since when is not known then';
    create index label_history_moments_idx on label_history (model, version, field, valid_from, id);
    create index alias_changes_moments_idx on alias_changes (model, alias, valid_from, id);
    create trigger label_history_append_only before update or delete on label_history
      for each row execute function refuse_change();

    -- Finds its table also for who writes from another schema, such as a restore.
    create function keep_labels() returns trigger language plpgsql set search_path from current as $$
    declare
      before jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) end;
      after jsonb := to_jsonb(new);
      the_model text := coalesce(after->>'model', after->>'name');
      the_version integer := coalesce((after->>'version')::integer, 0);
      the_field text;
    begin
      foreach the_field in array tg_argv loop
        if before->the_field is distinct from after->the_field then
          insert into label_history (model, version, field, value, found, valid_from)
          select the_model, the_version, the_field, after->the_field, false, greatest(
            date_trunc('milliseconds', clock_timestamp()),
            -- A clock that is set back must not put a change before the one that it follows.
            (select max(valid_from) from label_history
             where model = the_model and version = the_version and field = the_field)
          );
        end if;
      end loop;
      return null;
    end $$;
  `);
  for (const [table, fields] of Object.entries(KEPT)) {
    await knex.raw(`
      create trigger ${table}_keep_labels after insert or update of ${fields.join()} on ${table}
        for each row execute function keep_labels(${fields.join()})
    `);
  }
  // The triggers hold all writers up until the commit, so that nothing is missed in between.
  await knex.raw(`
    insert into label_history (model, version, field, value, found, valid_from)
    select model, version, field, value, true, date_trunc('milliseconds', statement_timestamp())
    from (
      select name as model, 0 as version, jsonb_build_object(
        'description', description, 'tags', tags, 'deleted_at', deleted_at) as said
      from models
      union all
      select model, version, jsonb_build_object(
        'description', description, 'tags', tags, 'stage', stage, 'deleted_at', deleted_at)
      from versions
    ) as subjects
    cross join jsonb_each(said) as fields (field, value)
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of Object.keys(KEPT)) {
    await knex.raw(`drop trigger ${table}_keep_labels on ${table}`);
  }
  await knex.raw(`
    drop function keep_labels();
    drop index alias_changes_moments_idx;
    drop table label_history;
  `);
};
