// @ts-check

/**
 * Datasets, and what is evaluated on them.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('datasets', table => {
    table.comment('Datasets: the names that versions of rows hang on');
    table
      .text('name')
      .primary()
      .comment('Lower-case letters, digits and dashes; never changes');
    table.text('title').notNullable().comment('Name for people');
    table.text('description').notNullable().comment('Markdown');
    table
      .text('owner')
      .notNullable()
      .comment('Entity ref of the owning group or user');
    table.jsonb('tags').notNullable().comment('Free key/value pairs');
    table
      .integer('last_version')
      .notNullable()
      .defaultTo(0)
      .comment('Number given to the newest version; 0 before the first');
    table
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When the dataset was made');
    table.text('created_by').notNullable().comment('Who made the dataset');
    table
      .timestamp('updated_at', { precision: 3 })
      .notNullable()
      .comment('When the dataset last changed, or got a version');
    table
      .specificType(
        'search_text',
        `text generated always as (
          lower(name || ' ' || title || ' ' || description || ' ' || tags::text)
        ) stored`,
      )
      .comment('What searches look through, in lower case');
    table.index(['owner', 'name'], 'datasets_owner_idx');
    table.index(['tags'], 'datasets_tags_idx', 'gin');
  });
  // As models are found: see there.
  await knex.raw(`
    create index datasets_search_idx on datasets using gin (trigrams_of(search_text))
    with (fastupdate = off)
  `);
  await knex.raw(`
    create function datasets_with_trigrams(trigrams text[], at_most integer) returns setof text
    language sql stable strict
    set enable_seqscan = off
    set enable_indexscan = off
    as $$ select name from datasets where trigrams_of(search_text) @> trigrams limit at_most $$
  `);
  await knex.raw(`
    comment on function datasets_with_trigrams(text[], integer) is
      'Names of some datasets whose search_text has all of these trigrams'
  `);

  await knex.schema.createTable('dataset_versions', table => {
    table.comment('Immutable versions of datasets');
    table
      .text('dataset')
      .notNullable()
      .references('datasets.name')
      .comment('The dataset');
    table
      .integer('version')
      .notNullable()
      .comment('1, 2, 3, ... within the dataset');
    table.text('description').notNullable().comment('What is different in it');
    table
      .text('kind')
      .notNullable()
      .comment('stored: in the artifact store; external: somewhere else');
    table
      .text('digest')
      .notNullable()
      .comment(
        'What evaluations name: content address of the list of files (bundle.json), or of what lies elsewhere',
      );
    table
      .text('file_digest')
      .comment('Content address of the file with the rows; null: external');
    table
      .text('schema_digest')
      .comment('Content address of dataset.json; null: external');
    table.text('format').comment('jsonl, csv or parquet; null: external');
    table
      .bigInteger('rows')
      .comment('Number of rows; null: external, and nobody said');
    table
      .jsonb('columns')
      .comment(
        'Name and type of each column, in the order of the file; null: external',
      );
    table
      .bigInteger('size_bytes')
      .comment('Size of the file with the rows; null: external');
    table.text('uri').comment('Where an external version lies; null: stored');
    table
      .timestamp('created_at', { precision: 3 })
      .notNullable()
      .comment('When the version was made');
    table.text('created_by').notNullable().comment('Who made the version');
    table.primary(['dataset', 'version']);
    table.index(['digest'], 'dataset_versions_digest_idx');
    table.index(['file_digest'], 'dataset_versions_file_digest_idx');
    table.index(['schema_digest'], 'dataset_versions_schema_digest_idx');
    table.check(
      `(kind = 'stored') = (format is not null and file_digest is not null and schema_digest is not null
        and columns is not null and rows is not null and size_bytes is not null and uri is null)
       and (kind = 'external') = (uri is not null and format is null and file_digest is null)`,
      [],
      'dataset_versions_kind_check',
    );
  });
  await knex.raw(`
    create index version_evaluations_dataset_idx
    on version_evaluations ((evaluation->'dataset'->>'digest'), id desc)
  `);
};

/**
 * The files stay in the artifact store until they are collected.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index version_evaluations_dataset_idx');
  await knex.schema.dropTable('dataset_versions');
  await knex.raw('drop function datasets_with_trigrams(text[], integer)');
  await knex.schema.dropTable('datasets');
};
