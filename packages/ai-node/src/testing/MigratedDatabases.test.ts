import { Client } from 'pg';
import { MigratedDatabases } from './MigratedDatabases';

const databases = MigratedDatabases.create(
  '@greenroom/plugin-ai-registry-backend',
);

describe('MigratedDatabases', () => {
  const nameOf = async (
    knex: Awaited<ReturnType<typeof databases.open>>,
  ): Promise<string> => {
    const { rows } = await knex.raw('select current_database() as name');
    return rows[0].name;
  };

  it('hands a database out again as the migrations left it', async () => {
    const first = await databases.open();
    const name = await nameOf(first);
    const before = await first('environment_revision');
    expect(before).toHaveLength(1);
    await first('environment_revision').update({ branch: 'other' });
    await first('models').insert({
      name: 'digits',
      external_name: 'digits',
      title: 'Digits',
      description: '',
      task: 'classification',
      owner: 'group:default/vision-team',
      tags: {},
      created_at: new Date(),
      updated_at: new Date(),
      created_by: 'user:default/ada',
    });
    await first.destroy();

    const second = await databases.open();
    expect(await nameOf(second)).toBe(name);
    expect(await second('models')).toEqual([]);
    expect(await second('environment_revision')).toEqual(before);
    await second.destroy();
  });

  it('numbers rows from the start again', async () => {
    const knex = await databases.open();
    const { rows } = await knex.raw(
      `select format('%I.%I', schemaname, sequencename) as name, start_value as start
         from pg_sequences where sequencename not like 'knex%' limit 1`,
    );
    const [{ name, start }] = rows;
    await knex.raw('select nextval(?)', [name]);
    await knex.raw('select nextval(?)', [name]);
    await knex.destroy();
    const again = await databases.open();
    const next = await again.raw('select nextval(?) as value', [name]);
    expect(next.rows[0].value).toBe(start);
    await again.destroy();
  });

  it('hands out another one where a test still has it, or has changed its tables', async () => {
    const one = await databases.open();
    const two = await databases.open();
    const names = new Set([await nameOf(one), await nameOf(two)]);
    expect(names.size).toBe(2);
    await one.raw(
      'create function two() returns int language sql as $$ select 2 $$',
    );
    await two.raw('alter table models add column colour text');
    await one.destroy();
    await two.destroy();
    const three = await databases.open();
    expect(names).not.toContain(await nameOf(three));
    await expect(three('models').select('colour')).rejects.toThrow(
      'column "colour" does not exist',
    );
    await three.destroy();
  });

  it('ends what an earlier test has left running', async () => {
    const knex = await databases.open();
    const name = await nameOf(knex);
    const left = new Client(knex.client.config.connection);
    const ended = new Promise(resolve => left.once('end', resolve));
    left.on('error', () => {});
    await left.connect();
    await left.query('begin; lock table models in access exclusive mode');
    await knex.destroy();

    const next = await databases.open();
    expect(await nameOf(next)).toBe(name);
    await ended;
    await next.destroy();
  });
});
