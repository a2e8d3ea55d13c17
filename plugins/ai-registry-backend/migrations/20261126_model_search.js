// @ts-check

/**
 * Models are found by the words in them, without looking through all of them: an index of all
 * three characters that follow each other. It is made of what every PostgreSQL brings along,
 * since extensions are not to be had everywhere.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    create function trigrams_of(value text) returns text[]
    language sql immutable strict parallel safe
    as $$
      select coalesce(array_agg(distinct trigram), '{}')
      from (
        select (c || lead(c, 1) over following || lead(c, 2) over following) collate "C" as trigram
        from unnest(string_to_array(value, null)) with ordinality as characters(c, position)
        window following as (order by position)
      ) as trigrams
      where trigram is not null
    $$
  `);
  await knex.raw(`
    comment on function trigrams_of(text) is
      'All three characters that follow each other in a text; none when it is shorter'
  `);
  // Searches would have to look through what waits to be written into the index.
  await knex.raw(`
    create index models_search_idx on models using gin (trigrams_of(search_text))
    with (fastupdate = off)
  `);
  // To look at each row would mean to take its text apart again, which takes a hundred times as
  // long as the index; the planner does not know, so that it is left no choice.
  await knex.raw(`
    create function models_with_trigrams(trigrams text[], at_most integer) returns setof text
    language sql stable strict
    set enable_seqscan = off
    set enable_indexscan = off
    as $$ select name from models where trigrams_of(search_text) @> trigrams limit at_most $$
  `);
  await knex.raw(`
    comment on function models_with_trigrams(text[], integer) is
      'Names of some models whose search_text has all of these trigrams'
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop function models_with_trigrams(text[], integer)');
  await knex.raw('drop index models_search_idx');
  await knex.raw('drop function trigrams_of(text)');
};
