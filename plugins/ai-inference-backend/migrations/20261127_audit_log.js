// @ts-check
const { createChangeTables, dropChangeTables } = require('@greenroom/ai-node');

/**
 * The events become the audit log, in the form that all plugins have.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  const [{ since }] = await knex('ai_inference_events').min('at as since');
  await createChangeTables(knex, { since: since ?? undefined });
  // Deployments were named <environment>/<model>; what was there before was not written down.
  await knex.raw(`
    insert into audit_entries (id, at, actor, action, model, environment, subject, owner, before, after)
    select id, at, actor, type,
      coalesce(payload->>'model', nullif(split_part(subject, '/', 2), '')),
      coalesce(payload->>'environment', case when subject like '%/%' then split_part(subject, '/', 1) end),
      case when subject not like '%/%' then subject end,
      payload->>'owner',
      case when type = 'key-revoked' then payload end,
      case when type <> 'key-revoked' then payload end
    from ai_inference_events order by id;
    select setval(pg_get_serial_sequence('audit_entries', 'id'), coalesce(max(id), 0) + 1, false) from audit_entries;
    drop table ai_inference_events;
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
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
    table.index(['at'], 'ai_inference_events_at');
  });
  await knex.raw(`
    insert into ai_inference_events (id, at, actor, type, subject, payload)
    select id, at, actor, action, coalesce(subject, environment || '/' || model, ''), coalesce(after, before, '{}')
    from audit_entries order by id;
    select setval('ai_inference_events_id_seq', coalesce(max(id), 0) + 1, false) from ai_inference_events;
  `);
  await dropChangeTables(knex);
};
