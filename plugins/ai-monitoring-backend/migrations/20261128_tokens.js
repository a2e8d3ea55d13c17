// @ts-check

/**
 * Tokens of language models, beside the rows of all others.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('windows', table => {
    table
      .bigInteger('input_tokens')
      .notNullable()
      .defaultTo(0)
      .comment('Tokens of the requests to a language model; 0 for others');
    table
      .bigInteger('output_tokens')
      .notNullable()
      .defaultTo(0)
      .comment('Tokens of the answers of a language model; 0 for others');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('windows', table => {
    table.dropColumn('input_tokens');
    table.dropColumn('output_tokens');
  });
};
