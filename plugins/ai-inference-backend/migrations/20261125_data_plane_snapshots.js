// @ts-check

/**
 * A data plane may be online and serve an old snapshot: it is known as of when the snapshot is
 * that it serves.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table
      .timestamp('first_seen_at', { useTz: true })
      .notNullable()
      .defaultTo(knex.fn.now())
      .comment('When it asked for the snapshot for the first time');
    table
      .text('sent_snapshot_id')
      .nullable()
      .comment('Snapshot that was current when it asked last');
    table
      .timestamp('sent_at', { useTz: true })
      .nullable()
      .comment('When that snapshot was current');
    table
      .timestamp('snapshot_as_of', { useTz: true })
      .nullable()
      .comment(
        'When the snapshot that it serves was current; null before it serves one',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('data_planes', table => {
    table.dropColumn('snapshot_as_of');
    table.dropColumn('sent_at');
    table.dropColumn('sent_snapshot_id');
    table.dropColumn('first_seen_at');
  });
};
