// @ts-check

const COLUMNS =
  'id, name, sha256, models, expires_at, revoked_at, tokens_per_minute, tokens_per_day, token_limit_mode, request_limits, scopes';
const EARLIER_COLUMNS =
  'id, name, sha256, models, expires_at, revoked_at, tokens_per_minute, tokens_per_day, token_limit_mode';

/**
 * Keys may have limits of requests and rows, and scopes. Those that there are may go on to name
 * versions.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('api_keys', table => {
    table
      .jsonb('request_limits')
      .nullable()
      .comment(
        'Most requests and rows, in each environment, as of RequestLimits; null: any',
      );
    table
      .specificType('scopes', 'text[]')
      .notNullable()
      .defaultTo(knex.raw(`array['versions']`))
      .comment('What the key may do besides calling models');
  });
  await knex.raw(
    `alter table api_keys alter column scopes set default array[]::text[]`,
  );
  await watchColumns(knex, COLUMNS);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await watchColumns(knex, EARLIER_COLUMNS);
  await knex.schema.alterTable('api_keys', table => {
    table.dropColumns('request_limits', 'scopes');
  });
};

/**
 * A change of these is told to data planes.
 *
 * @param {import('knex').Knex} knex
 * @param {string} columns
 */
async function watchColumns(knex, columns) {
  await knex.raw('drop trigger number_api_key_change on api_keys');
  await knex.raw(`
    create trigger number_api_key_change before insert or update of ${columns} on api_keys
    for each row execute function number_api_key_change()`);
}
