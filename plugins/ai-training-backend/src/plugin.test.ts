import type { Knex } from 'knex';
import request from 'supertest';
import { ADA, startPlugin } from './__testUtils__/startPlugin';
import { trainingDatabases } from './__testUtils__/trainingDatabases';

jest.setTimeout(60_000);

const databases = trainingDatabases();
const options = { token: ADA };

describe('the training API', () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;

  beforeAll(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
  });
  afterAll(() => plugin?.stop());

  async function createRun(experiment_id: string, fields: object = {}) {
    const { body } = await plugin.mlflow('post', '/runs/create', {
      experiment_id,
      ...fields,
    });
    return body.run.info.run_id as string;
  }

  it('makes, changes and lists experiments', async () => {
    const { client } = plugin;
    const made = await client.createExperiment(
      { name: 'Digits', description: 'Numbers', tags: { a: 'b' } },
      options,
    );
    expect(made).toMatchObject({
      owner: 'user:default/ada',
      tags: { a: 'b', 'mlflow.note.content': 'Numbers' },
    });
    const changed = await client.updateExperiment(
      made.id,
      { name: 'Hand-written digits', owner: 'group:default/vision' },
      options,
    );
    expect(changed).toMatchObject({
      name: 'Hand-written digits',
      owner: 'group:default/vision',
      tags: made.tags,
    });
    for (const name of ['One digit', 'Two digits']) {
      await client.createExperiment({ name }, options);
    }
    const first = await client.listExperiments(
      { search: 'DIGIT', limit: 2 },
      options,
    );
    const second = await client.listExperiments(
      { search: 'DIGIT', limit: 2, cursor: first.nextCursor },
      options,
    );
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      'Two digits',
      'One digit',
      'Hand-written digits',
    ]);
    expect(second.nextCursor).toBeUndefined();
    const owned = await client.listExperiments(
      { owner: 'group:default/vision' },
      options,
    );
    expect(owned.items).toEqual([changed]);
    await expect(
      client.updateExperiment('0', { name: 'Mine' }, options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      client.createExperiment({ name: 'Two digits' }, options),
    ).rejects.toMatchObject({ statusCode: 409 });
    await expect(client.getExperiment('4711', options)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('lists runs and reads one', async () => {
    const { client } = plugin;
    const { id } = await client.createExperiment({ name: 'Runs' }, options);
    const runs: string[] = [];
    for (const start_time of [1, 2, 3]) {
      runs.push(await createRun(id, { start_time }));
    }
    const page = await client.listRuns({ experiment: id, limit: 2 }, options);
    expect(page.items.map(run => run.id)).toEqual([runs[2], runs[1]]);
    const rest = await client.listRuns(
      { experiment: id, limit: 2, cursor: page.nextCursor },
      options,
    );
    expect(rest.items.map(run => run.id)).toEqual([runs[0]]);
    expect(await client.getRun(runs[0], options)).toEqual(rest.items[0]);
    const found = await client.listRuns(
      {
        experiment: id,
        filter: 'attributes.start_time > 1',
        orderBy: ['attributes.start_time ASC'],
      },
      options,
    );
    expect(found.items.map(run => run.id)).toEqual([runs[1], runs[2]]);
  });

  it('reads curves of several runs that keep their extremes', async () => {
    const { client } = plugin;
    const { id } = await client.createExperiment({ name: 'Curves' }, options);
    const runs = [await createRun(id), await createRun(id)];
    for (const run_id of runs) {
      for (let start = 0; start < 3_000; start += 1_000) {
        const answer = await plugin.mlflow('post', '/runs/log-batch', {
          run_id,
          metrics: Array.from({ length: 1_000 }, (_, index) => {
            const step = start + index;
            const spike = step === 1_234 ? 99 : Math.sin(step / 100);
            return {
              key: 'loss',
              value: step === 777 ? 'NaN' : spike,
              timestamp: step,
              step,
            };
          }),
        });
        expect(answer.status).toBe(200);
      }
    }
    await plugin.mlflow('post', '/runs/log-metric', {
      run_id: runs[1],
      key: 'few',
      value: 'NaN',
      timestamp: 1,
    });
    const { items } = await client.readMetricSeries(
      { runs: [runs[1], runs[0]], keys: ['loss', 'few'], points: 50 },
      options,
    );
    expect(items.map(({ run, key, measured }) => [run, key, measured])).toEqual(
      [
        [runs[1], 'loss', 3_000],
        [runs[1], 'few', 1],
        [runs[0], 'loss', 3_000],
      ],
    );
    expect(items[1].points).toEqual([{ step: 0, at: 1, value: 'NaN' }]);
    const { points } = items[0];
    expect(points.length).toBeGreaterThan(40);
    expect(points.length).toBeLessThanOrEqual(50);
    expect(points[0].step).toBe(0);
    expect(points.at(-1)?.step).toBe(2_999);
    expect(points).toContainEqual({ step: 1_234, at: 1_234, value: 99 });
    const steps = points.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    const part = await client.readMetricSeries(
      { runs, keys: ['loss'], fromStep: 10, toStep: 20 },
      options,
    );
    expect(part.items.map(it => it.points.length)).toEqual([11, 11]);
    await expect(
      client.readMetricSeries({ runs: ['none'], keys: ['loss'] }, options),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('tells which logged models a run made and read, without those of others', async () => {
    const { client, mlflow } = plugin;
    const own = await client.createExperiment({ name: 'own' }, options);
    const others = await client.createExperiment({ name: 'others' }, options);
    const log = async (experiment_id: string, name: string, run?: string) =>
      (
        await mlflow('post', '/logged-models', {
          experiment_id,
          name,
          source_run_id: run,
        })
      ).body.model.info.model_id as string;
    const run = await createRun(own.id);
    const [late, early] = [
      await log(own.id, 'late', run),
      await log(own.id, 'early', run),
    ];
    const hidden = await log(others.id, 'hidden');
    for (const [path, body] of [
      [
        '/runs/outputs',
        {
          models: [
            { model_id: late, step: 9 },
            { model_id: early, step: 1 },
          ],
        },
      ],
      ['/runs/log-inputs', { models: [{ model_id: hidden }] }],
    ] as const) {
      const { status } = await mlflow('post', path, { run_id: run, ...body });
      expect(status).toBe(200);
    }
    const named = async () =>
      (await client.listRunModels(run, options)).items.map(it => it.name);
    expect(await named()).toEqual(['early', 'late', 'hidden']);
    const { items } = await client.listRunModels(run, options);
    expect(items[0]).toMatchObject({
      id: early,
      experiment: own.id,
      sourceRun: run,
      status: 'PENDING',
      lifecycle: 'active',
    });

    plugin.allow({ exceptOn: [others.id] });
    expect(await named()).toEqual(['early', 'late']);
    plugin.allow({ exceptOn: [own.id] });
    await expect(client.listRunModels(run, options)).rejects.toMatchObject({
      statusCode: 403,
    });
    plugin.allow();
  });

  it('deletes and restores experiments, and reads files from their end', async () => {
    const { client } = plugin;
    const { id } = await client.createExperiment({ name: 'gone' }, options);
    const run = await createRun(id);
    const put = await fetch(
      `${plugin.baseUrl}/mlflow/api/2.0/mlflow-artifacts/artifacts/${id}/${run}/artifacts/train.log`,
      {
        method: 'PUT',
        body: 'first\nlast\n',
        headers: { Authorization: `Bearer ${ADA}` },
      },
    );
    expect(put.status).toBe(200);
    const end = await client.readRunArtifact(
      { run, path: 'train.log', lastBytes: 5 },
      options,
    );
    expect([end.status, await end.text()]).toEqual([206, 'last\n']);
    // Of a shorter file, all of it.
    const all = await client.readRunArtifact(
      { run, path: 'train.log', lastBytes: 1_000 },
      options,
    );
    expect([all.status, await all.text()]).toEqual([206, 'first\nlast\n']);

    await client.deleteExperiment(id, options);
    const deleted = await client.listExperiments(
      { lifecycle: 'deleted' },
      options,
    );
    expect(deleted.items.map(it => it.id)).toContain(id);
    await client.restoreExperiment(id, options);
    expect(await client.getExperiment(id, options)).toMatchObject({
      lifecycle: 'active',
    });
  });

  it('says of a job that is not there that it is not, whatever is asked for', async () => {
    for (const id of ['nonsense', '00000000-0000-4000-8000-000000000000']) {
      const missing = {
        statusCode: 404,
        body: { error: { message: `There is no training job '${id}'` } },
      };
      const { client } = plugin;
      await expect(client.getJob(id, options)).rejects.toMatchObject(missing);
      await expect(client.cancelJob(id, options)).rejects.toMatchObject(
        missing,
      );
    }
  });

  it('refuses of progress what it does not know and what would be too much, by the name of the field', async () => {
    const post = (path: string, body: unknown) =>
      request(plugin.baseUrl)
        .post(`/jobs/00000000-0000-4000-8000-000000000000/${path}`)
        .set('Authorization', `Bearer ${ADA}`)
        .type('application/json')
        .send(typeof body === 'string' ? body : JSON.stringify(body));
    const metric = { name: 'loss', value: '1' };
    const refused: [unknown, string][] = [
      [{ foo: 'x'.repeat(1_000) }, "trainerStatus: unknown field 'foo'"],
      [
        { metrics: [{ ...metric, junk: 'x' }] },
        "trainerStatus/metrics/0: unknown field 'junk'",
      ],
      [{ metrics: Array(257).fill(metric) }, 'trainerStatus/metrics'],
      [
        { metrics: [{ ...metric, name: 'x'.repeat(251) }] },
        'trainerStatus/metrics/0/name',
      ],
      [
        { metrics: [{ ...metric, value: 'x'.repeat(251) }] },
        'trainerStatus/metrics/0/value',
      ],
      [
        { metrics: Array(256).fill({ ...metric, value: 'x'.repeat(61) }) },
        'trainerStatus.metrics: expected at most 16384 characters',
      ],
      [{ estimatedRemainingSeconds: 1e300 }, 'estimatedRemainingSeconds'],
      [{ lastUpdatedTime: '2026-02-30T00:00:00Z' }, 'lastUpdatedTime'],
    ];
    for (const [trainerStatus, message] of refused) {
      const answer = await post('trainer-status', { trainerStatus });
      expect([answer.status, answer.body.error.message]).toEqual([
        400,
        expect.stringContaining(message),
      ]);
    }
    const half = String.raw`{"trainerStatus":{"metrics":[{"name":"a\ud800","value":"\ud800"}]}}`;
    expect((await post('trainer-status', half)).status).toBe(400);
    for (const act of ['cancel', 'retry']) {
      const answer = await post(act, { x: 1 });
      expect([answer.status, answer.body.error.message]).toEqual([
        400,
        "body: unknown field 'x': expected none",
      ]);
    }
    const whole = { trainerStatus: { metrics: Array(256).fill(metric) } };
    expect((await post('trainer-status', whole)).status).toBe(404);
  });

  it('refuses costs from and to days that no calendar has', async () => {
    const { client } = plugin;
    for (const bound of ['from', 'to']) {
      await expect(
        client.getCosts({ [bound]: '2026-02-30T00:00:00Z' }, options),
      ).rejects.toMatchObject({
        statusCode: 400,
        body: {
          error: {
            message: expect.stringContaining(
              `${bound}: '2026-02-30T00:00:00Z' is no moment`,
            ),
          },
        },
      });
    }
  });

  it('refuses what its document does not know', async () => {
    await expect(
      plugin.client.updateExperiment(
        '0',
        { lifecycle: 'deleted' } as object,
        options,
      ),
    ).rejects.toMatchObject({ statusCode: 400 });
    plugin.allow({ except: ['ai-training.experiment.read'] });
    expect(await plugin.client.listExperiments({}, options)).toEqual({
      items: [],
    });
    await expect(
      plugin.client.getExperiment('0', options),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
