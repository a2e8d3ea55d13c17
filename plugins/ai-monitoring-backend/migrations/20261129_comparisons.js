// @ts-check

/**
 * Versions that are compared: what each caller met, and sums over callers, so that whether one
 * version is better than another is known at any time.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('comparisons', table => {
    table.comment('Versions that were compared, and what is known of each');
    table.text('id').primary().comment('As ai-inference names it');
    table.text('environment').notNullable().comment('Where they serve');
    table.text('model').notNullable().comment('Name of the model');
    table
      .text('rollout_id')
      .comment('Rollout that compares them; null while the plan is not known');
    table
      .json('plan')
      .comment('The comparison as ai-inference has it; null while not known');
    table
      .json('known_before')
      .comment('Traffic of the control in the day before; null like the plan');
    table
      .json('thresholds_micros')
      .notNullable()
      .comment('Latency from which on a request is slow, by what is measured');
    table
      .bigInteger('unit_limit')
      .notNullable()
      .comment('Callers whose hash is not below this are not counted');
    table
      .bigInteger('uncounted')
      .notNullable()
      .comment('Records that could not be counted');
    table
      .bigInteger('copies_left_out')
      .notNullable()
      .comment('Copies that a shadow left out, with too many on their way');
    table
      .timestamp('last_record_at', { useTz: true })
      .notNullable()
      .comment('When something was counted last');
    table.index(['rollout_id']);
    table.index(['last_record_at']);
  });
  await knex.schema.createTable('comparison_arms', table => {
    table.comment('Sums over what was counted of one version of a comparison');
    table
      .text('comparison')
      .notNullable()
      .references('comparisons.id')
      .onDelete('CASCADE')
      .comment('Id of the comparison');
    table.integer('version').notNullable().comment('Of the model');
    table.bigInteger('requests').notNullable().comment('Requests or copies');
    table
      .bigInteger('units_with_id')
      .notNullable()
      .comment('Callers with an assignment id');
    table
      .bigInteger('units_without_id')
      .notNullable()
      .comment('Requests without one, each a unit by itself');
    table
      .json('latency_micros')
      .notNullable()
      .comment('Sketch of the latencies, microseconds');
    table
      .json('with_id')
      .notNullable()
      .comment('Sums over callers, by what is measured');
    table
      .json('without_id')
      .notNullable()
      .comment('Sums over requests without id, by what is measured');
    table.primary(['comparison', 'version']);
  });
  await knex.schema.createTable('comparison_units', table => {
    table.comment(
      'What one caller met of one version in a comparison; a hash, not who it is',
    );
    table
      .text('comparison')
      .notNullable()
      .references('comparisons.id')
      .onDelete('CASCADE')
      .comment('Id of the comparison');
    table.integer('version').notNullable().comment('Of the model');
    table
      .bigInteger('unit')
      .notNullable()
      .comment('Hash of the assignment id, salted by the comparison');
    table
      .specificType('tallies', 'float8[]')
      .notNullable()
      .comment(
        'Four numbers for each thing that the plan measures, in its order: count, sum, covariates, their sum',
      );
    table.primary(['comparison', 'version', 'unit']);
  });
  // Callers come again and again: room for new versions of a row beside the old one.
  await knex.raw('alter table comparison_units set (fillfactor = 70)');
  await knex.raw(
    `comment on table judging_turns is 'Which control plane does what only one does at a time'`,
  );
  await knex.raw(
    `comment on column judging_turns.id is '1: judging the models; 2: remembering how comparisons stand'`,
  );
  await knex.schema.createTable('comparison_points', table => {
    table.comment('How a comparison stood at some moments');
    table
      .text('comparison')
      .notNullable()
      .references('comparisons.id')
      .onDelete('CASCADE')
      .comment('Id of the comparison');
    table
      .timestamp('at', { useTz: true })
      .notNullable()
      .comment('When it stood so');
    table
      .json('point')
      .notNullable()
      .comment('Effects with their intervals, and callers; only read whole');
    table.primary(['comparison', 'at']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex('judging_turns').where('id', '<>', 1).delete();
  await knex.raw(
    `comment on table judging_turns is 'Which control plane judges the models now: one row'`,
  );
  await knex.raw(`comment on column judging_turns.id is 'Always 1'`);
  await knex.schema.dropTable('comparison_points');
  await knex.schema.dropTable('comparison_units');
  await knex.schema.dropTable('comparison_arms');
  await knex.schema.dropTable('comparisons');
};
