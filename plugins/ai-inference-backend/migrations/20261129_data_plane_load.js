// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .jsonb('load')
      .nullable()
      .comment(
        'How busy it was between its last two reports; null where it does not tell',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('load');
  });
};
