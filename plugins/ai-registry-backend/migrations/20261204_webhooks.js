// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('webhooks', table => {
    table.comment('Addresses that are told of what happens to models');
    table.uuid('id').primary().comment('Identifier');
    table.text('name').notNullable().comment('What people call it');
    table.text('description').notNullable().comment('What it is for');
    table.text('url').notNullable().comment('Where deliveries are sent');
    table
      .specificType('events', 'text[]')
      .notNullable()
      .comment('What it tells of, e.g. model_version.created');
    table
      .text('model')
      .references('models.name')
      .comment('The only model that it tells of; null: all');
    table
      .text('status')
      .notNullable()
      .comment('ACTIVE or DISABLED; a disabled one is told of nothing');
    table
      .binary('secret')
      .comment(
        'Key of the signatures, encrypted with AES-256-GCM: 12 bytes of nonce, 16 of tag, the rest; null: not signed',
      );
    table
      .text('secret_key')
      .comment('Which key the secret was encrypted with; null: there is none');
    table
      .integer('failures')
      .notNullable()
      .defaultTo(0)
      .comment('Tries that have failed since the last one that did not');
    table
      .bigInteger('dropped')
      .notNullable()
      .defaultTo(0)
      .comment('Deliveries that were dropped because too many waited');
    table
      .timestamp('created_at', { useTz: true, precision: 3 })
      .notNullable()
      .defaultTo(knex.raw('clock_timestamp()'))
      .comment('When it was made');
    table
      .text('created_by')
      .notNullable()
      .comment('Entity ref of who made it, or service:<name>');
    table
      .timestamp('updated_at', { useTz: true, precision: 3 })
      .notNullable()
      .defaultTo(knex.raw('clock_timestamp()'))
      .comment('When it was changed last');
    table.check(
      `status in ('ACTIVE', 'DISABLED')`,
      [],
      'webhooks_status_check',
    );
    table.check(
      '(secret is null) = (secret_key is null)',
      [],
      'webhooks_secret_check',
    );
  });

  await knex.schema.createTable('webhook_deliveries', table => {
    table.comment(
      'Events that hooks are told of, written in the transaction of the change, with what became of them',
    );
    table
      .uuid('id')
      .primary()
      .comment(
        'Identifier, which the receiver is told; the same for all tries',
      );
    table
      .specificType('position', 'bigint generated always as identity')
      .notNullable()
      .comment('Order in which they were written');
    table
      .uuid('webhook')
      .notNullable()
      .references('webhooks.id')
      .onDelete('cascade')
      .comment('Who is told');
    table.text('event').notNullable().comment('Such as model_version.created');
    table
      .text('body')
      .notNullable()
      .comment('What is sent, byte for byte: it is signed');
    table
      .boolean('is_test')
      .notNullable()
      .defaultTo(false)
      .comment('Whether somebody only tried the hook');
    table
      .text('state')
      .notNullable()
      .defaultTo('PENDING')
      .comment('PENDING, DELIVERED or FAILED');
    table
      .integer('attempts')
      .notNullable()
      .defaultTo(0)
      .comment('Tries so far, the one in progress included');
    table
      .timestamp('due_at', { useTz: true, precision: 3 })
      .notNullable()
      .defaultTo(knex.raw('clock_timestamp()'))
      .comment('When it is tried next');
    table
      .timestamp('expires_at', { useTz: true, precision: 3 })
      .notNullable()
      .defaultTo(knex.raw(`clock_timestamp() + interval '1 day'`))
      .comment('When it is given up');
    table.uuid('lease').comment('Try in progress; null: none');
    table
      .timestamp('leased_until', { useTz: true, precision: 3 })
      .comment('Until when no other process tries it; null: any may');
    table
      .integer('response_status')
      .comment('HTTP status of the last answer; null: there was none');
    table
      .text('response_body')
      .comment('Beginning of the last answer, at most 2 KiB');
    table.text('error').comment('Why the last try failed; null: it did not');
    table
      .integer('duration_millis')
      .comment('How long the last try took; null: there was none');
    table
      .timestamp('created_at', { useTz: true, precision: 3 })
      .notNullable()
      .defaultTo(knex.raw('clock_timestamp()'))
      .comment('When the change was made');
    table
      .timestamp('finished_at', { useTz: true, precision: 3 })
      .comment('When it was delivered or given up; null: it waits');
    table.check(
      `state in ('PENDING', 'DELIVERED', 'FAILED')`,
      [],
      'webhook_deliveries_state_check',
    );
    table.index(['webhook', 'position'], 'webhook_deliveries_log');
    table.index(['created_at'], 'webhook_deliveries_age');
  });
  await knex.raw(
    `create index webhook_deliveries_due on webhook_deliveries (webhook, due_at) where state = 'PENDING'`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('webhook_deliveries');
  await knex.schema.dropTable('webhooks');
};
