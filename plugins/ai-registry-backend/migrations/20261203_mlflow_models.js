// @ts-check

/**
 * Models and versions may come from clients of MLflow: a model has the name that they know it by, a version
 * may be a folder of MLflow, and both can be deleted in a way that can be taken back.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    alter table models
      add column external_name text collate "C",
      add column deleted_at timestamptz(3),
      add column deleted_by text;
    update models set external_name = name;
    alter table models alter column external_name set not null;
    create unique index models_external_name_idx on models (external_name) where deleted_at is null;
    create index models_by_creation on models (created_at, external_name);
    create index models_by_change on models (updated_at, external_name);
    comment on column models.external_name is 'What clients of MLflow call it; taken by one that is not deleted';
    comment on column models.deleted_at is 'When it was deleted; null: it was not';
    comment on column models.deleted_by is 'Entity ref of who deleted it';
    comment on column models.task is 'classification, regression, a pipeline tag of Hugging Face, or other';

    alter table versions
      add column mlflow jsonb,
      add column pickles text[],
      add column stage text check (stage in ('Staging', 'Production', 'Archived')),
      add column updated_at timestamptz(3),
      add column deleted_at timestamptz(3),
      add column deleted_by text;
    update versions set updated_at = created_at;
    alter table versions
      alter column updated_at set not null,
      alter column updated_at set default clock_timestamp(),
      drop constraint versions_external_check,
      add constraint versions_external_check check (
        case format
          when 'external' then external is not null
          when 'mlflow' then mlflow is not null
          else signature is not null
        end
      );
    create index versions_tags_idx on versions using gin (tags);
    create index versions_run_idx on versions (left(source->>'run', 250));
    create index versions_source_uri_idx on versions (left(source->>'uri', 250));
    create index versions_by_change on versions (updated_at, model, version);
    create index versions_by_creation on versions (created_at, model, version);
    create index versions_latest_idx on versions (model, coalesce(stage, 'None'), version)
      where deleted_at is null;
    create index versions_deleted_idx on versions (model, version) where deleted_at is not null;
    comment on column versions.format is 'What the files are together: onnx, external or mlflow';
    comment on column versions.signature is 'Inputs and outputs as the files declare them; null for an external model, and where MLmodel has none';
    comment on column versions.source is 'Repository, commit and path; run, its page, the URI and the logged model as clients of MLflow say';
    comment on column versions.mlflow is 'What MLmodel says: flavors, version of MLflow, run; null where there is none';
    comment on column versions.pickles is 'Paths of files that run code when they are loaded; null: none was found, or looked for';
    comment on column versions.stage is 'Label of clients that know the stages of MLflow; null: none';
    comment on column versions.updated_at is 'When what is said of it last changed';
    comment on column versions.deleted_at is 'When it was deleted; null: it was not';
    comment on column versions.deleted_by is 'Entity ref of who deleted it';
  `);
};

/**
 * What was deleted is there again.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const folder = await knex('versions').where({ format: 'mlflow' }).first();
  if (folder) {
    throw new Error(
      'There are versions that are folders of MLflow, which the earlier tables cannot hold: take them out first',
    );
  }
  await knex.raw(`
    drop index versions_by_change;
    drop index versions_by_creation;
    alter table versions
      drop constraint versions_external_check,
      add constraint versions_external_check
        check (case when format = 'external' then external is not null else signature is not null end),
      drop column mlflow,
      drop column pickles,
      drop column stage,
      drop column updated_at,
      drop column deleted_at,
      drop column deleted_by;
    drop index versions_tags_idx;
    drop index versions_run_idx;
    drop index versions_source_uri_idx;
    drop index models_by_creation;
    drop index models_by_change;
    alter table models
      drop column external_name,
      drop column deleted_at,
      drop column deleted_by;
  `);
};
