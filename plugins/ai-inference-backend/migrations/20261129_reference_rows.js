// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('served_versions', table => {
    table
      .jsonb('reference')
      .nullable()
      .comment(
        'Digest, rows and size of the artifact with reference rows; null where there are none',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('served_versions', table => {
    table.dropColumn('reference');
  });
};
