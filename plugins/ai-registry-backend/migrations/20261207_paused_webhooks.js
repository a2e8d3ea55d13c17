// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('webhooks', table => {
    table
      .text('disabled_because')
      .comment(
        'Why the registry itself has disabled it; null: it is active, or somebody disabled it',
      );
    table.check(
      `disabled_because is null or status = 'DISABLED'`,
      [],
      'webhooks_disabled_because_check',
    );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('webhooks', table => {
    table.dropColumn('disabled_because');
  });
};
