// @ts-check

/**
 * Rollouts no longer end because of a technical problem: what failed is loading again, with a
 * problem. Deployments know which version was proven last.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('deployments', table => {
    table
      .integer('proven_version')
      .nullable()
      .comment(
        'Version whose rollout was completed last, the base of the next one; null before the first',
      );
    table
      .integer('load_attempt')
      .notNullable()
      .defaultTo(0)
      .comment('Counts how often data planes were asked to load anew');
    table
      .timestamp('withdrawn_at', { useTz: true })
      .nullable()
      .comment(
        'When its manifest went away: nothing serves it since; remembered for the drain time in case the manifest comes back',
      );
    table
      .jsonb('told_problem')
      .nullable()
      .comment(
        'What the owners were told of a version that does not load: version, reason, at; null when there is nothing to take back',
      );
  });

  // The phase is computed from the state, and the index allows one running rollout a deployment.
  await knex.raw(
    `update rollouts set state = jsonb_build_object(
       'phase', 'superseded', 'supersededAt', state->>'failedAt')
     where phase = 'failed' and id not in (select rollout_id from deployments)`,
  );
  await knex.raw(
    `update deployments d set split = d.split || jsonb_build_array(jsonb_build_object(
         'version', r.to_version, 'digest', r.to_digest,
         'weightPercent', case when jsonb_array_length(d.split) = 0 then 100 else 0 end))
     from rollouts r
     where r.id = d.rollout_id and r.phase = 'failed'
       and not d.split @> jsonb_build_array(jsonb_build_object('version', r.to_version))`,
  );
  await knex.raw(
    `update rollouts set state = jsonb_build_object(
       'phase', 'loading',
       'problem', jsonb_build_object(
         'error', state->>'error', 'since', state->>'failedAt', 'attempts', 1,
         'nextTryAt', state->>'failedAt'))
     where phase = 'failed'`,
  );
  await knex.raw(
    `update deployments d set proven_version = (
       select r.to_version from rollouts r
       where r.environment = d.environment and r.model = d.model and r.phase = 'completed'
         and d.split @> jsonb_build_array(jsonb_build_object('version', r.to_version))
       order by r.started_at desc limit 1)`,
  );

  await knex.schema.createTable('reconcile_turns', table => {
    table.comment(
      'Which control plane process applies the manifests of an environment, so that an older reading never follows a newer one',
    );
    table.text('environment').primary().comment('Whose manifests');
    table
      .bigInteger('turn')
      .notNullable()
      .comment('Grows with each turn; a process that lost its turn sees it');
    table
      .timestamp('taken_until', { useTz: true })
      .notNullable()
      .comment("When somebody else may take over, by the database's clock");
  });

  await knex.schema.alterTable('ai_inference_events', table => {
    table.index(['at'], 'ai_inference_events_at');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('ai_inference_events', table => {
    table.dropIndex(['at'], 'ai_inference_events_at');
  });
  await knex.schema.dropTable('reconcile_turns');
  await knex.raw(
    `update rollouts set state = jsonb_build_object(
       'phase', 'failed',
       'failedAt', state->'problem'->>'since', 'error', state->'problem'->>'error')
     where state->'problem' is not null`,
  );
  await knex.schema.alterTable('deployments', table => {
    table.dropColumn('told_problem');
    table.dropColumn('withdrawn_at');
    table.dropColumn('load_attempt');
    table.dropColumn('proven_version');
  });
};
