// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('local_change_requests', table => {
    table.comment(
      'Change requests of the environments repository when the Git host is a local folder',
    );
    table.increments('number').comment('Number that people refer to it by');
    table.text('title').notNullable().comment('First line of the request');
    table.text('body').notNullable().comment('Description, Markdown');
    table.text('branch').notNullable().comment('Branch to merge into main');
    table.jsonb('author').notNullable().comment('Name and email of who opened');
    table
      .text('state')
      .notNullable()
      .defaultTo('open')
      .comment('open, merged or closed');
    table
      .text('head')
      .notNullable()
      .comment('Newest commit of the branch, or the last one it had');
    table
      .text('base')
      .comment('Commit of main that the head was compared with at the end');
    table
      .text('merge_commit')
      .index()
      .comment('Commit on main that brought the change in');
    table
      .jsonb('approvals')
      .notNullable()
      .defaultTo('[]')
      .comment('Who approved which head');
    table
      .jsonb('comments')
      .notNullable()
      .defaultTo('[]')
      .comment('Who said what, and when');
    table
      .timestamp('created_at')
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it was opened');
    table
      .timestamp('updated_at')
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it last changed');
  });
  await knex.raw(
    `create unique index local_change_requests_open_branch on local_change_requests (branch) where state = 'open'`,
  );

  await knex.schema.createTable('promotions', table => {
    table.comment('Requests to run a version in an environment');
    table.text('id').primary().comment('UUID');
    table.text('kind').notNullable().comment('promotion or rollback');
    table.text('model').notNullable().comment('Name of the model');
    table.integer('version').notNullable().comment('Version to run');
    table.text('environment').notNullable().comment('Environment to run it in');
    table.text('phase').notNullable().comment('Phase of the state');
    table
      .integer('change_request')
      .unique()
      .comment('Number of the change request on the Git host');
    table
      .integer('revision')
      .notNullable()
      .comment('Grows with each change, so that no writer overwrites another');
    table
      .jsonb('record')
      .notNullable()
      .comment('The promotion: state, steps, gates, reviews, rollout plan');
    table
      .timestamp('created_at')
      .notNullable()
      .comment('When it was asked for');
    table.timestamp('updated_at').notNullable().comment('When it last changed');
    table.index(['model', 'environment', 'created_at']);
    table.index(['phase']);
  });

  await knex.schema.createTable('promotion_work', table => {
    table.comment('Promotions with a step to take');
    table
      .text('promotion_id')
      .primary()
      .references('promotions.id')
      .onDelete('CASCADE')
      .comment('Promotion to work on');
    table
      .timestamp('due_at')
      .notNullable()
      .index()
      .comment('Not before this moment');
  });

  await knex.schema.createTable('environment_revision', table => {
    table.comment('How far the environments repository has been applied');
    table.text('branch').primary().comment('Always main');
    table.text('revision').comment('Newest commit that was applied');
    table.timestamp('applied_at').comment('When it was applied');
  });
  await knex('environment_revision').insert({ branch: 'main' });

  await knex.schema.createTable('environment_deployments', table => {
    table.comment('What Git says should run, as far as it could be applied');
    table.text('environment').notNullable().comment('Environment');
    table.text('model').notNullable().comment('Name of the model');
    table.integer('version').notNullable().comment('Version that should run');
    table
      .text('digest')
      .notNullable()
      .comment('Content address of its artifact');
    table.jsonb('rollout').notNullable().comment('How traffic moves to it');
    table.jsonb('rollback_to').comment('Version and digest that ran before');
    table
      .text('commit')
      .notNullable()
      .comment('Commit on main that last changed the manifest');
    table
      .text('promotion_id')
      .comment('Promotion that made the commit; null for a direct push');
    table.text('kind').notNullable().comment('promotion, rollback or push');
    table
      .timestamp('changed_at')
      .notNullable()
      .comment('When it was committed');
    table
      .text('changed_by')
      .notNullable()
      .comment('Entity ref of the person, or name and email');
    table.primary(['environment', 'model']);
  });

  await knex.schema.createTable('environment_problems', table => {
    table.comment('Manifests on main that cannot be applied');
    table.text('path').primary().comment('Path of the manifest');
    table
      .text('environment')
      .notNullable()
      .comment('Environment of its folder');
    table.text('model').notNullable().comment('Model of its file name');
    table
      .text('message')
      .notNullable()
      .comment('What is wrong, and what to do');
    table.text('commit').notNullable().comment('Commit that last changed it');
    table
      .timestamp('since')
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it was first seen');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'environment_problems',
    'environment_deployments',
    'environment_revision',
    'promotion_work',
    'promotions',
    'local_change_requests',
  ]) {
    await knex.schema.dropTable(table);
  }
};
