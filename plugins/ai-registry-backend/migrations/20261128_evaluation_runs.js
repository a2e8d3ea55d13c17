// @ts-check

const NEW_STEPS = [
  {
    before: 'compare-evaluation',
    name: 'evaluate-prompts',
    title: 'Ask the prompts',
  },
  { before: 'publish-report', name: 'compare-cost', title: 'Compare the cost' },
];

/**
 * Versions that data planes ask the rows of prompt sets; and the steps of promotions that have
 * that done, and compare what it costs. Promotions that are past them do not go back.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evaluation_runs', table => {
    table.comment('Versions that are asked the rows of a prompt set');
    table.uuid('id').primary().comment('Names the run');
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('Its version');
    table
      .text('environment')
      .notNullable()
      .comment('Whose data planes ask, by its connections');
    table.text('dataset').notNullable().comment('Name of the dataset');
    table
      .integer('dataset_version')
      .notNullable()
      .comment('Number of its version');
    table
      .text('dataset_digest')
      .notNullable()
      .comment('Digest of that version');
    table
      .jsonb('scorers')
      .notNullable()
      .comment('How answers are judged: kind, name and what the kind needs');
    table
      .integer('rows')
      .notNullable()
      .comment('How many rows are asked, from the first on');
    table
      .text('identity')
      .notNullable()
      .comment(
        'Equal for runs that ask the same: hash of the digests, scorers, rows, environment and connection',
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
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When it was asked for');
    table
      .timestamp('started_at', { precision: 3 })
      .comment('When a data plane first took it; null before');
    table
      .timestamp('finished_at', { precision: 3 })
      .comment('When it was done, failed or was cancelled; null before');
    table
      .uuid('lease')
      .comment('Proves that a data plane has it; null while none does');
    table
      .text('leased_by')
      .comment('Id of the process that took it last; null before');
    table
      .timestamp('leased_until', { precision: 3 })
      .comment('When others may take it; null while none has it');
    table
      .integer('leases')
      .notNullable()
      .defaultTo(0)
      .comment('How many times it was taken');
    table
      .jsonb('results')
      .comment('By row: scores, tokens, milliseconds; null until it is done');
    table
      .text('answers_digest')
      .comment(
        'Artifact with the answers, a line of JSON each; null until it is done',
      );
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
    table.index(
      ['model', 'version', 'created_at'],
      'evaluation_runs_version_idx',
    );
    table.index(['identity', 'created_at'], 'evaluation_runs_identity_idx');
    table.index(['answers_digest'], 'evaluation_runs_answers_idx');
  });
  await knex.raw(`
    alter table evaluation_runs
      add constraint evaluation_runs_phase_check
        check (phase in ('queued', 'running', 'done', 'failed', 'cancelled')),
      add constraint evaluation_runs_reason_check
        check ((phase = 'failed') = (reason is not null)),
      add constraint evaluation_runs_cancelled_check
        check ((phase = 'cancelled') = (cancelled_by is not null)),
      add constraint evaluation_runs_results_check
        check ((phase = 'done') = (results is not null and answers_digest is not null))
  `);
  await knex.raw(`
    create index evaluation_runs_open_idx on evaluation_runs (environment, created_at)
    where phase in ('queued', 'running')
  `);

  await knex.schema.createTable('evaluation_run_answers', table => {
    table.comment(
      'Answers of runs under way; those of a run that is done are an artifact',
    );
    table
      .uuid('run_id')
      .notNullable()
      .references('evaluation_runs.id')
      .onDelete('cascade')
      .comment('The run');
    table.integer('row').notNullable().comment('Row of the dataset, from 0');
    table
      .jsonb('answer')
      .notNullable()
      .comment(
        'The answer or why there is none, its tokens and how long it took',
      );
    table.primary(['run_id', 'row']);
  });

  await eachOpen(knex, steps =>
    NEW_STEPS.reduce((all, { before, ...step }) => {
      const next = all.findIndex(({ name }) => name === before);
      if (next < 0) return all;
      const isPast = all[next].status === 'done';
      return [
        ...all.slice(0, next),
        { ...step, status: isPast ? 'done' : 'pending', attempts: 0 },
        ...all.slice(next),
      ];
    }, steps),
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const names = NEW_STEPS.map(({ name }) => name);
  await eachOpen(knex, steps =>
    steps.filter(({ name }) => !names.includes(name)),
  );
  await knex.schema.dropTable('evaluation_run_answers');
  await knex.schema.dropTable('evaluation_runs');
};

/**
 * @typedef {{ name: string, title: string, status: string, attempts: number }} Step
 * @param {import('knex').Knex} knex
 * @param {(steps: Step[]) => Step[]} change
 */
async function eachOpen(knex, change) {
  const open = await knex('promotions')
    .whereNotIn('phase', ['completed', 'closed'])
    .select('id', 'record', 'revision');
  for (const { id, record, revision } of open) {
    const steps = change(record.steps);
    const next = { ...record, steps, revision: revision + 1 };
    await knex('promotions')
      .where({ id })
      .update({ record: JSON.stringify(next), revision: revision + 1 });
  }
}
