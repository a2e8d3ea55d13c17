// @ts-check

/**
 * What is known of the connections that environments configure. Their settings and secrets are
 * not kept here.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('connections', table => {
    table.comment(
      'Checks of the connections of environments: how often one was asked for, and what the last one said',
    );
    table.text('environment').notNullable().comment('Name of the environment');
    table.text('name').notNullable().comment('Logical name of the connection');
    table
      .integer('check_attempts')
      .notNullable()
      .defaultTo(0)
      .comment('Counts the times that a check was asked for');
    table
      .timestamp('check_asked_at', { useTz: true })
      .nullable()
      .comment('When a check was last asked for; null: never');
    table
      .integer('told_attempt')
      .nullable()
      .comment('check_attempts as the last check knew it; null: none was told');
    table
      .text('state')
      .nullable()
      .comment(
        'How the last check ended: answers or fails; null: none was told',
      );
    table
      .jsonb('models')
      .nullable()
      .comment(
        'Models that the provider offers, as it names them; null unless it answers',
      );
    table
      .text('error')
      .nullable()
      .comment('Why the last check failed; null unless it did');
    table
      .timestamp('checked_at', { useTz: true })
      .nullable()
      .comment('When the last check ended; null: none was told');
    table.primary(['environment', 'name']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('connections');
};
