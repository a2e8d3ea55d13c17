// @ts-check

/**
 * Numbers the changes of what data planes are told, so that each control plane process notices
 * those of the others by one cheap query, and keys can be told as changes.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw('create sequence deployment_changes');
  await knex.raw('create sequence api_key_changes');
  await knex.schema.alterTable('deployments', table => {
    table
      .bigInteger('change_id')
      .notNullable()
      .defaultTo(knex.raw(`nextval('deployment_changes')`))
      .comment('Grows with each change of the row; set by a trigger');
  });
  await knex.schema.alterTable('api_keys', table => {
    table
      .bigInteger('change_id')
      .notNullable()
      .defaultTo(knex.raw(`nextval('api_key_changes')`))
      .comment(
        'Place of its last change, other than its use, among those of all keys; set by a trigger',
      );
    table.index(['change_id']);
  });
  // Sequences are named with their schema, since not every session has it in its search path.
  await knex.raw(`
    create function number_deployment_change() returns trigger language plpgsql as $$
    begin
      new.change_id := nextval(format('%I.deployment_changes', tg_table_schema)::regclass);
      return new;
    end $$`);
  await knex.raw(`
    create trigger number_deployment_change before insert or update on deployments
    for each row execute function number_deployment_change()`);
  // Changes of keys take turns until they are committed: who has read up to a number misses
  // nothing that gets a lower one.
  await knex.raw(`
    create function number_api_key_change() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock(hashtext('api_keys.change_id'));
      new.change_id := nextval(format('%I.api_key_changes', tg_table_schema)::regclass);
      return new;
    end $$`);
  await knex.raw(`
    create trigger number_api_key_change before insert or update of
      id, name, sha256, models, expires_at, revoked_at on api_keys
    for each row execute function number_api_key_change()`);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop trigger number_api_key_change on api_keys');
  await knex.raw('drop function number_api_key_change()');
  await knex.raw('drop trigger number_deployment_change on deployments');
  await knex.raw('drop function number_deployment_change()');
  await knex.schema.alterTable('api_keys', table => {
    table.dropColumn('change_id');
  });
  await knex.schema.alterTable('deployments', table => {
    table.dropColumn('change_id');
  });
  await knex.raw('drop sequence api_key_changes');
  await knex.raw('drop sequence deployment_changes');
};
