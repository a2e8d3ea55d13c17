// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('process_tokens', table => {
    table.comment(
      'Tokens of processes that the control plane runs by itself, such as data planes; never the token itself, and none that outlives its process for long',
    );
    table
      .text('name')
      .primary()
      .comment('What the process is known by; never used again');
    table
      .text('sha256')
      .notNullable()
      .unique()
      .comment('SHA-256 of the whole token, hexadecimal');
    table
      .jsonb('scopes')
      .notNullable()
      .comment(
        'What it may do: permission, and patterns <environment>/<model>',
      );
    table
      .timestamp('expires_at', { useTz: true })
      .notNullable()
      .comment(
        'From when on it is refused; moved on while somebody looks after the process',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('process_tokens');
};
