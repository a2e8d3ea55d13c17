// @ts-check

/**
 * The last verdict on each model, so that a list of them costs a page of rows, and what their
 * owners were told, so that neither a restart nor a second control plane tells it again.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('verdicts', table => {
    table.comment('Last verdict on each model, and what its owners know of it');
    table.text('environment').notNullable().comment('Where it is served');
    table.text('model').notNullable().comment('Name of the model');
    table
      .text('status')
      .notNullable()
      .comment('alert, warning, partly-watched, healthy or no-data');
    table
      .smallint('severity')
      .notNullable()
      .comment('Place of the status in lists: 0 is the worst');
    table.json('health').notNullable().comment('The verdict; only read whole');
    table
      .timestamp('judged_at', { useTz: true })
      .notNullable()
      .comment('When it was judged');
    table
      .json('notice')
      .notNullable()
      .comment('What its owners were told, and what they may have to be told');
    table.primary(['environment', 'model']);
    table.index(['severity', 'model', 'environment']);
  });
  await knex.schema.createTable('judging_turns', table => {
    table.comment('Which control plane judges the models now: one row');
    table.smallint('id').primary().comment('Always 1');
    table
      .uuid('holder')
      .notNullable()
      .comment('Process that has the turn, or had the last one');
    table
      .timestamp('taken_until', { useTz: true })
      .notNullable()
      .comment('Until when nobody else takes the turn');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('judging_turns');
  await knex.schema.dropTable('verdicts');
};
