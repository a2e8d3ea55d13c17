// @ts-check

/**
 * A key has an owner and an end. Keys from before belong to who issued them, and those without an
 * end get a year from now, so that nothing that works stops at once.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('api_keys', table => {
    table
      .text('owner')
      .nullable()
      .comment('Entity ref of the group or user that answers for it');
  });
  await knex('api_keys').update({ owner: knex.ref('created_by') });
  await knex('api_keys')
    .whereNull('expires_at')
    .update({ expires_at: knex.raw(`now() + interval '365 days'`) });
  await knex.schema.alterTable('api_keys', table => {
    table.dropNullable('owner');
    table.dropNullable('expires_at');
    table.index(['created_at', 'id'], 'api_keys_created_idx');
    table.index(['owner', 'created_at'], 'api_keys_owner_idx');
    table.index(['created_by', 'created_at'], 'api_keys_creator_idx');
  });
  await knex.raw(
    `comment on column api_keys.expires_at is 'From when on it is refused'`,
  );
  // Data planes are told of keys in force: as the years pass, few of all.
  await knex.raw(
    'create index api_keys_in_force_idx on api_keys (expires_at) where revoked_at is null',
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index api_keys_in_force_idx');
  await knex.raw(
    `comment on column api_keys.expires_at is 'From when on it is refused; null for never'`,
  );
  await knex.schema.alterTable('api_keys', table => {
    table.dropIndex(['created_by', 'created_at'], 'api_keys_creator_idx');
    table.dropIndex(['owner', 'created_at'], 'api_keys_owner_idx');
    table.dropIndex(['created_at', 'id'], 'api_keys_created_idx');
    table.setNullable('expires_at');
    table.dropColumn('owner');
  });
};
