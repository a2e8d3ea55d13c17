// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .jsonb('automated_promotion')
      .nullable()
      .comment(
        'spec.automatedPromotion of the manifest: what happens to new versions; null where it does not say',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumns('automated_promotion');
  });
};
