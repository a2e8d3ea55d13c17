// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('record_batches', table => {
    table.comment(
      'Batches that were counted, so that one that is sent again is not counted again',
    );
    table
      .text('producer')
      .notNullable()
      .comment('One per process start of a data plane');
    table
      .bigInteger('sequence')
      .notNullable()
      .comment('1, 2, 3, ... within the producer');
    table
      .timestamp('received_at', { useTz: true })
      .notNullable()
      .comment('When it was counted');
    table.primary(['producer', 'sequence']);
    table.index(['received_at']);
  });

  await knex.schema.createTable('producers', table => {
    table.comment('Data planes that sent records, with what they said last');
    table
      .text('producer')
      .primary()
      .comment('One per process start of a data plane');
    table.text('environment').notNullable().comment('What it serves');
    table
      .bigInteger('last_sequence')
      .notNullable()
      .comment('Highest sequence received');
    table
      .bigInteger('dropped_total')
      .notNullable()
      .comment('Records that it had to drop since it started');
    table
      .timestamp('last_received_at', { useTz: true })
      .notNullable()
      .comment('When its last batch arrived');
    table.index(['last_received_at']);
  });

  await knex.schema.createTable('windows', table => {
    table.comment(
      'Records of a model version rolled up over a stretch of time',
    );
    table.text('environment').notNullable().comment('Where it was served');
    table.text('model').notNullable().comment('Name of the model');
    table
      .integer('version')
      .notNullable()
      .comment(
        'Number of the version; 0 for requests that named none that exists',
      );
    table
      .integer('window_seconds')
      .notNullable()
      .comment('Length: 10, 60 or 3600 seconds');
    table
      .timestamp('starts_at', { useTz: true })
      .notNullable()
      .comment('Start, a multiple of the length since the epoch');
    table.bigInteger('requests').notNullable().comment('Requests answered');
    table
      .bigInteger('rows')
      .notNullable()
      .comment('Input rows in those requests');
    table
      .bigInteger('client_errors')
      .notNullable()
      .comment('Requests with a 4xx status');
    table
      .bigInteger('server_errors')
      .notNullable()
      .comment('Requests with a 5xx status');
    table
      .json('latency_micros')
      .notNullable()
      .comment('DDSketch of the latencies in microseconds; only read whole');
    table
      .json('profile')
      .nullable()
      .comment(
        'Profile of the sampled rows on the bins of the baseline; null without samples or baseline; only read whole',
      );
    table
      .timestamp('last_record_at', { useTz: true })
      .notNullable()
      .comment('Time of the youngest record in it');
    table.primary([
      'environment',
      'model',
      'version',
      'window_seconds',
      'starts_at',
    ]);
    table.index(['window_seconds', 'starts_at']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('windows');
  await knex.schema.dropTable('producers');
  await knex.schema.dropTable('record_batches');
};
