// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .jsonb('brakes')
      .notNullable()
      .defaultTo('[]')
      .comment(
        'Versions that it has taken the traffic from by itself, with the numbers that it did so by',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('brakes');
  });
};
