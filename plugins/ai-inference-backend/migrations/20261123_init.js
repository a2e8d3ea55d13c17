// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('served_versions', table => {
    table.comment(
      'What a data plane must know of a version; copied from the registry when its first rollout starts, never changed',
    );
    table.text('model').notNullable().comment('Name of the model');
    table.integer('version').notNullable().comment('Number of the version');
    table
      .text('digest')
      .notNullable()
      .comment('Content address of the artifact, sha256:<64 hex digits>');
    table
      .bigInteger('size_bytes')
      .notNullable()
      .comment('Size of the artifact in bytes');
    table
      .jsonb('signature')
      .notNullable()
      .comment('Input and output tensors, as the model file declares them');
    table
      .jsonb('schema')
      .nullable()
      .comment('Meaning of the numbers, as the trainer declared it');
    table.primary(['model', 'version']);
  });

  await knex.schema.createTable('rollouts', table => {
    table.comment('Moves of traffic from one version to another');
    table.uuid('id').primary().comment('Identifier of the rollout');
    table.text('environment').notNullable().comment('Where it happens');
    table.text('model').notNullable().comment('Name of the model');
    table
      .integer('from_version')
      .nullable()
      .comment('Version that ran before; null for a first deployment');
    table.integer('to_version').notNullable().comment('Version rolled out');
    table
      .text('to_digest')
      .notNullable()
      .comment('Digest of to_version as the manifest names it');
    table
      .text('kind')
      .notNullable()
      .comment('promotion, rollback or push: how the manifest was changed');
    table
      .jsonb('plan')
      .notNullable()
      .comment('Strategy and steps, copied from the manifest');
    table
      .jsonb('state')
      .notNullable()
      .comment('Phase, and the fields that belong to it');
    table
      .specificType(
        'phase',
        `text generated always as (state->>'phase') stored`,
      )
      .comment('Phase out of state, for queries');
    table
      .text('commit')
      .notNullable()
      .comment('Commit in the environments repository that asked for it');
    table
      .text('promotion_id')
      .nullable()
      .comment('Promotion that made the commit; null for a direct push');
    table
      .jsonb('start_split')
      .notNullable()
      .comment('Split when it began; a failed rollout goes back to it');
    table
      .jsonb('history')
      .notNullable()
      .comment('What happened, oldest first: at, weightPercent, note');
    table
      .timestamp('started_at', { useTz: true })
      .notNullable()
      .comment('When it began');
    table.index(['environment', 'model', 'started_at']);
    table.index(['started_at']);
  });
  await knex.raw(
    `create unique index rollouts_one_running on rollouts (environment, model)
     where phase in ('loading', 'progressing')`,
  );

  await knex.schema.createTable('deployments', table => {
    table.comment('Models served in an environment, with the current split');
    table.text('environment').notNullable().comment('Where it is served');
    table.text('model').notNullable().comment('Name of the model');
    table
      .text('commit')
      .notNullable()
      .comment('Commit of the manifest that was acted on last');
    table.integer('version').notNullable().comment('Version of that manifest');
    table
      .integer('rollback_to')
      .nullable()
      .comment('Version kept loaded so that a rollback is instant');
    table
      .text('salt')
      .notNullable()
      .comment('Salts the assignment of callers to variants');
    table
      .jsonb('split')
      .notNullable()
      .comment(
        'Variants in order: version, digest, weightPercent, retainUntil; the order is part of the assignment',
      );
    table
      .timestamp('next_drop_at', { useTz: true })
      .nullable()
      .comment('When the next version without traffic is dropped');
    table
      .uuid('rollout_id')
      .notNullable()
      .references('rollouts.id')
      .comment('The running rollout, or the last one');
    table
      .timestamp('updated_at', { useTz: true })
      .notNullable()
      .comment('When the split or the wish changed last');
    table.primary(['environment', 'model']);
  });

  await knex.schema.createTable('data_planes', table => {
    table.comment('What each data plane said last');
    table
      .text('producer')
      .primary()
      .comment('One per process start of a data plane');
    table.text('environment').notNullable().comment('What it serves');
    table.text('public_url').notNullable().comment('Where callers reach it');
    table
      .text('snapshot_id')
      .nullable()
      .comment('Snapshot that it serves; null before the first one');
    table
      .jsonb('models')
      .notNullable()
      .comment('Versions with their state: loading, ready or failed');
    table
      .timestamp('last_seen_at', { useTz: true })
      .notNullable()
      .comment('When it asked for the snapshot last');
    table.index(['last_seen_at']);
  });

  await knex.schema.createTable('api_keys', table => {
    table.comment('Keys of the callers of data planes; never the key itself');
    table.uuid('id').primary().comment('Identifier of the key');
    table
      .text('purpose')
      .notNullable()
      .comment(
        'caller: issued to a person; playground: held by a control plane process in memory',
      );
    table.text('name').notNullable().comment('What people call it');
    table
      .text('sha256')
      .notNullable()
      .unique()
      .comment('SHA-256 of the whole key, hexadecimal');
    table
      .text('prefix')
      .notNullable()
      .comment('First characters of the key, to recognise it by');
    table
      .specificType('models', 'text[]')
      .notNullable()
      .comment('Models that it may call; * for all');
    table
      .timestamp('created_at', { useTz: true })
      .notNullable()
      .comment('When it was issued');
    table
      .text('created_by')
      .notNullable()
      .comment('Entity ref of who asked for it');
    table
      .timestamp('expires_at', { useTz: true })
      .nullable()
      .comment('From when on it is refused; null for never');
    table
      .timestamp('revoked_at', { useTz: true })
      .nullable()
      .comment('When it was taken back');
    table
      .text('revoked_by')
      .nullable()
      .comment('Entity ref of who took it back');
    table
      .timestamp('last_used_at', { useTz: true })
      .nullable()
      .comment('When a data plane last reported its use');
    table.index(['created_by']);
  });

  await knex.schema.createTable('ai_inference_events', table => {
    table.comment(
      'What was changed, by whom; written in the transaction of the change, never updated',
    );
    table.bigIncrements('id').comment('Order of the events');
    table
      .timestamp('at', { useTz: true })
      .notNullable()
      .comment('When it happened');
    table
      .text('actor')
      .notNullable()
      .comment('Entity ref of a person, or service:<name>');
    table
      .text('type')
      .notNullable()
      .comment('Such as rollout-changed, key-issued, key-revoked');
    table
      .text('subject')
      .notNullable()
      .comment('Identifier of the rollout, deployment or key');
    table.jsonb('payload').notNullable().comment('What changed; no secrets');
    table.index(['subject']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('ai_inference_events');
  await knex.schema.dropTable('api_keys');
  await knex.schema.dropTable('data_planes');
  await knex.schema.dropTable('deployments');
  await knex.schema.dropTable('rollouts');
  await knex.schema.dropTable('served_versions');
};
