// @ts-check

/**
 * What versions are compared by, and each comparison of a rollout.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('rollouts', table => {
    table
      .jsonb('analysis')
      .nullable()
      .comment(
        'How its versions are compared: metrics, guardrails, minUnitsPerVariant; written when it starts; null where nothing is compared, and in rollouts from before',
      );
    table
      .boolean('has_own_analysis')
      .notNullable()
      .defaultTo(false)
      .comment('Whether the manifest says how, and not the default');
    table
      .text('comparison_id')
      .nullable()
      .comment('What is being compared, or was last; null before the first');
    table
      .integer('first_comparison')
      .notNullable()
      .defaultTo(1)
      .comment(
        'Number of the first comparison since it began, or was begun anew',
      );
    table
      .timestamp('analysis_seen_at', { useTz: true })
      .nullable()
      .comment(
        'When its analysis was read last, to about a minute; null when it never was',
      );
    table
      .text('requested_by')
      .nullable()
      .comment(
        'Entity ref of who asked for it; null in rollouts from before it was kept',
      );
  });
  await knex.schema.createTable('comparisons', table => {
    table.comment(
      'Versions at fixed shares that were compared, kept as long as their rollout; records name them',
    );
    table
      .text('id')
      .primary()
      .comment('<id of the rollout>.<number within it>');
    table
      .uuid('rollout_id')
      .notNullable()
      .references('rollouts.id')
      .onDelete('cascade')
      .comment('Whose versions');
    table
      .jsonb('content')
      .notNullable()
      .comment(
        'The comparison as it is told: control, variants with shares, analysis, looks, startedAt, endedAt',
      );
    table.index(['rollout_id']);
  });
  await knex.schema.alterTable('deployments', table => {
    table
      .jsonb('compared')
      .nullable()
      .comment(
        'What data planes are told of what is compared: comparison or shadow of the route; null for nothing',
      );
    table
      .jsonb('outcomes')
      .nullable()
      .comment(
        'spec.outcomes of the manifest: samplePercent and keepDays; null where no outcome can be given',
      );
    table
      .boolean('recent_rows')
      .notNullable()
      .defaultTo(false)
      .comment(
        'spec.recentRows of the manifest: some of the last rows are kept',
      );
  });
  await knex.raw(
    `comment on column deployments.split is 'Variants: version, digest, weightPercent, retainUntil'`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('deployments', table => {
    table.dropColumn('recent_rows');
    table.dropColumn('outcomes');
    table.dropColumn('compared');
  });
  await knex.schema.dropTable('comparisons');
  await knex.schema.alterTable('rollouts', table => {
    table.dropColumn('requested_by');
    table.dropColumn('analysis_seen_at');
    table.dropColumn('first_comparison');
    table.dropColumn('comparison_id');
    table.dropColumn('has_own_analysis');
    table.dropColumn('analysis');
  });
};
