// @ts-check

/**
 * Promotions under way get the step that looks at the connection of an external version, before
 * the one that tries to load. Those that had taken that one do not go back.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await eachOpen(knex, steps => {
    const next = steps.findIndex(({ name }) => name === 'try-to-load');
    if (next < 0) return steps;
    return [
      ...steps.slice(0, next),
      {
        ...steps[next],
        name: 'check-connection',
        title: 'Check the connection',
        status: steps[next].status === 'done' ? 'done' : 'pending',
        error: undefined,
      },
      ...steps.slice(next),
    ];
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await eachOpen(knex, steps =>
    steps.filter(({ name }) => name !== 'check-connection'),
  );
};

/**
 * @typedef {{ name: string, title: string, status: string, error?: string }} Step
 * @param {import('knex').Knex} knex
 * @param {(steps: Step[]) => Step[]} change
 */
async function eachOpen(knex, change) {
  const open = await knex('promotions')
    .whereNotIn('phase', ['completed', 'closed'])
    .select('id', 'record', 'revision');
  for (const { id, record, revision } of open) {
    const steps = change(record.steps);
    const next = { ...record, steps, revision: revision + 1 };
    await knex('promotions')
      .where({ id })
      .update({ record: JSON.stringify(next), revision: revision + 1 });
  }
}
