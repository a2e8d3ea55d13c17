// @ts-check
const { createNoticesTable, dropNoticesTable } = require('@greenroom/ai-node');

/**
 * What owners of models and web hooks are to be told.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = knex => createNoticesTable(knex);

/** @param {import('knex').Knex} knex */
exports.down = knex => dropNoticesTable(knex);
