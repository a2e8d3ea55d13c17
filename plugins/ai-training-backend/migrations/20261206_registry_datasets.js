// @ts-check

/**
 * Runs are found by the datasets of the registry that they say they read.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    alter table inputs add column registry_dataset text generated always as (
      substring(source from '/ai-registry/datasets/([a-z0-9-]{1,63}/versions/[0-9]{1,9})([^0-9]|$)')
    ) stored;
    comment on column inputs.registry_dataset is 'Dataset and version where the source is an address of a registry, as <name>/versions/<number>; null: it is none';
    create index inputs_registry_dataset_idx on inputs (registry_dataset) where registry_dataset is not null;
    create index inputs_digest_idx on inputs (digest);
    create index run_inputs_registry_digest_idx on run_inputs ((tags->>'greenroom.dataset.digest'))
      where (tags->>'greenroom.dataset.digest') is not null;
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    drop index run_inputs_registry_digest_idx;
    drop index inputs_digest_idx;
    alter table inputs drop column registry_dataset;
  `);
};
