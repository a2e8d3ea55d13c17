// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('version_evaluations', table => {
    table
      .jsonb('slices')
      .nullable()
      .comment(
        'Parts of the rows that are looked at apart, as a list of {name, rows}; null where there are none',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('version_evaluations', table => {
    table.dropColumns('slices');
  });
};
