// @ts-check

/**
 * What came of the last minute under keys with limits of requests, to be shown.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('request_use', table => {
    table.comment(
      'What came of 60 seconds under keys with limits of requests, by environment and process of a data plane: the last that it told',
    );
    table
      .uuid('key_id')
      .notNullable()
      .references('id')
      .inTable('api_keys')
      .onDelete('CASCADE')
      .comment('The key');
    table.text('environment').notNullable().comment('Name of the environment');
    table
      .text('producer')
      .notNullable()
      .comment('Process of a data plane, as it names itself');
    table.bigInteger('requests').notNullable().comment('Requests that came in');
    table.bigInteger('rows').notNullable().comment('Rows of tensors');
    table
      .bigInteger('refused')
      .notNullable()
      .comment('Requests that were refused for a limit');
    table
      .bigInteger('most_in_flight')
      .notNullable()
      .comment('Most requests that were being answered at a time');
    table
      .timestamp('told_at', { useTz: true })
      .notNullable()
      .index()
      .comment('When it was told');
    table.primary(['key_id', 'environment', 'producer']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('request_use');
};
