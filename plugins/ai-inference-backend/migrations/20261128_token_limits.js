// @ts-check

const COLUMNS =
  'id, name, sha256, models, expires_at, revoked_at, tokens_per_minute, tokens_per_day, token_limit_mode';
const EARLIER_COLUMNS = 'id, name, sha256, models, expires_at, revoked_at';

/**
 * Keys may have limits of tokens, and what is used of a day is known by data plane.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('api_keys', table => {
    table
      .bigInteger('tokens_per_minute')
      .nullable()
      .comment('Most tokens in any 60 seconds, in each environment; null: any');
    table
      .bigInteger('tokens_per_day')
      .nullable()
      .comment('Most tokens of a day of UTC, in each environment; null: any');
    table
      .text('token_limit_mode')
      .nullable()
      .comment(
        'What a data plane does that has used its part of the day while the control plane is away: hard refuses, soft goes on; null: there is no limit',
      );
  });
  await watchColumns(knex, COLUMNS);
  await knex.schema.createTable('token_use', table => {
    table.comment(
      'Tokens used under keys with limits, by environment, day and process of a data plane',
    );
    table
      .uuid('key_id')
      .notNullable()
      .references('id')
      .inTable('api_keys')
      .onDelete('CASCADE')
      .comment('The key');
    table.text('environment').notNullable().comment('Name of the environment');
    table.date('day').notNullable().comment('Day of UTC');
    table
      .text('producer')
      .notNullable()
      .comment('Process of a data plane, as it names itself');
    table
      .bigInteger('used')
      .notNullable()
      .comment('Tokens that it has used, as it told');
    table
      .bigInteger('held')
      .notNullable()
      .comment(
        'Tokens of the day that it may use, those that it has used among them: the most that it was lent or says',
      );
    table.primary(['key_id', 'environment', 'day', 'producer']);
    table.index(['environment', 'day']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('token_use');
  await watchColumns(knex, EARLIER_COLUMNS);
  await knex.schema.alterTable('api_keys', table => {
    table.dropColumns(
      'tokens_per_minute',
      'tokens_per_day',
      'token_limit_mode',
    );
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
