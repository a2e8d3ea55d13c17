// @ts-check
const { createChangeTables, dropChangeTables } = require('@greenroom/ai-node');

/**
 * Models that became better or worse are changes: they are remembered and told.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await createChangeTables(knex);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await dropChangeTables(knex);
};
