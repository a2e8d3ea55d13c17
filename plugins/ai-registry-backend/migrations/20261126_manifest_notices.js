// @ts-check

/**
 * People hear once of each commit with a manifest that cannot be applied, and once that it is
 * mended.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('environment_problem_notices', table => {
    table.comment('Manifests that people were told are not applied');
    table.text('path').primary().comment('Path of the manifest');
    table.text('commit').notNullable().comment('Commit that they were told of');
    table
      .jsonb('recipients')
      .notNullable()
      .comment(
        'Entity refs of everybody who was told, to tell that it is mended',
      );
    table
      .timestamp('told_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When they were told last');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('environment_problem_notices');
};
