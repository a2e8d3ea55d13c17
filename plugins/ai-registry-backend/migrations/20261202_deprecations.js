// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('deprecations', table => {
    table.comment(
      'Models and versions that should not be used any more; what was said before is in the audit log',
    );
    table
      .text('model')
      .notNullable()
      .references('models.name')
      .comment('The model');
    table
      .integer('version')
      .notNullable()
      .comment('The version; 0: the model as a whole');
    table
      .timestamp('since', { useTz: true, precision: 3 })
      .notNullable()
      .comment('When it was deprecated');
    table
      .timestamp('sunset_at', { useTz: true, precision: 3 })
      .comment('When it may stop answering; null: not decided');
    table
      .text('replacement_model')
      .references('models.name')
      .comment('Model to call instead; null: none was named');
    table
      .integer('replacement_version')
      .comment('Its version; null: whichever answers those who name none');
    table
      .text('message')
      .notNullable()
      .comment('Why, and what callers have to do');
    table
      .text('deprecated_by')
      .notNullable()
      .comment('Entity ref of who deprecated it');
    table.primary(['model', 'version']);
    table.check(
      'replacement_version is null or replacement_model is not null',
      [],
      'deprecations_replacement_check',
    );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('deprecations');
};
