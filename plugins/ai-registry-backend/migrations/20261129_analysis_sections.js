// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .jsonb('analysis')
      .nullable()
      .comment(
        'spec.analysis of the manifest: how versions are compared; null where there is none',
      );
    table
      .jsonb('outcomes')
      .nullable()
      .comment(
        'spec.outcomes of the manifest: which requests can be given an outcome; null for none',
      );
    table
      .boolean('recent_rows')
      .notNullable()
      .defaultTo(false)
      .comment('Whether spec.recentRows of the manifest says on');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumns('analysis', 'outcomes', 'recent_rows');
  });
};
