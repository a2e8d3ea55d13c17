// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .jsonb('response_cache')
      .comment(
        'That data planes keep answers of its ONNX versions, as the manifest says; null: none are kept',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumn('response_cache');
  });
};
