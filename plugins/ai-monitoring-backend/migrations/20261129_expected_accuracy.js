// @ts-check

/**
 * How probable versions said that their own answers were: what they are expected to be right in,
 * while nobody has said yet what came of it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('prediction_days', table => {
    table.comment(
      'Sums over the requests of a day that can be given an outcome',
    );
    table.text('environment').notNullable().comment('Where they were asked');
    table.text('model').notNullable().comment('Name of the model');
    table.date('day').notNullable().comment('Of the requests (UTC)');
    table.integer('version').notNullable().comment('That answered');
    table.bigInteger('kept').notNullable().comment('Requests that were kept');
    table
      .bigInteger('confident')
      .notNullable()
      .comment('Those of them that told how probable the predicted class is');
    table
      .double('confidence')
      .notNullable()
      .comment('Sum of these probabilities, each 0 to 1');
    table.primary(['environment', 'model', 'day', 'version']);
    table.index(['day']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('prediction_days');
};
