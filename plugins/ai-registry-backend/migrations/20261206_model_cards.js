// @ts-check

/**
 * A version has a card, in the format of Hugging Face.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    alter table versions add column card text, add column licence text;
    comment on column versions.card is 'Its model card as it was written: Markdown after a front matter of YAML; null: none';
    comment on column versions.licence is 'Licence that its card names; null: none';
  `);
};

/**
 * The cards are lost; those that came with a bundle are in its README.md.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('alter table versions drop column card, drop column licence');
};
