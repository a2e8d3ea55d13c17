import { MigratedDatabases } from '@greenroom/ai-node/testing';
import type { Knex } from 'knex';
import { type LoggedModelQuery, LoggedModelSearch } from './LoggedModelSearch';

jest.setTimeout(120_000);

const databases = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);

describe('LoggedModelSearch', () => {
  let knex: Knex;
  let search: LoggedModelSearch;

  beforeEach(async () => {
    knex = await databases.open();
    search = new LoggedModelSearch({ knex });
    await knex('experiments').insert({
      id: 1,
      name: 'iris',
      owner: 'group:default/team',
      created_by: 'user:default/ada',
    });
    const [run] = await knex('runs')
      .insert({
        run_id: 'r1',
        experiment: 1,
        name: 'first',
        user_id: 'ada',
        status: 'RUNNING',
        created_by: 'user:default/ada',
      })
      .returning('id');
    const model = (id: string, at: number, fields: object = {}) => ({
      model_id: id,
      experiment: 1,
      name: `model ${id}`,
      status: 'READY',
      created_at: new Date(at),
      updated_at: new Date(at),
      created_by: 'user:default/ada',
      ...fields,
    });
    await knex('logged_models').insert([
      model('m-a', 1_000, { model_type: 'tree', source_run: run.id }),
      model('m-b', 2_000, { status: 'UPLOAD_FAILED' }),
      model('m-c', 3_000, { status: 'PENDING', model_type: 'net' }),
      model('m-d', 4_000, { lifecycle: 'deleted' }),
    ]);
    await knex('logged_model_params').insert([
      { model_id: 'm-a', key: 'depth', value: '3' },
    ]);
    await knex('logged_model_tags').insert([
      { model_id: 'm-b', key: 'stage', value: 'test' },
    ]);
    const point = (id: string, value: number, fields: object = {}) => ({
      model_id: id,
      run: run.id,
      key: 'acc',
      step: 0,
      at: 0,
      value,
      ...fields,
    });
    await knex('logged_model_metrics').insert([
      point('m-a', 0.9, { dataset_name: 'train', dataset_digest: '1' }),
      point('m-a', 0.5, { dataset_name: 'test', dataset_digest: '2', step: 1 }),
      point('m-b', 0.7, { dataset_name: 'train', dataset_digest: '9' }),
      point('m-c', NaN),
    ]);
  });
  afterEach(() => knex.destroy());

  const find = async (query: Omit<LoggedModelQuery, 'experimentIds'>) =>
    (await search.search({ experimentIds: ['1'], ...query })).modelIds;

  it('has the newest first, without those that were deleted', async () => {
    expect(await find({})).toEqual(['m-c', 'm-b', 'm-a']);
  });

  it.each([
    ["name = 'model m-a'", ['m-a']],
    ["model_type ILIKE 'T%'", ['m-a']],
    ["model_type != 'tree'", ['m-c']],
    ["status = 'FAILED'", ['m-b']],
    ["status NOT IN ('READY', 'FAILED')", ['m-c']],
    ["source_run_id = 'r1'", ['m-a']],
    ["attributes.model_id IN ('m-a', 'm-d')", ['m-a']],
    ['creation_timestamp >= 2000 AND creation_time < 3000', ['m-b']],
    ["params.depth = '3'", ['m-a']],
    ["tags.stage LIKE 't_st'", ['m-b']],
    ['metrics.acc > 0.6', ['m-b']],
    ['metrics.acc != 0.7', ['m-c', 'm-a']],
  ])('finds by %s', async (filter, expected) => {
    expect(await find({ filter })).toEqual(expected);
  });

  it('counts metrics on datasets that are named, alone', async () => {
    const train = [{ datasetName: 'train' }];
    expect(await find({ datasets: train })).toEqual(['m-b', 'm-a']);
    expect(
      await find({ datasets: train, filter: 'metrics.acc > 0.8' }),
    ).toEqual(['m-a']);
    expect(
      await find({ datasets: [{ datasetName: 'train', datasetDigest: '9' }] }),
    ).toEqual(['m-b']);
    await expect(find({ datasets: [{ datasetName: '' }] })).rejects.toThrow(
      '`dataset_name` in the `datasets` clause must be specified.',
    );
  });

  it('puts in order by metrics, with NaN and what lacks it last', async () => {
    const byAcc = { fieldName: 'metrics.acc' };
    expect(await find({ orderBy: [byAcc] })).toEqual(['m-a', 'm-b', 'm-c']);
    expect(await find({ orderBy: [{ ...byAcc, ascending: false }] })).toEqual([
      'm-b',
      'm-a',
      'm-c',
    ]);
    expect(
      await find({
        orderBy: [{ ...byAcc, ascending: false, datasetName: 'train' }],
      }),
    ).toEqual(['m-a', 'm-b', 'm-c']);
    expect(await find({ orderBy: [{ fieldName: 'model_type' }] })).toEqual([
      'm-c',
      'm-a',
      'm-b',
    ]);
    await expect(
      find({ orderBy: [{ fieldName: 'params.depth' }] }),
    ).rejects.toThrow('Only metrics are supported.');
    await expect(find({ orderBy: [{ fieldName: 'nope' }] })).rejects.toThrow(
      /Invalid attribute key 'nope'/,
    );
  });

  it('goes on where a page ended', async () => {
    for (const orderBy of [
      [],
      [{ fieldName: 'metrics.acc', ascending: false }],
      [{ fieldName: 'model_type' }],
      [{ fieldName: 'last_updated_timestamp' }],
    ]) {
      const all = await find({ orderBy });
      const found: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await search.search({
          experimentIds: ['1'],
          orderBy,
          maxResults: 1,
          pageToken,
        });
        found.push(...page.modelIds);
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
      expect(found).toEqual(all);
    }
  });

  it('refuses states that there are not', async () => {
    await expect(find({ filter: "status = 'DONE'" })).rejects.toThrow(
      "Unknown model status in filter: 'DONE'. Expected PENDING, READY or FAILED",
    );
  });
});
