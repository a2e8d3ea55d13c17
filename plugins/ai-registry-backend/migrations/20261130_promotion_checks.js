// @ts-check

/**
 * What the Git host was told of each promotion, so that it hears of every change once, whoever made
 * it and whatever was killed meanwhile. Of what has ended before, there is nothing to tell.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('promotions', table => {
    table
      .integer('told_revision')
      .comment(
        'Revision of which the Git host was told how its gates stand; null: it was told nothing',
      );
    table
      .jsonb('told_checks')
      .notNullable()
      .defaultTo('{}')
      .comment(
        'What it was told: a digest of each check, by name. Checks that stay the same are not told again',
      );
  });
  await knex('promotions')
    .whereIn('phase', ['completed', 'closed', 'failed'])
    .update({ told_revision: knex.ref('revision') });
  await knex.raw(
    `create index promotions_untold on promotions (updated_at) where told_revision is distinct from revision`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index promotions_untold');
  await knex.schema.alterTable('promotions', table => {
    table.dropColumn('told_revision');
    table.dropColumn('told_checks');
  });
};
