// @ts-check

/** Gates by the steps that ask them, before promotions wrote them down. */
const GATE_OF_STEP = {
  'verify-artifact-digest': 'artifact-digest',
  'check-connection': 'connection',
  'try-to-load': 'servable',
  'check-signature': 'signature-compatible',
  'compare-evaluation': 'evaluation',
  'compare-cost': 'cost',
};

/**
 * A promotion says itself which of its steps asks which gate, so that it goes on as it was opened
 * whatever gates there are by then.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await changeSteps(
    knex,
    `case when :gates::jsonb -> (step ->> 'name') is null then step
      else step || jsonb_build_object('gate', :gates::jsonb -> (step ->> 'name')) end`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await changeSteps(knex, `step - 'gate'`);
};

/**
 * @param {import('knex').Knex} knex
 * @param {string} change - SQL of the new step
 */
async function changeSteps(knex, change) {
  await knex.raw(
    `update promotions set
      revision = revision + 1,
      record = record || jsonb_build_object(
        'revision', revision + 1,
        'steps', (
          select jsonb_agg(${change} order by position)
          from jsonb_array_elements(record -> 'steps') with ordinality as steps(step, position)
        )
      )
    where jsonb_array_length(record -> 'steps') > 0`,
    { gates: JSON.stringify(GATE_OF_STEP) },
  );
}
