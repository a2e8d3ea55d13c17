// @ts-check

/**
 * A served version may be a model that a provider runs, which has no signature.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('served_versions', table => {
    table.setNullable('signature');
    table
      .text('connection')
      .comment(
        'Logical connection that an external version names; null for one that data planes run',
      );
    table
      .text('upstream_model')
      .comment(
        'What the provider calls the model of an external version; null for one that data planes run',
      );
  });
  await knex.raw(`
    alter table served_versions add constraint served_versions_kind_check
    check (signature is not null or connection is not null);
    comment on column served_versions.signature is
      'Input and output tensors, as the model file declares them; null for an external version';
  `);
};

/**
 * External versions are not served any more; they are copied anew when they are again.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex('served_versions').whereNull('signature').delete();
  await knex.raw(
    'alter table served_versions drop constraint served_versions_kind_check',
  );
  await knex.schema.alterTable('served_versions', table => {
    table.dropColumns('connection', 'upstream_model');
    table.dropNullable('signature');
  });
};
