import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { type NewRun, RunStore } from './RunStore';

jest.setTimeout(60_000);

const databases = trainingDatabases();

describe('RunStore', () => {
  let knex: Knex;
  let runs: RunStore;
  let count = 0;

  beforeAll(async () => {
    knex = await databases.open();
  });
  beforeEach(() => {
    runs = new RunStore({ knex });
  });

  const newRun = (fields: Partial<NewRun> = {}): NewRun => {
    count += 1;
    return {
      id: count.toString(16).padStart(32, '0'),
      experiment: '0',
      name: 'able-ant-1',
      userId: 'ada',
      startedAt: 1_700_000_000_000,
      tags: { 'mlflow.runName': 'able-ant-1' },
      createdBy: 'user:default/ada',
      ...fields,
    };
  };
  const create = async (fields?: Partial<NewRun>) =>
    (await runs.insert(newRun(fields))).id;

  /** How many statements are sent meanwhile. */
  async function countStatements(work: () => Promise<unknown>) {
    let statements = 0;
    const note = () => {
      statements += 1;
    };
    knex.on('query', note);
    await work().finally(() => knex.removeListener('query', note));
    return statements;
  }

  const point = (key: string, step: number, value: number | string, at = 1) =>
    ({ key, step, at, value } as {
      key: string;
      step: number;
      at: number;
      value: number;
    });

  it('gives back a new run as it is read later', async () => {
    const run = newRun({ tags: { 'mlflow.runName': 'able-ant-1', a: 'ä' } });
    const inserted = await runs.insert(run);
    expect(inserted).toEqual(await runs.get(run.id));
    expect(inserted).toMatchObject({
      status: 'RUNNING',
      lifecycle: 'active',
      artifactUri: `mlflow-artifacts:/0/${run.id}/artifacts`,
    });
  });

  it('makes a run, and logs to it, in one statement each', async () => {
    const run = newRun();
    expect(await countStatements(() => runs.insert(run))).toBe(1);
    const log = async (metrics: number) => {
      await runs.findPlace(run.id);
      await runs.log(run.id, {
        metrics: Array.from({ length: metrics }, (_, step) =>
          point(`m${step % 7}`, step, step / 3),
        ),
        params: [{ key: `p${metrics}`, value: '1' }],
        tags: [{ key: 'stage', value: String(metrics) }],
      });
    };
    for (const metrics of [1, 10, 100, 500, 1_000]) {
      expect(await countStatements(() => log(metrics))).toBe(1);
    }
    const { metrics, params, tags } = await runs.get(run.id);
    expect(metrics).toHaveLength(7);
    expect(Object.keys(params)).toHaveLength(5);
    expect(tags.stage).toBe('1000');
  });

  it('refuses runs of experiments that are deleted or absent', async () => {
    await expect(runs.insert(newRun({ experiment: '999' }))).rejects.toThrow(
      'No Experiment with id=999 exists',
    );
    const [{ id }] = await knex('experiments')
      .insert({
        name: 'gone',
        owner: 'user:default/ada',
        lifecycle: 'deleted',
        created_by: 'user:default/ada',
      })
      .returning('id');
    await expect(runs.insert(newRun({ experiment: id }))).rejects.toThrow(
      `The experiment ${id} must be in the 'active' state`,
    );
  });

  describe('the latest of a metric', () => {
    it('is the greatest by step, then time, then value', async () => {
      const id = await create();
      await runs.log(id, {
        metrics: [
          point('loss', 2, 0.5, 10),
          point('loss', 1, 0.9, 99),
          point('loss', 2, 0.7, 10),
          point('loss', 2, 0.6, 9),
        ],
      });
      await runs.log(id, { metrics: [point('loss', 1, 7, 1_000)] });
      expect((await runs.get(id)).metrics).toEqual([
        { key: 'loss', value: 0.7, at: 10, step: 2 },
      ]);
      await runs.log(id, { metrics: [point('loss', 3, 0.1, 1)] });
      expect((await runs.get(id)).metrics[0].value).toBe(0.1);
    });

    it('is not a number only where nothing else is', async () => {
      const id = await create();
      await runs.log(id, {
        metrics: [
          point('a', 1, 'NaN'),
          point('a', 1, 3),
          point('b', 1, 'NaN'),
          point('c', 1, 'Infinity'),
        ],
      });
      await runs.log(id, {
        metrics: [point('a', 1, 'NaN'), point('b', 1, -1)],
      });
      expect(
        (await runs.get(id)).metrics.map(({ key, value }) => [key, value]),
      ).toEqual([
        ['a', 3],
        ['b', -1],
        ['c', 'Infinity'],
      ]);
    });

    it('keeps all points, those that come twice once', async () => {
      const id = await create();
      const metrics = [
        point('x', 0, 1),
        point('x', 0, 1),
        point('x', 0, 'NaN'),
      ];
      await runs.log(id, { metrics });
      await runs.log(id, { metrics });
      const { number } = await runs.findPlace(id);
      const [{ count: points }] = await knex('metric_points')
        .where({ run: number })
        .count();
      expect(Number(points)).toBe(2);
    });
  });

  describe('a param', () => {
    it('may be logged again with its value, and with no other', async () => {
      const id = await create();
      const log = (value: string, isBatch: boolean) =>
        runs.log(id, { params: [{ key: 'depth', value }] }, { isBatch });
      await log('3', false);
      await log('3', true);
      await expect(log('5', false)).rejects.toThrow(
        `Changing param values is not allowed. Param with key='depth' was already logged with value='3' for run ID='${id}'. Attempted logging new value '5'.`,
      );
      await expect(log('5', true)).rejects.toThrow(
        `Changing param values is not allowed. Params were already logged='[{'key': 'depth', 'old_value': '3', 'new_value': '5'}]' for run ID='${id}'.`,
      );
    });

    it('that has another value keeps the whole batch from being written', async () => {
      const id = await create();
      await runs.log(id, { params: [{ key: 'depth', value: '3' }] });
      await expect(
        runs.log(id, {
          metrics: [point('loss', 1, 1)],
          params: [
            { key: 'width', value: '1' },
            { key: 'depth', value: '4' },
          ],
          tags: [{ key: 'a', value: 'b' }],
        }),
      ).rejects.toThrow('Changing param values');
      const run = await runs.get(id);
      expect(run.metrics).toEqual([]);
      expect(run.params).toEqual({ depth: '3' });
      expect(run.tags).not.toHaveProperty('a');
    });
  });

  it('keeps the name and its tag the same', async () => {
    const id = await create();
    await runs.update(id, { name: 'second' });
    expect(await runs.get(id)).toMatchObject({
      name: 'second',
      tags: { 'mlflow.runName': 'second' },
    });
    await runs.log(id, {
      tags: [
        { key: 'mlflow.runName', value: 'third' },
        { key: 'mlflow.runName', value: 'fourth' },
      ],
    });
    expect(await runs.get(id)).toMatchObject({
      name: 'fourth',
      tags: { 'mlflow.runName': 'fourth' },
    });
  });

  it('writes nothing to a run that is deleted or absent', async () => {
    const id = await create();
    await knex.transaction(tx => runs.setLifecycle(tx, id, 'deleted'));
    const refusal = `The run ${id} must be in the 'active' state. Current state is deleted.`;
    await expect(runs.log(id, {})).rejects.toThrow(refusal);
    await expect(runs.update(id, { name: 'x' })).rejects.toThrow(refusal);
    await expect(runs.deleteTag(id, 'x')).rejects.toThrow(refusal);
    await expect(runs.addToModelHistory(id, {})).rejects.toThrow(refusal);
    await expect(runs.log('none', {})).rejects.toThrow(
      'Run with id=none not found',
    );
    await expect(runs.update('none', {})).rejects.toThrow(
      'Run with id=none not found',
    );
  });

  it('adds to what old clients say of models', async () => {
    const id = await create();
    await runs.addToModelHistory(id, { artifact_path: 'a' });
    await runs.addToModelHistory(id, { artifact_path: 'b' });
    const { tags } = await runs.get(id);
    expect(JSON.parse(tags['mlflow.log-model.history'])).toEqual([
      { artifact_path: 'a' },
      { artifact_path: 'b' },
    ]);
    await runs.log(id, {
      tags: [{ key: 'mlflow.log-model.history', value: 'no JSON' }],
    });
    await expect(runs.addToModelHistory(id, {})).rejects.toThrow(
      'delete it first',
    );
  });

  it('reads many runs in one statement and in the given order', async () => {
    const ids = [await create(), await create(), await create()];
    const places = await runs.findPlaces([...ids].reverse());
    const numbers = places.map(place => String(place?.number));
    let read: { id: string }[] = [];
    const sent = await countStatements(async () => {
      read = await runs.getMany([...numbers, '123456789']);
    });
    expect(sent).toBe(1);
    expect(read.map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('lets processes of one run log the same metrics at the same time', async () => {
    const id = await create();
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await Promise.all(
      Array.from({ length: 20 }, (_, step) =>
        runs.log(id, {
          metrics: (step % 2 ? keys : [...keys].reverse()).map(key =>
            point(key, step, step),
          ),
          tags: (step % 2 ? keys : [...keys].reverse()).map(key => ({
            key,
            value: String(step),
          })),
        }),
      ),
    );
    const { metrics } = await runs.get(id);
    expect(metrics.map(({ step }) => step)).toEqual(keys.map(() => 19));
  });
});
