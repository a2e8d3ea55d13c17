// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('versions', table => {
    table
      .text('reference_digest')
      .nullable()
      .index()
      .comment(
        'Artifact with some of the reference rows, as JSON; null where none were given or kept',
      );
    table
      .integer('reference_rows')
      .nullable()
      .comment('How many rows that artifact has');
    table
      .bigInteger('reference_bytes')
      .nullable()
      .comment('Size of that artifact');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('versions', table => {
    table.dropColumns('reference_digest', 'reference_rows', 'reference_bytes');
  });
};
