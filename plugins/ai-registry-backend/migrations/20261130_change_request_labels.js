/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('local_change_requests', table => {
    table
      .jsonb('labels')
      .notNullable()
      .defaultTo('[]')
      .comment('What it is found by, besides its words');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('local_change_requests', table => {
    table.dropColumn('labels');
  });
};
