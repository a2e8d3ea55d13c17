// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('environment_deployments', table => {
    table
      .jsonb('ran_before')
      .comment(
        'Version and digest that this one took the place of, whatever the manifest says; null: none',
      );
    table
      .jsonb('batching')
      .comment(
        'Whether requests are computed together; null: as data planes do by themselves',
      );
  });
  await knex.raw(`
    update environment_deployments as deployment
    set ran_before = (
      select jsonb_build_object('version', versions.version, 'digest', versions.digest)
      from alias_changes
      join versions on versions.model = alias_changes.model
        and versions.version = alias_changes.previous_version
      where alias_changes.model = deployment.model
        and alias_changes.alias = deployment.environment
        and alias_changes.version = deployment.version
      order by alias_changes.id desc
      limit 1
    )
    where kind <> 'rollback'
  `);
  await knex.schema.alterTable('promotion_work', table => {
    table
      .text('lease')
      .comment('Whoever works on it now, a UUID for each time; null: nobody');
    table
      .timestamp('leased_until')
      .comment(
        'When the lease ends unless it is renewed: whoever holds it was killed or hangs',
      );
  });
  await partitionEvents(knex);
  await addTrials(knex);
  await addEvaluations(knex);
  await renewPromotions(knex);
};

/**
 * Events in a partition for each month, so that old ones are dropped whole.
 *
 * @param {import('knex').Knex} knex
 */
async function partitionEvents(knex) {
  await knex.schema.renameTable('events', 'events_before');
  await knex.raw(`
    alter table events_before rename constraint events_pkey to events_before_pkey;
    alter index events_model_idx rename to events_before_model_idx;
    alter sequence events_id_seq owned by none;
    create table events (
      id bigint not null default nextval('events_id_seq'),
      at timestamptz(3) not null,
      actor text not null,
      action text not null,
      model text not null,
      before jsonb,
      after jsonb,
      primary key (at, id)
    ) partition by range (at);
    alter sequence events_id_seq owned by events.id;
    create index events_model_idx on events (model, id);
    create trigger events_append_only before update or delete on events
      for each row execute function refuse_change();
    comment on table events is 'What happened in the registry, append-only; written with each change; a partition for each month';
    comment on column events.id is 'Order of the events';
    comment on column events.at is 'When the change was made';
    comment on column events.actor is 'Who made the change';
    comment on column events.action is 'What was done, e.g. version-created';
    comment on column events.model is 'Model that was changed';
    comment on column events.before is 'What the change replaced';
    comment on column events.after is 'What the change put there';
  `);
  await knex.raw(`
    do $$
    declare month timestamp;
    begin
      for month in
        select date_trunc('month', at at time zone 'UTC') from events_before
        union select date_trunc('month', now() at time zone 'UTC')
        union select date_trunc('month', now() at time zone 'UTC' + interval '1 month')
      loop
        execute format('create table %I partition of events for values from (%L) to (%L)',
          'events_' || to_char(month, 'YYYY_MM'),
          month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      end loop;
    end $$
  `);
  await knex.raw('insert into events select * from events_before order by id');
  await knex.schema.dropTable('events_before');
}

/** @param {import('knex').Knex} knex */
async function addTrials(knex) {
  await knex.schema.alterTable('versions', table => {
    table
      .jsonb('servability')
      .notNullable()
      .defaultTo(
        JSON.stringify({
          state: 'not-tried',
          reason: 'It was registered before versions were tried.',
        }),
      )
      .comment(
        'Whether the runtime of the data planes can serve it, found out by loading it once',
      );
  });
  await knex.schema.createTable('trial_work', table => {
    table.comment('Versions that are still to be loaded once');
    table.text('version').primary().comment('Model and number: digits/3');
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
}

/** @param {import('knex').Knex} knex */
async function addEvaluations(knex) {
  await knex.schema.createTable('version_evaluations', table => {
    table.comment(
      'Measured quality of versions, append-only: an evaluation is no part of the artifact',
    );
    table.bigIncrements('id').comment('Order in which they were added');
    table.text('model').notNullable().comment('The model');
    table.integer('version').notNullable().comment('Number of the version');
    table
      .jsonb('evaluation')
      .notNullable()
      .comment('Metrics on held-out rows, without the values per row');
    table
      .specificType('per_row', 'double precision[]')
      .comment('One value per evaluation row whose mean is the primary metric');
    table
      .timestamp('added_at', { precision: 3 })
      .notNullable()
      .comment('When it was added');
    table.text('added_by').notNullable().comment('Who added it');
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
    table.index(['model', 'version', 'id']);
  });
  await knex.raw(`
    insert into version_evaluations (model, version, evaluation, per_row, added_at, added_by)
    select model, version, evaluation, evaluation_per_row, created_at, created_by
    from versions where evaluation is not null
    order by created_at
  `);
  await knex.raw(`
    create trigger version_evaluations_append_only before update or delete on version_evaluations
    for each row execute function refuse_change()
  `);
  await knex.schema.alterTable('versions', table => {
    table.dropColumns('evaluation', 'evaluation_per_row');
  });
}

const STEPS = [
  ['create-branch', 'Create the branch'],
  ['open-change-request', 'Open the change request'],
  ['verify-artifact-digest', 'Verify the artifact'],
  ['try-to-load', 'Try to load it'],
  ['check-signature', 'Compare signatures'],
  ['compare-evaluation', 'Compare evaluations'],
  ['publish-report', 'Publish the evidence'],
  ['await-review', 'Review'],
  ['merge-change-request', 'Merge'],
  ['apply-environment', 'Move the alias'],
  ['await-rollout', 'Roll out'],
];

/**
 * Promotions under way get the new steps; those that were merged are complete, and nobody
 * knows how their rollouts ended.
 *
 * @param {import('knex').Knex} knex
 */
async function renewPromotions(knex) {
  await knex.raw(`
    update promotions set
      phase = 'completed',
      revision = revision + 1,
      record = jsonb_set(record || jsonb_build_object('revision', revision + 1), '{state}',
        record->'state' || jsonb_build_object(
          'phase', 'completed',
          'completedAt', record->'state'->'mergedAt',
          'outcome', jsonb_build_object('kind', 'unknown',
            'note', 'It was merged before rollouts were followed to their end.')))
    where phase = 'merged'
  `);
  const open = await knex('promotions')
    .whereNotIn('phase', ['completed', 'closed'])
    .select('id', 'record', 'revision');
  for (const { id, record, revision } of open) {
    const known = new Map(
      record.steps.map((/** @type {{ name: string }} */ step) => [
        step.name,
        step,
      ]),
    );
    const steps = STEPS.map(
      ([name, title]) =>
        known.get(name) ?? { name, title, status: 'pending', attempts: 0 },
    );
    const gates = [
      ...record.gates.slice(0, 1),
      {
        id: 'servable',
        title: 'Data planes can serve it',
        status: 'pending',
        summary: 'Not checked yet.',
      },
      ...record.gates.slice(1),
    ];
    const next = { ...record, steps, gates, revision: revision + 1 };
    await knex('promotions')
      .where({ id })
      .update({ record: JSON.stringify(next), revision: revision + 1 });
    await knex('promotion_work')
      .insert({ promotion_id: id, due_at: knex.fn.now() })
      .onConflict('promotion_id')
      .ignore();
  }
}

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    alter sequence events_id_seq owned by none;
    create table events_before (like events including comments);
    insert into events_before select * from events;
    drop table events;
    alter table events_before rename to events;
    alter table events alter column id set default nextval('events_id_seq'), add primary key (id);
    alter sequence events_id_seq owned by events.id;
    create index events_model_idx on events (model, id);
    create trigger events_append_only before update or delete on events
      for each row execute function refuse_change();
  `);
  // Promotions under way would have steps that the code before does not know.
  await knex('promotions')
    .whereNotIn('phase', ['completed', 'closed'])
    .delete();
  await knex.raw(`
    update promotions set phase = 'merged', record = jsonb_set(record, '{state}', jsonb_build_object(
      'phase', 'merged', 'commit', record->'state'->'commit', 'mergedAt', record->'state'->'mergedAt'))
    where phase = 'completed'
  `);
  await knex.schema.alterTable('versions', table => {
    table
      .jsonb('evaluation')
      .comment('Metrics on held-out rows, without the per-row values');
    table
      .specificType('evaluation_per_row', 'double precision[]')
      .comment('One value per evaluation row whose mean is the primary metric');
    table.dropColumn('servability');
  });
  await knex.raw(`
    update versions set evaluation = latest.evaluation, evaluation_per_row = latest.per_row
    from (
      select distinct on (model, version) model, version, evaluation, per_row
      from version_evaluations order by model, version, id desc
    ) as latest
    where latest.model = versions.model and latest.version = versions.version
  `);
  await knex.schema.dropTable('version_evaluations');
  await knex.schema.dropTable('trial_work');
  await knex.schema.alterTable('promotion_work', table => {
    table.dropColumns('lease', 'leased_until');
  });
  await knex.schema.alterTable('environment_deployments', table => {
    table.dropColumns('ran_before', 'batching');
  });
};
