// @ts-check

/**
 * A version may be a model that a provider runs. It has a descriptor instead of a signature.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('versions', table => {
    table.setNullable('signature');
    table
      .jsonb('external')
      .comment(
        'What external.json says: connection, model, tasks, parameters, messages; null for other formats',
      );
  });
  await knex.raw(`
    alter table versions add constraint versions_external_check
    check (case when format = 'external' then external is not null else signature is not null end)
  `);
  await knex.raw(`
    comment on column versions.format is 'What the files are together: onnx or external';
    comment on column versions.signature is 'Inputs and outputs as the model file declares them; null for an external model';
    comment on column models.task is 'classification, regression, text-generation or feature-extraction';
  `);
};

/**
 * External versions are not known any more. Their files stay in the artifact store.
 *
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const external = await knex('versions').where({ format: 'external' }).first();
  if (external) {
    throw new Error(
      'There are versions of external models, which the earlier tables cannot hold: take them out first',
    );
  }
  await knex.raw(
    'alter table versions drop constraint versions_external_check',
  );
  await knex.schema.alterTable('versions', table => {
    table.dropColumn('external');
    table.dropNullable('signature');
  });
};
