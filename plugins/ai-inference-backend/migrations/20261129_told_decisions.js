// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('deployments', table => {
    table
      .text('told_decision')
      .nullable()
      .comment(
        'Which decision about a rollout the owners were told last: id of the rollout, what was decided, when; null before the first',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('deployments', table => {
    table.dropColumn('told_decision');
  });
};
