// @ts-check

/**
 * Some of the last rows of models whose manifest asks for it: for explanations and replays.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('recent_rows', table => {
    table.comment('Some of the last rows of models that ask for it, for a day');
    table.bigIncrements('id').comment('In the order of arrival');
    table.text('environment').notNullable().comment('Where it was asked');
    table.text('model').notNullable().comment('Name of the model');
    table.integer('version').notNullable().comment('That answered');
    table
      .timestamp('at', { useTz: true })
      .notNullable()
      .comment('When it was asked');
    table
      .json('row')
      .notNullable()
      .comment('Values of the features and the prediction; only read whole');
    table.index(['environment', 'model', 'id']);
    table.index(['at']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('recent_rows');
};
