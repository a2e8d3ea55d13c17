// @ts-check

/**
 * A data plane that is stopped says so, and is not counted on from then on.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .timestamp('stopped_at', { useTz: true })
      .nullable()
      .comment('When it said that it stops; null: it has not said so');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('stopped_at');
  });
};
