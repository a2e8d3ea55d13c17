import type { Knex } from 'knex';
import { ADA, startPlugin } from '../__testUtils__/startPlugin';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';

jest.setTimeout(60_000);

const databases = trainingDatabases();
const options = { token: ADA };
const RUN = '0123456789abcdef0123456789abcdef';
const MODEL = `m-${RUN}`;

const run = {
  id: RUN,
  name: 'bold-crane-7',
  userId: 'grace',
  status: 'FAILED',
  startedAt: 1_500_000_000_000,
  endedAt: 1_500_000_060_000,
  params: { depth: '3' },
  tags: { 'mlflow.source.name': 'train.py' },
} as const;

describe('what comes from another server', () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;
  let here: string;
  let elsewhere: string;

  beforeAll(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
    const { client } = plugin;
    here = (await client.createExperiment({ name: 'here' }, options)).id;
    elsewhere = (await client.createExperiment({ name: 'other' }, options)).id;
  });
  afterEach(() => plugin.allow());
  afterAll(() => plugin?.stop());

  it('takes a run with its id, its times and what it says of itself', async () => {
    const { client } = plugin;
    const { isNew, item } = await client.importRun(here, run, options);
    expect(isNew).toBe(true);
    expect(item).toEqual({
      ...run,
      experiment: here,
      lifecycle: 'active',
      createdAt: expect.any(String),
      createdBy: 'user:default/ada',
      artifactUri: `mlflow-artifacts:/${here}/${RUN}/artifacts`,
      tags: { ...run.tags, 'mlflow.runName': 'bold-crane-7' },
      metrics: [],
      inputs: [],
      inputModels: [],
      outputs: [],
    });
    const { status } = await plugin.mlflow('post', '/runs/log-batch', {
      run_id: RUN,
      metrics: [
        { key: 'loss', value: 'NaN', timestamp: 1, step: 1 },
        { key: 'loss', value: 0.5, timestamp: 0, step: 0 },
      ],
    });
    expect(status).toBe(200);
    expect((await client.getRun(RUN, options)).metrics).toEqual([
      { key: 'loss', value: 'NaN', at: 1, step: 1 },
    ]);
  });

  it('leaves a run that is there already as it is', async () => {
    const { client } = plugin;
    const { isNew, item } = await client.importRun(
      here,
      { ...run, name: 'another', params: { depth: '4' } },
      options,
    );
    expect(isNew).toBe(false);
    expect(item).toMatchObject({ name: 'bold-crane-7', params: run.params });
    await expect(
      client.importRun(elsewhere, run, options),
    ).rejects.toMatchObject({ statusCode: 409 });
  });

  it('takes a logged model, whose files come afterwards', async () => {
    const { client } = plugin;
    const model = {
      id: MODEL,
      name: 'forest',
      modelType: 'classifier',
      sourceRun: RUN,
      createdAt: 1_500_000_030_123,
      params: { trees: '10' },
      tags: { good: 'yes' },
    };
    const { isNew, item } = await client.importLoggedModel(
      here,
      model,
      options,
    );
    expect(isNew).toBe(true);
    expect(item).toMatchObject({
      ...model,
      createdAt: '2017-07-14T02:40:30.123Z',
      status: 'PENDING',
      metrics: [],
    });
    const again = await client.importLoggedModel(
      here,
      { ...model, tags: {} },
      options,
    );
    expect(again).toEqual({ isNew: false, item });
    await expect(
      client.importLoggedModel(elsewhere, model, options),
    ).rejects.toMatchObject({ statusCode: 409 });
    await expect(
      client.importLoggedModel(
        here,
        { id: `m-${'1'.repeat(32)}`, name: 'x', sourceRun: 'absent' },
        options,
      ),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('asks for the permission to write there', async () => {
    const { client } = plugin;
    plugin.allow({ except: ['ai-training.run.write'] });
    await expect(
      client.importRun(here, { ...run, id: 'b'.repeat(32) }, options),
    ).rejects.toMatchObject({ statusCode: 403 });
    await expect(
      client.importLoggedModel(
        here,
        { id: `m-${'2'.repeat(32)}`, name: 'x' },
        options,
      ),
    ).rejects.toMatchObject({ statusCode: 403 });
  });

  it('refuses what it cannot keep, and unknown or deleted experiments', async () => {
    const { client } = plugin;
    const id = 'c'.repeat(32);
    await expect(
      client.importRun('4711', { ...run, id }, options),
    ).rejects.toMatchObject({ statusCode: 404 });
    await expect(
      client.importRun(here, { ...run, id, params: { '../up': '1' } }, options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      client.importRun(here, { ...run, id: '../up' }, options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await plugin.mlflow('post', '/experiments/delete', {
      experiment_id: elsewhere,
    });
    await expect(
      client.importRun(elsewhere, { ...run, id }, options),
    ).rejects.toMatchObject({ statusCode: 400 });
  });
});
