import type { Knex } from 'knex';
import { startPlugin } from '../__testUtils__/startPlugin';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';

jest.setTimeout(120_000);

const databases = trainingDatabases();

describe('searches of MLflow clients', () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;
  let experiment: string;

  beforeEach(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
    const made = await post('/experiments/create', {
      name: 'digits',
      tags: [{ key: 'team', value: 'vision' }],
    });
    experiment = made.experiment_id;
  });
  afterEach(async () => {
    await plugin.stop();
    await knex.destroy();
  });

  async function post(path: string, fields: object) {
    const { status, body } = await plugin.mlflow('post', path, fields);
    expect([status, body]).toEqual([200, body]);
    return body;
  }

  async function startRun(name: string, loss?: number | string) {
    const { run } = await post('/runs/create', {
      experiment_id: experiment,
      run_name: name,
      start_time: 5,
    });
    const { run_id } = run.info;
    if (loss !== undefined) {
      await post('/runs/log-metric', {
        run_id,
        key: 'loss',
        value: loss,
        timestamp: 1,
      });
    }
    return run_id;
  }

  const namesOf = (body: { runs: { info: { run_name: string } }[] }) =>
    body.runs.map(({ info }) => info.run_name);

  it('find runs, page by page', async () => {
    await startRun('worst', 3);
    await startRun('unknown');
    await startRun('best', 1);
    await startRun('broken', 'NaN');
    const query = {
      experiment_ids: [experiment],
      order_by: ['metrics.loss ASC'],
      max_results: 3,
    };
    const first = await post('/runs/search', query);
    expect(namesOf(first)).toEqual(['best', 'worst', 'broken']);
    expect(first.runs[2].data.metrics).toMatchObject([
      { key: 'loss', value: 'NaN' },
    ]);
    const { next_page_token: page_token } = first;
    const second = await post('/runs/search', { ...query, page_token });
    expect(namesOf(second)).toEqual(['unknown']);
    expect(second).not.toHaveProperty('next_page_token');
    const filtered = await post('/runs/search', {
      experiment_ids: [experiment],
      filter: "metrics.loss < 2 and attributes.run_name LIKE 'b%'",
      run_view_type: 'ALL',
    });
    expect(namesOf(filtered)).toEqual(['best']);
    expect(
      namesOf(await post('/runs/search', { experiment_ids: ['999'] })),
    ).toEqual([]);
  });

  it('say what is wrong, as MLflow does', async () => {
    const wrong = await plugin.mlflow('post', '/runs/search', {
      experiment_ids: [experiment],
      filter: 'metrics.loss > 1 OR metrics.loss < 0',
    });
    expect([wrong.status, wrong.body]).toEqual([
      400,
      {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringContaining('Invalid clause(s) in filter string'),
      },
    ]);
    const tooMany = await plugin.mlflow('post', '/runs/search', {
      experiment_ids: [experiment],
      max_results: 50_001,
    });
    expect(tooMany.body.message).toMatch(/It must be at most 50000/);
  });

  it('find experiments, by POST and by GET', async () => {
    const query = { filter: "tags.team = 'vision'", view_type: 'ALL' };
    const found = {
      experiments: [expect.objectContaining({ experiment_id: experiment })],
    };
    expect(await post('/experiments/search', query)).toEqual(found);
    const got = await plugin.mlflow('get', '/experiments/search', query);
    expect(got.body).toEqual(found);
    const all = await post('/experiments/search', { order_by: ['name DESC'] });
    expect(all.experiments.map((it: { name: string }) => it.name)).toEqual([
      'digits',
      'Default',
    ]);
  });

  it('find logged models and datasets', async () => {
    const run_id = await startRun('first');
    await post('/logged-models', {
      experiment_id: experiment,
      name: 'tree',
      source_run_id: run_id,
    });
    await post('/runs/log-inputs', {
      run_id,
      datasets: [
        {
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
          dataset: {
            name: 'mnist',
            digest: 'abc',
            source_type: 'http',
            source: '{}',
          },
        },
      ],
    });
    const models = await post('/logged-models/search', {
      experiment_ids: [experiment],
      filter: "name = 'tree'",
      order_by: [{ field_name: 'metrics.loss', ascending: false }],
    });
    expect(models.models).toMatchObject([
      { info: { name: 'tree', source_run_id: run_id } },
    ]);
    expect(
      await post('/experiments/search-datasets', {
        experiment_ids: [experiment],
      }),
    ).toEqual({
      dataset_summaries: [
        {
          experiment_id: experiment,
          name: 'mnist',
          digest: 'abc',
          context: 'training',
        },
      ],
    });
  });

  it('refuse experiments that may not be read when they are named, and leave them out otherwise', async () => {
    plugin.allow({ except: ['ai-training.experiment.read'] });
    const named = await plugin.mlflow('post', '/runs/search', {
      experiment_ids: [experiment],
    });
    expect([named.status, named.body.error_code]).toEqual([
      403,
      'PERMISSION_DENIED',
    ]);
    expect(await post('/experiments/search', {})).toEqual({ experiments: [] });
  });
});
