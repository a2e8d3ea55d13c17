// @ts-check

/**
 * Time in which another queue, such as Kueue's, holds an attempt back, which takes nothing of its job's.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    alter table training_attempts add column held_at timestamptz(3);
    comment on column training_attempts.held_at is 'Since when a queue of its backend holds it back; null while none does';
    comment on column training_attempts.started_at is 'When it was let start, later by the time that it was held back: the time since is what it has taken';
    comment on column training_attempts.running_at is 'When its program was first seen to run, later by the time that it was held back since: the time since is what it has run';
  `);
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('alter table training_attempts drop column held_at');
};
