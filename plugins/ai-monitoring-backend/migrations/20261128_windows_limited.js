// @ts-check

/**
 * Requests that were refused for a limit of their caller's key: they say nothing about the model.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('windows', table => {
    table
      .bigInteger('limited')
      .notNullable()
      .defaultTo(0)
      .comment(
        "Of the requests, those that were refused for a limit of their caller's key: neither errors nor latencies have them",
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('windows', table => {
    table.dropColumn('limited');
  });
};
