// @ts-check

/**
 * Requests that a language model answered in the place of another one.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('windows', table => {
    table
      .bigInteger('fallbacks')
      .notNullable()
      .defaultTo(0)
      .comment(
        'Of the requests, those that were for another model, which could not answer',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('windows', table => {
    table.dropColumn('fallbacks');
  });
};
