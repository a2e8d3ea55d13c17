// @ts-check

/**
 * What data planes say of a model is found by its name: pages and passes that are about a few
 * models read no more than what is said of these.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('data_plane_models', table => {
    table.comment('What each data plane said last of each version');
    table
      .text('producer')
      .notNullable()
      .references('data_planes.producer')
      .onDelete('cascade')
      .comment('The data plane');
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('Version of the model');
    table.text('digest').notNullable().comment('Content address of its file');
    table.text('state').notNullable().comment('loading, ready or failed');
    table
      .text('error')
      .nullable()
      .comment('Why it failed, or why loading it has to be tried again');
    table.primary(['producer', 'model', 'version', 'digest']);
  });
  await knex.raw(
    `insert into data_plane_models (producer, model, version, digest, state, error)
     select producer, item->>'model', (item->>'version')::integer, item->>'digest',
       item->>'state', item->>'error'
     from data_planes, jsonb_array_elements(models) as item
     on conflict do nothing`,
  );
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('models');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .jsonb('models')
      .notNullable()
      .defaultTo('[]')
      .comment('Versions with their state: loading, ready or failed');
  });
  await knex.raw(
    `update data_planes d set models = said.models
     from (
       select producer, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
         'model', model, 'version', version, 'digest', digest, 'state', state, 'error', error
       )) order by model, version, digest) as models
       from data_plane_models group by producer
     ) as said
     where said.producer = d.producer`,
  );
  await knex.raw('alter table data_planes alter column models drop default');
  await knex.schema.dropTable('data_plane_models');
};
