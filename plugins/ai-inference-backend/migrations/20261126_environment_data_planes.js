// @ts-check

/**
 * The control plane runs data planes of some environments itself, while they are needed.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .timestamp('last_request_at', { useTz: true })
      .nullable()
      .comment(
        'When somebody with a key asked it last, as it says; null: nobody has, or it does not tell',
      );
  });
  await knex.schema.createTable('environment_data_planes', table => {
    table.comment(
      'The data plane that the control plane runs for an environment: what was asked, and who runs it',
    );
    table.text('environment').primary().comment('Name of the environment');
    table
      .timestamp('demanded_at', { useTz: true })
      .nullable()
      .comment('When somebody last needed that it runs; null: nobody has');
    table
      .timestamp('stop_asked_at', { useTz: true })
      .nullable()
      .comment('When somebody last asked that it stops; null: nobody has');
    table
      .uuid('holder')
      .nullable()
      .comment('Control plane process that runs it; null: none does');
    table
      .timestamp('held_until', { useTz: true })
      .nullable()
      .comment(
        'From when on another process may take over, by the clock of the database; null: nobody holds it',
      );
    table
      .jsonb('state')
      .notNullable()
      .comment('How it is, as its holder last said; the form is DataPlaneRun');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('environment_data_planes');
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('last_request_at');
  });
};
