// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('local_change_requests', table => {
    table
      .jsonb('checks')
      .notNullable()
      .defaultTo('[]')
      .comment(
        'How the checks of one revision stand: name, title, state, summary, remarks on lines',
      );
    table
      .jsonb('deployments')
      .notNullable()
      .defaultTo('[]')
      .comment(
        'How far the change is in each environment, and when that was told',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('local_change_requests', table => {
    table.dropColumns('checks', 'deployments');
  });
};
