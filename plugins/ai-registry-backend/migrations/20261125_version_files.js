// @ts-check

/**
 * A version may be a bundle of files. Those that are there already are single files, and stay so.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('versions', table => {
    table
      .integer('files')
      .comment('Number of files of the bundle; null for a single file');
  });
  await knex.raw(
    `comment on column versions.format is 'What the files are together: onnx'`,
  );
  await knex.raw(
    `comment on column versions.digest is 'Content address of the single file, or of the list of files (bundle.json)'`,
  );
  await knex.raw(
    `comment on column versions.size_bytes is 'Size of all files together'`,
  );
  await knex.schema.createTable('version_files', table => {
    table.comment('Files of the versions that are bundles; never changed');
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('The version');
    table
      .specificType('path', 'text collate "C"')
      .notNullable()
      .comment('Path within the bundle, relative');
    table.text('digest').notNullable().comment('Content address of the file');
    table.bigInteger('size_bytes').notNullable().comment('Size of the file');
    table.primary(['model', 'version', 'path']);
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
    table.index(['digest'], 'version_files_digest_idx');
  });
};

/**
 * The lists of files stay in the artifact store.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('version_files');
  await knex.schema.alterTable('versions', table => {
    table.dropColumn('files');
  });
};
