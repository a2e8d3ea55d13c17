// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('served_versions', table => {
    table
      .integer('files')
      .comment('Number of files of the bundle; null for a single file');
  });
  await knex.raw(
    `comment on column served_versions.digest is 'Content address of the single file, or of the list of files: sha256:<64 hex digits>'`,
  );
  await knex.raw(
    `comment on column served_versions.size_bytes is 'Size of all files together in bytes'`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('served_versions', table => {
    table.dropColumn('files');
  });
};
