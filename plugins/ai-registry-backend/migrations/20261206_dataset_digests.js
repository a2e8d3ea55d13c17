// @ts-check

/**
 * Versions of datasets are found by the first digits of a digest, which is what fits into MLflow's field.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    create index dataset_versions_digest_begins_idx on dataset_versions (digest text_pattern_ops);
    create index dataset_versions_file_digest_begins_idx on dataset_versions (file_digest text_pattern_ops);
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    drop index dataset_versions_digest_begins_idx;
    drop index dataset_versions_file_digest_begins_idx;
  `);
};
