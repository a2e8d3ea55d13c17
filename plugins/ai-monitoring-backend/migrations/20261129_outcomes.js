// @ts-check

/**
 * Requests that can be given an outcome, and what became of them. What they carried is not here.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // A partition a day, which is dropped whole. Knex knows of no partitions.
  await knex.raw(`
    create table predictions (
      arrived_on date not null,
      environment text not null,
      model text not null,
      request_id text not null,
      version integer not null,
      at timestamptz not null,
      comparison text,
      unit bigint not null,
      prediction json,
      told text[] not null,
      primary key (environment, model, request_id, arrived_on)
    ) partition by range (arrived_on)`);
  const comments = {
    arrived_on: 'Day of arrival (UTC), by which it is forgotten',
    environment: 'Where it was asked',
    model: 'Name of the model',
    request_id: "As the answer's X-Request-Id names it",
    version: 'That answered',
    at: 'When it was asked',
    comparison: 'Id of the comparison that it counts for; null for none',
    unit: 'Hash of the caller within the comparison; 0 without an assignment id, -1 where it does not count',
    prediction: 'Class label or index, or number; null where none was told',
    told: 'Names of the outcomes that were counted',
  };
  await knex.raw(
    `comment on table predictions is 'Requests that can be given an outcome'`,
  );
  for (const [column, comment] of Object.entries(comments)) {
    await knex.raw(
      `comment on column predictions.?? is '${comment.replaceAll("'", "''")}'`,
      [column],
    );
  }
  await knex.schema.createTable('waiting_outcomes', table => {
    table.comment('Outcomes that came before their request was told of');
    table.text('environment').notNullable().comment('Where it was told');
    table.text('model').notNullable().comment('Name of the model');
    table.text('request_id').notNullable().comment('Of the request');
    table.text('name').notNullable().comment('Of the outcome');
    table
      .json('outcome')
      .notNullable()
      .comment('As it was told; only read whole');
    table
      .timestamp('arrived_at', { useTz: true })
      .notNullable()
      .comment('From when on it waits');
    table.primary(['environment', 'model', 'request_id', 'name']);
    table.index(['arrived_at']);
  });
  await knex.schema.createTable('outcome_days', table => {
    table.comment('Sums over the outcomes of the requests of a day');
    table.text('environment').notNullable().comment('Where they were asked');
    table.text('model').notNullable().comment('Name of the model');
    table.date('day').notNullable().comment('Of the requests (UTC)');
    table.integer('version').notNullable().comment('That answered');
    table.text('name').notNullable().comment('Of the outcome');
    table
      .bigInteger('matched')
      .notNullable()
      .comment('Outcomes joined with their request');
    table
      .bigInteger('numbers')
      .notNullable()
      .comment('Those of them that are numbers or events');
    table
      .double('sum')
      .notNullable()
      .comment('Of their values, an event that happened as 1');
    table
      .bigInteger('labels')
      .notNullable()
      .comment('Those that are true labels');
    table
      .bigInteger('predicted')
      .notNullable()
      .comment('Labels that were predicted');
    table.primary(['environment', 'model', 'day', 'version', 'name']);
    table.index(['day']);
  });
  await knex.schema.createTable('outcome_losses', table => {
    table.comment('What could not be joined or kept on a day');
    table.text('environment').notNullable().comment('Where it was told');
    table.text('model').notNullable().comment('Name of the model');
    table.date('day').notNullable().comment('Of arrival (UTC)');
    for (const [column, comment] of Object.entries({
      duplicate: 'Outcomes that came a second time',
      unmatched: 'Outcomes without a request that they fit',
      late: 'Outcomes whose request was to be forgotten already',
      kept: 'Requests that were kept',
      shed: 'Requests that were not kept: too many, or at no known time',
    })) {
      table.bigInteger(column).notNullable().comment(comment);
    }
    table.primary(['environment', 'model', 'day']);
    table.index(['day']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('outcome_losses');
  await knex.schema.dropTable('outcome_days');
  await knex.schema.dropTable('waiting_outcomes');
  await knex.schema.dropTable('predictions');
};
