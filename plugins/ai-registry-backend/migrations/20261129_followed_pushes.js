// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .text('followed_commit')
      .nullable()
      .comment(
        'Commit of a push whose rollout was followed to its end; another one than commit has to be followed',
      );
    table
      .timestamp('looked_at', { useTz: true })
      .nullable()
      .comment('When the rollout of a push was looked at last');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumns('followed_commit', 'looked_at');
  });
};
