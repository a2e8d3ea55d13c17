// @ts-check
const { createChangeTables, dropChangeTables } = require('@greenroom/ai-node');

/**
 * The registry's events become its audit log, in the form that all plugins have.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  const [{ since }] = await knex('events').min('at as since');
  await createChangeTables(knex, { since: since ?? undefined });
  await knex.raw(`
    insert into audit_entries (id, at, actor, action, model, environment, subject, before, after)
    select id, at, actor, action, model,
      coalesce(after->>'environment', before->>'environment'),
      coalesce(after->>'promotionId', after->>'alias', before->>'alias'), before, after
    from events order by id;
    select setval(pg_get_serial_sequence('audit_entries', 'id'), coalesce(max(id), 0) + 1, false) from audit_entries;
    insert into outbox (announcement) select announcement from event_outbox order by id;
    drop table events;
    drop table event_outbox;
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    create sequence events_id_seq as bigint;
    create table events (
      id bigint not null default nextval('events_id_seq'),
      at timestamptz(3) not null,
      actor text not null,
      action text not null,
      model text not null,
      before jsonb,
      after jsonb,
      primary key (at, id)
    ) partition by range (at);
    alter sequence events_id_seq owned by events.id;
    create index events_model_idx on events (model, id);
    create trigger events_append_only before update or delete on events
      for each row execute function refuse_change();
    do $$
    declare month timestamp;
    begin
      for month in
        select date_trunc('month', at at time zone 'UTC') from audit_entries
        union select date_trunc('month', now() at time zone 'UTC')
        union select date_trunc('month', now() at time zone 'UTC' + interval '1 month')
      loop
        execute format('create table %I partition of events for values from (%L) to (%L)',
          'events_' || to_char(month, 'YYYY_MM'),
          month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
      end loop;
    end $$;
    insert into events (id, at, actor, action, model, before, after)
      select id, at, actor, action, model, before, after from audit_entries
      where model is not null order by id;
    select setval('events_id_seq', coalesce(max(id), 0) + 1, false) from events;
    comment on table events is 'What happened in the registry, append-only; written with each change; a partition for each month';
    comment on column events.id is 'Order of the events';
    comment on column events.at is 'When the change was made';
    comment on column events.actor is 'Who made the change';
    comment on column events.action is 'What was done, e.g. version-created';
    comment on column events.model is 'Model that was changed';
    comment on column events.before is 'What the change replaced';
    comment on column events.after is 'What the change put there';
  `);
  await knex.schema.createTable('event_outbox', table => {
    table.comment(
      'Announcements of committed changes that still have to be sent out',
    );
    table.bigIncrements('id').comment('Order of sending');
    table.jsonb('announcement').notNullable().comment('The message');
  });
  await knex.raw(
    'insert into event_outbox (announcement) select announcement from outbox order by id',
  );
  await dropChangeTables(knex);
};
