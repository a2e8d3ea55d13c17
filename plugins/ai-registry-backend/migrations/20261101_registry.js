// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('models', table => {
    table.comment(
      'Registered models: the names that versions and aliases hang on',
    );
    table
      .text('name')
      .primary()
      .comment('Lower-case letters, digits and dashes; never changes');
    table.text('title').notNullable().comment('Name for people');
    table.text('description').notNullable().comment('Markdown');
    table.text('task').notNullable().comment('classification or regression');
    table
      .text('owner')
      .notNullable()
      .comment('Entity ref of the owning group or user');
    table
      .text('system')
      .comment('Entity ref of the system that the model belongs to');
    table.jsonb('tags').notNullable().comment('Free key/value pairs');
    table
      .integer('last_version')
      .notNullable()
      .defaultTo(0)
      .comment('Number given to the newest version; 0 before the first');
    table
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When the model was registered');
    table.text('created_by').notNullable().comment('Who registered the model');
    table
      .timestamp('updated_at', { precision: 3 })
      .notNullable()
      .comment('When the model, a version or an alias of it last changed');
    table
      .specificType(
        'search_text',
        `text generated always as (
          lower(name || ' ' || title || ' ' || description || ' ' || tags::text)
        ) stored`,
      )
      .comment('What searches look through, in lower case');
    table.index(['owner', 'name'], 'models_owner_idx');
    table.index(['tags'], 'models_tags_idx', 'gin');
  });

  await knex.schema.createTable('versions', table => {
    table.comment('Immutable versions of models');
    table
      .text('model')
      .notNullable()
      .references('models.name')
      .comment('The model');
    table
      .integer('version')
      .notNullable()
      .comment('1, 2, 3, ... within the model');
    table.text('description').notNullable().comment('Markdown');
    table.text('format').notNullable().comment('File format: onnx');
    table
      .text('digest')
      .notNullable()
      .comment('Content address of the artifact');
    table
      .bigInteger('size_bytes')
      .notNullable()
      .comment('Size of the artifact');
    table
      .jsonb('signature')
      .notNullable()
      .comment('Input and output tensors as the model file declares them');
    table
      .jsonb('schema')
      .comment('What features and predictions mean, as declared');
    table
      .jsonb('evaluation')
      .comment('Metrics on held-out rows, without the per-row values');
    table
      .specificType('evaluation_per_row', 'double precision[]')
      .comment('One value per evaluation row whose mean is the primary metric');
    table
      .jsonb('baseline')
      .comment(
        'Frozen profile of the reference rows that live traffic is compared with',
      );
    table.jsonb('tags').notNullable().comment('Free key/value pairs');
    table
      .jsonb('source')
      .notNullable()
      .comment('Repository, commit, path and run');
    table
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When the version was registered');
    table
      .text('created_by')
      .notNullable()
      .comment('Who registered the version');
    table.primary(['model', 'version']);
    table.index(['digest'], 'versions_digest_idx');
  });

  await knex.schema.createTable('aliases', table => {
    table.comment(
      'Where each alias points now; its history is in alias_changes',
    );
    table.text('model').notNullable().comment('The model');
    table
      .text('alias')
      .notNullable()
      .comment('The alias, or the environment of that name');
    table.integer('version').notNullable().comment('Version that it points at');
    table.primary(['model', 'alias']);
    table
      .foreign(['model', 'version'])
      .references(['model', 'version'])
      .inTable('versions');
  });

  await knex.schema.createTable('alias_changes', table => {
    table.comment('Every move of every alias, append-only');
    table.bigIncrements('id').comment('Order of the changes');
    table
      .text('model')
      .notNullable()
      .references('models.name')
      .comment('The model');
    table.text('alias').notNullable().comment('The alias');
    table
      .integer('version')
      .comment('Where it points from now on; null: taken away');
    table
      .integer('previous_version')
      .comment('Where it pointed before; null: nowhere');
    table
      .timestamp('valid_from', { precision: 3 })
      .notNullable()
      .comment(
        'When the change took effect; it ends where the next change begins',
      );
    table.text('changed_by').notNullable().comment('Who moved it');
    table
      .text('reason')
      .notNullable()
      .comment('Why, in the words of who moved it');
    table.text('promotion_id').comment('Promotion whose merge moved it');
    table.index(['model', 'alias', 'id'], 'alias_changes_alias_idx');
  });

  await knex.schema.createTable('events', table => {
    table.comment(
      'What happened in the registry, append-only; written with each change',
    );
    table.bigIncrements('id').comment('Order of the events');
    table
      .timestamp('at', { precision: 3 })
      .notNullable()
      .comment('When the change was made');
    table.text('actor').notNullable().comment('Who made the change');
    table
      .text('action')
      .notNullable()
      .comment('What was done, e.g. version-created');
    table.text('model').notNullable().comment('Model that was changed');
    table.jsonb('before').comment('What the change replaced');
    table.jsonb('after').comment('What the change put there');
    table.index(['model', 'id'], 'events_model_idx');
  });

  await knex.schema.createTable('event_outbox', table => {
    table.comment(
      'Announcements of committed changes that still have to be sent out',
    );
    table.bigIncrements('id').comment('Order of sending');
    table.jsonb('announcement').notNullable().comment('The message');
  });

  await knex.raw(`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name;
    end $$
  `);
  for (const table of ['alias_changes', 'events']) {
    await knex.raw(`
      create trigger ${table}_append_only before update or delete on ${table}
      for each row execute function refuse_change()
    `);
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'event_outbox',
    'events',
    'alias_changes',
    'aliases',
    'versions',
    'models',
  ]) {
    await knex.schema.dropTable(table);
  }
  await knex.raw('drop function refuse_change()');
};
