// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('deprecations', table => {
    table.comment(
      'What the registry says is deprecated of deployed models, copied so that data planes are told whatever state it is in',
    );
    table.text('model').notNullable().comment('The model');
    table
      .integer('version')
      .notNullable()
      .comment('The version; 0: the model as a whole');
    table
      .jsonb('deprecation')
      .comment('As the registry has it; null: it was taken back');
    table
      .jsonb('told')
      .comment(
        'What the owners of keys were told last: since when, the sunset, and days left; null: nothing yet',
      );
    table.primary(['model', 'version']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('deprecations');
};
