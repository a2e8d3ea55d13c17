// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .jsonb('placement')
      .comment(
        'Where data planes run its ONNX versions, as the manifest says; null: by what they measure',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumn('placement');
  });
};
