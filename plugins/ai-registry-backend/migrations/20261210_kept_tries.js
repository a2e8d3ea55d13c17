// @ts-check

/**
 * Each "Try again" added a row to these for ever; `ConversionStore` and `MeasurementStore` say what they keep.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    comment on table conversion_checks is 'Answers of converted versions that were computed again, and held against those of their models; the newest of each version';
    comment on table measurements is 'Versions that are measured on the rows of a dataset; of each the newest, and those that something refers to';
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    comment on table conversion_checks is 'Answers of converted versions that were computed again, and held against those of their models; rows are only added';
    comment on table measurements is 'Versions that are measured on the rows of a dataset';
  `);
};
