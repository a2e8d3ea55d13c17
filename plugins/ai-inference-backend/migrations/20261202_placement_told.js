// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_plane_models', table => {
    table
      .text('placement')
      .nullable()
      .comment(
        'Where it runs: inline or worker; null where that is elsewhere, or not told',
      );
    table
      .boolean('in_memory')
      .nullable()
      .comment(
        'Whether a version on demand is in memory; null where it stays there, or not told',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_plane_models', table => {
    table.dropColumn('placement');
    table.dropColumn('in_memory');
  });
};
