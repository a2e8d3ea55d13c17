// @ts-check

/**
 * What Kueue holds has no flavor meanwhile, and costs nothing.
 *
 * What was spent stays counted when a job goes, with its run or its experiment, whoever removes them. It is a
 * trigger, so that no way of removing them can forget it; it belongs to jobs, since attempts go after their job
 * and could not ask it any more whose they were.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(`
    alter table training_attempts add column held tstzmultirange not null default '{}';
    comment on column training_attempts.held is 'When Kueue held it: it had no flavor then. Without an end while it does';

    create table training_spent (
      job uuid not null,
      number integer not null,
      experiment bigint not null,
      owner text not null,
      team text not null,
      model text,
      flavor text not null,
      units integer not null,
      price_per_hour double precision,
      currency text,
      started_at timestamptz(3) not null,
      held tstzmultirange not null,
      ended_at timestamptz(3) not null,
      primary key (job, number)
    );
    create index training_spent_by_end on training_spent (ended_at);
    comment on table training_spent is 'What attempts took whose jobs are gone: of them only what costs and budgets need';
    comment on column training_spent.job is 'Id that the job had';
    comment on column training_spent.number is 'Of the attempt: 1, 2, ...';
    comment on column training_spent.experiment is 'That the job was in; it may be gone';
    comment on column training_spent.owner is 'Entity ref of who owned that when the job went, or the team where it went with it';
    comment on column training_spent.team is 'Entity ref: whose budget it counts against';
    comment on column training_spent.model is 'That was trained; null where the template named none';
    comment on column training_spent.flavor is 'What it had';
    comment on column training_spent.units is 'How many of the flavor, all nodes together';
    comment on column training_spent.price_per_hour is 'Of one of the flavor; null where it had none';
    comment on column training_spent.currency is 'Of the price';
    comment on column training_spent.started_at is 'From when the flavor was taken';
    comment on column training_spent.held is 'When Kueue held it: it had no flavor then';
    comment on column training_spent.ended_at is 'Until when: of one that had not ended, when its job went';

    create function keep_what_was_spent() returns trigger language plpgsql as $$
    begin
      insert into training_spent (job, number, experiment, owner, team, model, flavor, units, price_per_hour,
        currency, started_at, held, ended_at)
      select old.id, a.number, old.experiment,
        coalesce((select owner from experiments where id = old.experiment), old.team),
        old.team, old.spec->>'model', a.flavor, a.units, a.price_per_hour, a.currency, a.started_at, a.held,
        coalesce(a.ended_at, clock_timestamp())
      from training_attempts a where a.job = old.id;
      return old;
    end $$;
    create trigger spent_stays before delete on training_jobs
      for each row execute function keep_what_was_spent();
  `);
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw(`
    drop trigger spent_stays on training_jobs;
    drop function keep_what_was_spent;
    drop table training_spent;
    alter table training_attempts drop column held;
  `);
};
