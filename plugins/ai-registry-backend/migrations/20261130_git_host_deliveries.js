// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('git_host_deliveries', table => {
    table.comment(
      'Webhook deliveries of the Git host that were taken, so that none counts twice',
    );
    table
      .text('id')
      .primary()
      .comment('As the Git host calls it, also when it sends it again');
    table.text('event').notNullable().comment('What kind of thing happened');
    table
      .timestamp('received_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now())
      .index()
      .comment('When it was taken; forgotten after some days');
  });
  await knex.schema.createTable('git_host_keys', table => {
    table.comment(
      'Keys that Greenroom signs with what it writes at the Git host for somebody',
    );
    table.text('name').primary().comment('What the key is for');
    table.text('key').notNullable().comment('Random, base64url');
    table
      .timestamp('created_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it was made');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('git_host_keys');
  await knex.schema.dropTable('git_host_deliveries');
};
