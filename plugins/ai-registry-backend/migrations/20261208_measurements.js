// @ts-check

/**
 * Versions that answer the rows of datasets, and how good the answers are; evaluations say whether they were computed
 * here or are what somebody claims.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('measurements', table => {
    table.comment('Versions that are measured on the rows of a dataset');
    table.uuid('id').primary().comment('Names the measurement');
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('Its version');
    table.text('dataset').notNullable().comment('Name of the dataset');
    table
      .integer('dataset_version')
      .notNullable()
      .comment('Number of its version');
    table
      .text('dataset_digest')
      .notNullable()
      .comment('Digest of that version');
    table.integer('rows').notNullable().comment('Rows of that version');
    table
      .jsonb('question')
      .notNullable()
      .comment(
        'Target, and where they were named: features, slices, protected, primary and positive',
      );
    table
      .text('identity')
      .notNullable()
      .comment(
        'Equal for measurements that ask the same: hash of all that is asked',
      );
    table
      .text('phase')
      .notNullable()
      .comment('queued, running, done, failed or cancelled');
    table.text('reason').comment('Why it failed; null unless it did');
    table
      .text('cancelled_by')
      .comment('Entity ref of who cancelled it; null unless somebody did');
    table.text('requested_by').notNullable().comment('Who asked for it');
    table
      .uuid('promotion_id')
      .comment(
        'The promotion whose gate needs it; null when somebody asked for it',
      );
    table
      .jsonb('comparison')
      .comment(
        'With what it is compared: environment, and version and measurement where there are such; null where nobody asked',
      );
    table
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When it was asked for');
    table
      .timestamp('started_at', { precision: 3 })
      .comment('When it was first begun; null before');
    table
      .timestamp('finished_at', { precision: 3 })
      .comment('When it was done, failed or was cancelled; null before');
    table
      .integer('done')
      .notNullable()
      .defaultTo(0)
      .comment('Rows that were answered by now');
    table
      .integer('attempts')
      .notNullable()
      .defaultTo(0)
      .comment('How many times it was begun');
    table
      .uuid('attempt')
      .comment('Proves that who writes is who began it last; null before');
    table.jsonb('result').comment('What was found; null until it is done');
    table
      .specificType('per_row', 'double precision[]')
      .comment(
        'Of the metric that decides; null until it is done, or without such',
      );
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
    table.index(['model', 'version', 'created_at'], 'measurements_version_idx');
    table.index(['identity', 'created_at'], 'measurements_identity_idx');
  });
  await knex.raw(`
    alter table measurements
      add constraint measurements_phase_check
        check (phase in ('queued', 'running', 'done', 'failed', 'cancelled')),
      add constraint measurements_reason_check
        check ((phase = 'failed') = (reason is not null)),
      add constraint measurements_cancelled_check
        check ((phase = 'cancelled') = (cancelled_by is not null)),
      add constraint measurements_result_check
        check ((phase = 'done') = (result is not null))
  `);
  await knex.raw(`
    create index measurements_open_idx on measurements (created_at)
    where phase in ('queued', 'running')
  `);
  await knex.schema.createTable('measurement_work', table => {
    table.comment('Measurements that are still to be made');
    table.text('measurement').primary().comment('Id of the measurement');
    table
      .timestamp('due_at')
      .notNullable()
      .index()
      .comment('Not before this moment');
    table
      .text('lease')
      .comment('Whoever works on it now, a UUID for each time; null: nobody');
    table
      .timestamp('leased_until')
      .comment('When the lease ends unless it is renewed');
  });
  await knex.schema.alterTable('version_evaluations', table => {
    table
      .jsonb('measured')
      .comment(
        'Measurement, version of the dataset and target, where it was computed here; null for what somebody claims',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('version_evaluations', table => {
    table.dropColumns('measured');
  });
  await knex.schema.dropTable('measurement_work');
  await knex.schema.dropTable('measurements');
};
