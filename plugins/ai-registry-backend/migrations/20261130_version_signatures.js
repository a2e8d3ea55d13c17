// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('version_signatures', table => {
    table.comment(
      'The signature of each version that has one; what was replaced is in the audit log',
    );
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('The version');
    table
      .jsonb('bundle')
      .notNullable()
      .comment(
        'The signature as it was given: a Sigstore bundle, as model_signing writes it',
      );
    table
      .text('key_id')
      .comment(
        'SHA-256 of the PEM of the public key that the signature claims, in hexadecimal digits; null where it claims none',
      );
    table
      .text('signed_digest')
      .notNullable()
      .comment('Digest over all signed files, as the statement has it');
    table
      .timestamp('added_at', { useTz: true })
      .notNullable()
      .comment('When it was given');
    table.text('added_by').notNullable().comment('Entity ref of who gave it');
    table.primary(['model', 'version']);
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('version_signatures');
};
