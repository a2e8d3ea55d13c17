// @ts-check

/**
 * Tokens of programs that were issued in the portal, beside those that the configuration declares.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('service_tokens', table => {
    table.comment(
      'Tokens of programs that were issued in the portal; never the token itself',
    );
    table
      .text('name')
      .primary()
      .comment('What programs are known by; never used again');
    table
      .text('owner')
      .notNullable()
      .comment('Entity ref of the group or user that answers for it');
    table
      .text('sha256')
      .notNullable()
      .unique()
      .comment('SHA-256 of the whole token, hexadecimal');
    table
      .text('prefix')
      .notNullable()
      .comment('First characters of the token, to recognise it by');
    table
      .jsonb('scopes')
      .notNullable()
      .comment(
        'What it may do: permission, and patterns <environment>/<model>',
      );
    table
      .timestamp('created_at')
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it was issued');
    table.text('created_by').notNullable().comment('Who issued it');
    table
      .timestamp('expires_at')
      .notNullable()
      .comment('From when on it is refused');
    table.timestamp('revoked_at').comment('When it was taken back');
    table.text('revoked_by').comment('Who took it back');
    table
      .timestamp('last_used_at')
      .comment('When it was used last, to the minute; null: never');
    table.index(['created_at']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('service_tokens');
};
