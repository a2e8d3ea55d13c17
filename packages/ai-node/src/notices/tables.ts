import type { Knex } from 'knex';

export const NOTICES_TABLE = 'owner_notices';

/**
 * Makes the table of what owners are to be told; for a migration. Like a migration, it is never changed once it
 * was released.
 */
export async function createNoticesTable(knex: Knex): Promise<void> {
  await knex.raw(`
    create table owner_notices (
      scope text primary key,
      kind text not null,
      owners text[] not null,
      actor text,
      data jsonb not null,
      count integer not null default 1,
      due_at timestamptz(3),
      told_at timestamptz(3),
      attempts integer not null default 0
    );
    create index owner_notices_due on owner_notices (due_at) where due_at is not null;
    comment on table owner_notices is 'What owners are to be told, and when they were told last: one row for each notification that they have';
    comment on column owner_notices.scope is 'What it is about: a later notification of the same scope takes the place of an earlier one';
    comment on column owner_notices.kind is 'What has happened, as the plugin calls it';
    comment on column owner_notices.owners is 'Entity refs of who is told';
    comment on column owner_notices.actor is 'Entity ref of who did it and is not told; null where several did';
    comment on column owner_notices.data is 'What has happened last; no secrets';
    comment on column owner_notices.count is 'How often it has happened since they were told';
    comment on column owner_notices.due_at is 'When they are told, or told again where that failed or its process was killed; null: there is nothing to tell';
    comment on column owner_notices.told_at is 'When they were told last; null: never';
    comment on column owner_notices.attempts is 'How often telling was tried since something happened'
  `);
}

/** Takes back what {@link createNoticesTable} made. */
export async function dropNoticesTable(knex: Knex): Promise<void> {
  await knex.schema.dropTable(NOTICES_TABLE);
}
