// @ts-check

/**
 * What producers lost and what was refused of theirs, with the time that is missing; their clocks.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('producers', table => {
    table
      .bigInteger('lost_samples')
      .notNullable()
      .defaultTo(0)
      .comment('Copied rows that it had to drop since it started');
    table
      .bigInteger('refused_total')
      .notNullable()
      .defaultTo(0)
      .comment('Records of it that arrived and were not counted');
    table
      .bigInteger('clock_offset_millis')
      .notNullable()
      .defaultTo(0)
      .comment('How far its clock was ahead with its last batch, milliseconds');
  });
  await knex.schema.createTable('losses', table => {
    table.comment('Records that are missing in the windows, and of which time');
    table.bigIncrements('id').comment('In the order of being noticed');
    table.text('environment').notNullable().comment('What the producer serves');
    table.text('producer').notNullable().comment('Whose records are missing');
    table
      .timestamp('starts_at', { useTz: true })
      .notNullable()
      .comment('From when on records are missing');
    table
      .timestamp('ends_at', { useTz: true })
      .notNullable()
      .comment('Until when records are missing');
    table.bigInteger('records').notNullable().comment('Records missing');
    table.bigInteger('samples').notNullable().comment('Copied rows missing');
    table.text('reason').notNullable().comment('Why they are missing');
    table.index(['environment', 'ends_at']);
    table.index(['producer', 'ends_at']);
    table.index(['ends_at']);
  });
  await knex.schema.alterTable('windows', table => {
    // What happened to a model lately, whatever its versions.
    table.index(['environment', 'model', 'starts_at']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('windows', table => {
    table.dropIndex(['environment', 'model', 'starts_at']);
  });
  await knex.schema.dropTable('losses');
  await knex.schema.alterTable('producers', table => {
    table.dropColumn('lost_samples');
    table.dropColumn('refused_total');
    table.dropColumn('clock_offset_millis');
  });
};
