import { aiTrainingPermissions } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import request from 'supertest';
import { ADA, startPlugin, TRAINER } from '../__testUtils__/startPlugin';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';

jest.setTimeout(60_000);

const databases = trainingDatabases();

/** What old clients say of a model. */
const MODEL_JSON = JSON.stringify({
  artifact_path: 'model',
  flavors: {},
  utc_time_created: '2026',
  run_id: 'r',
});

describe("MLflow's protocol", () => {
  let knex: Knex;
  let plugin: Awaited<ReturnType<typeof startPlugin>>;
  let count = 0;

  beforeAll(async () => {
    knex = await databases.open();
    plugin = await startPlugin(knex);
  });
  afterAll(() => plugin?.stop());
  beforeEach(() => plugin.allow());

  /** What a call answers that succeeds. */
  async function ok(...args: Parameters<typeof plugin.mlflow>) {
    const { status, body } = await plugin.mlflow(...args);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body;
  }
  /** What a call answers that fails. */
  async function failure(...args: Parameters<typeof plugin.mlflow>) {
    const { status, body } = await plugin.mlflow(...args);
    expect(Object.keys(body)).toEqual(['error_code', 'message']);
    return { status, code: body.error_code, message: body.message };
  }
  async function createExperiment(tags: object[] = [], token = ADA) {
    count += 1;
    const name = `experiment ${count}`;
    const { experiment_id } = await ok(
      'post',
      '/experiments/create',
      { name, tags },
      token,
    );
    return { id: experiment_id as string, name };
  }
  async function createRun(fields: object = {}) {
    const { run } = await ok('post', '/runs/create', {
      experiment_id: '0',
      ...fields,
    });
    return run.info.run_id as string;
  }
  const getRun = async (run_id: string) =>
    (await ok('get', '/runs/get', { run_id })).run;

  describe('the edge', () => {
    it('answers probes without a token', async () => {
      const health = await plugin.call('get', '/health', {}, '');
      expect([health.status, health.text]).toEqual([200, 'OK']);
      const version = await plugin.call('get', '/version', {}, '');
      expect(version.text).toMatch(/^3\.\d+\.\d+$/);
      const info = await plugin.call('get', '/api/3.0/mlflow/server-info');
      expect(info.body).toMatchObject({ workspaces_enabled: false });
    });

    it('leads links that clients print to the portal', async () => {
      const { status, headers } = await plugin.call('get', '/', {}, '');
      expect([status, headers.location]).toEqual([302, '/ai-training/mlflow']);
    });

    it('tells who has no token where one comes from', async () => {
      const none = await failure('get', '/runs/get', { run_id: 'a' }, '');
      expect(none).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
      expect(none.message).toContain('MLFLOW_TRACKING_TOKEN');
      const bad = await failure('get', '/runs/get', {}, 'no-such-token');
      expect(bad).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    });

    it('takes the token as a password', async () => {
      const { status } = await request(plugin.baseUrl)
        .get('/mlflow/api/2.0/mlflow/experiments/get?experiment_id=0')
        .auth('anybody', ADA);
      expect(status).toBe(200);
    });

    it('says of what it does not have that it is not there', async () => {
      expect(await failure('post', '/traces')).toMatchObject({
        status: 404,
        code: 'ENDPOINT_NOT_FOUND',
        message: expect.stringContaining('no traces, prompts or scorers'),
      });
    });

    it('answers bodies that cannot be read in its own shape', async () => {
      const send = (body: string) =>
        request(plugin.baseUrl)
          .post('/mlflow/api/2.0/mlflow/runs/log-batch')
          .set('Authorization', `Bearer ${ADA}`)
          .type('application/json')
          .send(body);
      for (const [body, message] of [
        ['{', 'not valid JSON'],
        ['[]', 'must be a JSON object'],
        [`{"run_id":"${'x'.repeat(1024 * 1024)}"}`, 'at most 1048576 bytes'],
        ['{"run_id":"a\\u0000"}', 'zero character'],
        ['{"run_id":"a\\ud800"}', 'half of a character'],
        [JSON.stringify('{"run_id":"a\\u0000"}'), 'zero character'],
        [JSON.stringify('{"run_id":"a\\udc00"}'), 'half of a character'],
      ]) {
        const answer = await send(body);
        expect(answer.status).toBe(400);
        expect(answer.body.message).toContain(message);
      }
      for (const route of ['experiments/create', 'runs/log-inputs']) {
        const answer = await request(plugin.baseUrl)
          .post(`/mlflow/api/2.0/mlflow/${route}`)
          .set('Authorization', `Bearer ${ADA}`)
          .type('application/json')
          .send('{"name":"half \\ud800"}');
        expect([answer.status, answer.body]).toEqual([
          400,
          {
            error_code: 'INVALID_PARAMETER_VALUE',
            message: expect.stringContaining('half of a character'),
          },
        ]);
      }
      // As old clients do.
      const twice = await send(JSON.stringify(JSON.stringify({ run_id: 'q' })));
      expect(twice.body.message).toBe('Run with id=q not found');
    });

    it('names fields that are missing or of another type', async () => {
      expect(
        await failure('post', '/runs/log-metric', { run_id: 'r', key: 'a' }),
      ).toEqual({
        status: 400,
        code: 'INVALID_PARAMETER_VALUE',
        message:
          "Missing value for required parameter 'value'. See the API docs for more information about request parameters.",
      });
      expect(
        await failure('post', '/runs/log-batch', {
          run_id: 'a',
          metrics: [{ key: 'k', value: 'x', timestamp: 1 }],
        }),
      ).toMatchObject({
        message:
          "Invalid value \"x\" for parameter 'metrics[0].value' supplied:  Hint: Value was of type 'str'. See the API docs for more information about request parameters.",
      });
    });
  });

  describe('experiments', () => {
    it('are made, read, renamed, tagged, deleted and restored', async () => {
      expect(
        await failure('get', '/experiments/get-by-name', {
          experiment_name: 'digits',
        }),
      ).toEqual({
        status: 404,
        code: 'RESOURCE_DOES_NOT_EXIST',
        message: "Could not find experiment with name 'digits'",
      });
      const { experiment_id } = await ok('post', '/experiments/create', {
        name: 'digits',
        tags: [{ key: 'mlflow.note.content', value: 'Numbers' }],
      });
      expect(
        await failure('post', '/experiments/create', { name: 'digits' }),
      ).toMatchObject({
        status: 400,
        code: 'RESOURCE_ALREADY_EXISTS',
        message: 'Experiment(name=digits) already exists.',
      });
      const { experiment } = await ok('get', '/experiments/get', {
        experiment_id,
      });
      expect(experiment).toEqual({
        experiment_id,
        name: 'digits',
        artifact_location: `mlflow-artifacts:/${experiment_id}`,
        lifecycle_stage: 'active',
        creation_time: expect.any(Number),
        last_update_time: expect.any(Number),
        tags: [
          { key: 'mlflow.note.content', value: 'Numbers' },
          { key: 'greenroom.owner', value: 'user:default/ada' },
        ],
      });
      await ok('post', '/experiments/update', {
        experiment_id,
        new_name: 'numbers',
      });
      await ok('post', '/experiments/set-experiment-tag', {
        experiment_id,
        key: 'a',
        value: '',
      });
      await ok('post', '/experiments/delete-experiment-tag', {
        experiment_id,
        key: 'mlflow.note.content',
      });
      const run_id = await createRun({ experiment_id });
      const before = await createRun({ experiment_id });
      await ok('post', '/runs/delete', { run_id: before });
      await ok('post', '/experiments/delete', { experiment_id });
      expect((await getRun(run_id)).info.lifecycle_stage).toBe('deleted');
      expect(
        await failure('post', '/runs/create', { experiment_id }),
      ).toMatchObject({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
      await ok('post', '/experiments/restore', { experiment_id });
      expect((await getRun(run_id)).info.lifecycle_stage).toBe('active');
      expect((await getRun(before)).info.lifecycle_stage).toBe('deleted');
      const changed = await ok('get', '/experiments/get-by-name', {
        experiment_name: 'numbers',
      });
      expect(changed.experiment.tags).toEqual([
        { key: 'a', value: '' },
        { key: 'greenroom.owner', value: 'user:default/ada' },
      ]);
      const { items } = await plugin.client.listAudit(
        { subject: experiment_id },
        { token: ADA },
      );
      expect(items.map(({ action }) => action).reverse()).toEqual([
        'experiment-created',
        'experiment-updated',
        'experiment-updated',
        'experiment-updated',
        'experiment-deleted',
        'experiment-restored',
      ]);
    });

    it('belong to who makes them, or to whom they say', async () => {
      const own = await createExperiment([], TRAINER);
      expect(
        await plugin.client.getExperiment(own.id, { token: ADA }),
      ).toMatchObject({
        owner: 'group:default/vision',
        createdBy: 'service:trainer',
      });
      plugin.allow({ except: ['ai-training.experiment.create-for-others'] });
      expect(
        await failure('post', '/experiments/create', {
          name: 'for others',
          tags: [{ key: 'greenroom.owner', value: 'group:default/others' }],
        }),
      ).toMatchObject({ status: 403, code: 'PERMISSION_DENIED' });
      plugin.allow();
      const given = await createExperiment([
        { key: 'greenroom.owner', value: 'group:default/others' },
      ]);
      const read = await plugin.client.getExperiment(given.id, { token: ADA });
      expect(read).toMatchObject({ owner: 'group:default/others', tags: {} });
      await ok('post', '/experiments/set-experiment-tag', {
        experiment_id: given.id,
        key: 'greenroom.owner',
        value: 'group:default/vision',
      });
      expect(
        await plugin.client.getExperiment(given.id, { token: ADA }),
      ).toMatchObject({ owner: 'group:default/vision' });
    });

    it('are told from those that one may not write to', async () => {
      plugin.allow({ except: ['ai-training.run.write'] });
      const { id } = await createExperiment();
      expect(
        await failure('post', '/runs/create', { experiment_id: id }),
      ).toMatchObject({ status: 403 });
      expect(
        await failure('post', '/runs/create', { experiment_id: '99999' }),
      ).toMatchObject({
        status: 404,
        message: 'No Experiment with id=99999 exists',
      });
      expect(
        await failure('post', '/runs/create', { experiment_id: 'abc' }),
      ).toMatchObject({
        status: 400,
        message:
          "Invalid experiment ID 'abc'. Experiment ID must be a valid integer.",
      });
      // It belongs to nobody.
      await createRun({ experiment_id: '0' });
    });
  });

  describe('runs', () => {
    it('are made with all that clients say of them', async () => {
      const { run } = await ok('post', '/runs/create', {
        experiment_id: '0',
        user_id: 'ada',
        start_time: 1_700_000_000_123,
        tags: [{ key: 'mlflow.source.name', value: 'train.py' }],
      });
      const { info, data } = run;
      expect(info).toEqual({
        run_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        run_uuid: info.run_id,
        run_name: expect.stringMatching(/^[a-z]+-[a-z]+-\d+$/),
        experiment_id: '0',
        user_id: 'ada',
        status: 'RUNNING',
        start_time: 1_700_000_000_123,
        artifact_uri: `mlflow-artifacts:/0/${info.run_id}/artifacts`,
        lifecycle_stage: 'active',
      });
      expect(data.tags).toContainEqual({
        key: 'mlflow.runName',
        value: info.run_name,
      });
      expect(await getRun(info.run_id)).toMatchObject({ info });
      expect(
        await failure('post', '/runs/create', {
          experiment_id: '0',
          run_name: 'a',
          tags: [{ key: 'mlflow.runName', value: 'b' }],
        }),
      ).toMatchObject({
        status: 400,
        message: expect.stringContaining('but with different values'),
      });
    });

    it('end, and have their name changed in both places', async () => {
      const run_id = await createRun({ run_name: 'first' });
      const { run_info } = await ok('post', '/runs/update', {
        run_id,
        status: 'FINISHED',
        end_time: 1_700_000_000_999,
        run_name: 'second',
      });
      expect(run_info).toMatchObject({
        status: 'FINISHED',
        end_time: 1_700_000_000_999,
        run_name: 'second',
      });
      await ok('post', '/runs/set-tag', {
        run_id,
        key: 'mlflow.runName',
        value: 'third',
      });
      const { info, data } = await getRun(run_id);
      expect(info.run_name).toBe('third');
      expect(data.tags).toEqual([{ key: 'mlflow.runName', value: 'third' }]);
    });

    it('take params, metrics and tags, one at a time and many', async () => {
      const run_id = await createRun({ run_name: 'n' });
      await ok('post', '/runs/log-parameter', { run_id, key: 'a', value: '1' });
      await ok('post', '/runs/log-parameter', { run_id, key: 'a', value: '1' });
      expect(
        await failure('post', '/runs/log-parameter', {
          run_id,
          key: 'a',
          value: '2',
        }),
      ).toMatchObject({
        status: 400,
        message: expect.stringContaining(
          "Changing param values is not allowed. Param with key='a'",
        ),
      });
      await ok('post', '/runs/log-metric', {
        run_id,
        key: 'loss',
        value: 'NaN',
        timestamp: 5,
      });
      await ok('post', '/runs/log-batch', {
        run_id,
        metrics: [
          { key: 'loss', value: 0.25, timestamp: '6', step: 2 },
          { key: 'up', value: 'Infinity', timestamp: 6, step: 0 },
        ],
        params: [{ key: 'long', value: 'x'.repeat(7_000) }],
        tags: [{ key: 'stage', value: 'train' }],
      });
      await ok('post', '/runs/delete-tag', { run_id, key: 'stage' });
      expect(
        await failure('post', '/runs/delete-tag', { run_id, key: 'stage' }),
      ).toMatchObject({
        status: 404,
        message: `No tag with name: stage in run with id ${run_id}`,
      });
      const { data } = await getRun(run_id);
      expect(data).toEqual({
        metrics: [
          { key: 'loss', value: 0.25, timestamp: 6, step: 2 },
          { key: 'up', value: 'Infinity', timestamp: 6, step: 0 },
        ],
        params: [
          { key: 'a', value: '1' },
          { key: 'long', value: 'x'.repeat(6_000) },
        ],
        tags: [{ key: 'mlflow.runName', value: 'n' }],
      });
    });

    it('refuse what is too much, twice or badly named', async () => {
      const run_id = await createRun();
      const refused = async (fields: object) =>
        (await failure('post', '/runs/log-batch', { run_id, ...fields }))
          .message;
      const metric = { key: 'a', value: 1, timestamp: 1 };
      expect(await refused({ metrics: Array(1_001).fill(metric) })).toContain(
        'A batch logging request can contain at most 1000 metrics. Got 1001 metrics.',
      );
      const params = Array.from({ length: 101 }, (_, index) => ({
        key: `p${index}`,
        value: '',
      }));
      expect(await refused({ params })).toContain('at most 100 params');
      expect(
        await refused({
          metrics: Array(950).fill(metric),
          params: params.slice(0, 60),
        }),
      ).toContain('at most 1000 metrics, params, and tags. Got 1010');
      expect(await refused({ params: [params[0], params[0]] })).toContain(
        "Duplicate parameter keys have been submitted: ['p0'].",
      );
      expect(
        await refused({ metrics: [{ ...metric, key: 'x'.repeat(251) }] }),
      ).toBe("'Metric name' exceeds the maximum length of 250 characters");
      expect(
        await refused({ params: [{ key: 'x'.repeat(251), value: '' }] }),
      ).toBe("'Param key' exceeds the maximum length of 250 characters");
      expect(
        await refused({ metrics: [{ ...metric, key: '../a' }] }),
      ).toContain(
        "for parameter 'metrics[0].name' supplied: Names may be treated as files",
      );
      expect(
        await refused({ metrics: [{ ...metric, timestamp: -1 }] }),
      ).toContain('Timestamp must be a nonnegative long');
    });

    it('are deleted and restored, and not written to meanwhile', async () => {
      const run_id = await createRun();
      await ok('post', '/runs/delete', { run_id });
      await ok('post', '/runs/delete', { run_id });
      expect(
        await failure('post', '/runs/log-batch', { run_id }),
      ).toMatchObject({
        status: 400,
        message: `The run ${run_id} must be in the 'active' state. Current state is deleted.`,
      });
      expect((await getRun(run_id)).info.lifecycle_stage).toBe('deleted');
      await ok('post', '/runs/restore', { run_id });
      await ok('post', '/runs/log-batch', { run_id });
      expect(await failure('get', '/runs/get', { run_id: 'x' })).toMatchObject({
        status: 404,
        message: 'Run with id=x not found',
      });
    });

    it('keep what old clients say of models', async () => {
      const run_id = await createRun();
      const model = {
        artifact_path: 'model',
        flavors: {},
        utc_time_created: '2026',
        run_id,
      };
      await ok('post', '/runs/log-model', {
        run_id,
        model_json: JSON.stringify(model),
      });
      expect(
        await failure('post', '/runs/log-model', { run_id, model_json: '{}' }),
      ).toMatchObject({
        message:
          "Model json is missing mandatory fields: {'artifact_path', 'flavors', 'utc_time_created', 'run_id'}",
      });
    });
  });

  describe('the history of a metric', () => {
    it('is paged through by step', async () => {
      const run_id = await createRun();
      const metrics = Array.from({ length: 25 }, (_, index) => ({
        key: 'loss',
        value: index === 3 ? 'NaN' : index / 7,
        timestamp: 1_000 + index,
        step: Math.floor(index / 2),
      }));
      await ok('post', '/runs/log-batch', {
        run_id,
        metrics: [...metrics].reverse(),
      });
      const read: object[] = [];
      let page_token: string | undefined;
      let pages = 0;
      do {
        const page = await ok('get', '/metrics/get-history', {
          run_id,
          metric_key: 'loss',
          max_results: 7,
          ...(page_token && { page_token }),
        });
        read.push(...page.metrics);
        page_token = page.next_page_token;
        pages += 1;
      } while (page_token);
      expect(read).toEqual(metrics);
      expect(pages).toBe(4);
      const all = await ok('get', '/metrics/get-history', {
        run_id,
        metric_key: 'loss',
      });
      expect(all).toEqual({ metrics });
      expect(
        await ok('get', '/metrics/get-history', { run_id, metric_key: 'no' }),
      ).toEqual({ metrics: [] });
    });

    it('is sampled for many runs', async () => {
      const runs = [await createRun(), await createRun()];
      for (const run_id of runs) {
        await ok('post', '/runs/log-batch', {
          run_id,
          metrics: Array.from({ length: 100 }, (_, step) => ({
            key: 'loss',
            value: step,
            timestamp: 1,
            step,
          })),
        });
      }
      const read = async (fields: object) =>
        (
          await ok('get', '/metrics/get-history-bulk-interval', {
            run_ids: runs,
            metric_key: 'loss',
            ...fields,
          })
        ).metrics as { run_id: string; step: number }[];
      const steps = (points: { run_id: string; step: number }[], run: string) =>
        points.filter(it => it.run_id === run).map(({ step }) => step);
      const sampled = await read({ max_results: 5 });
      for (const run of runs) {
        expect(steps(sampled, run)).toEqual([0, 25, 50, 75, 99]);
      }
      const few = await read({ start_step: 10, end_step: 12 });
      expect(steps(few, runs[1])).toEqual([10, 11, 12]);
      expect(
        await failure('get', '/metrics/get-history-bulk-interval', {
          run_ids: runs,
          metric_key: 'loss',
          start_step: 1,
        }),
      ).toMatchObject({ status: 400 });
    });
  });

  describe('inputs and logged models', () => {
    it('tell what a run read and made', async () => {
      const { id: experiment_id } = await createExperiment();
      const run_id = await createRun({ experiment_id });
      const { model } = await ok('post', '/logged-models', {
        experiment_id,
        name: 'classifier',
        model_type: 'sklearn',
        source_run_id: run_id,
        params: [{ key: 'depth', value: '3' }],
        tags: [{ key: 'a', value: 'b' }],
      });
      const { model_id } = model.info;
      expect(model).toEqual({
        info: {
          model_id: expect.stringMatching(/^m-[0-9a-f]{32}$/),
          experiment_id,
          name: 'classifier',
          creation_timestamp_ms: expect.any(Number),
          last_updated_timestamp_ms: expect.any(Number),
          artifact_uri: `mlflow-artifacts:/${experiment_id}/models/${model_id}/artifacts`,
          status: 'LOGGED_MODEL_PENDING',
          model_type: 'sklearn',
          source_run_id: run_id,
          tags: [{ key: 'a', value: 'b' }],
        },
        data: { params: [{ key: 'depth', value: '3' }], metrics: [] },
      });
      const dataset = {
        name: 'iris',
        digest: 'abc',
        source_type: 'local',
        source: '{"uri":"iris.csv"}',
        schema: '{}',
      };
      const tags = [{ key: 'mlflow.data.context', value: 'training' }];
      for (let times = 0; times < 2; times++) {
        await ok('post', '/runs/log-inputs', {
          run_id,
          datasets: [{ tags, dataset }],
          models: [{ model_id }],
        });
        await ok('post', '/runs/outputs', {
          run_id,
          models: [{ model_id, step: 4 }],
        });
      }
      await ok('post', '/runs/log-metric', {
        run_id,
        key: 'accuracy',
        value: 0.9,
        timestamp: 7,
        step: 1,
        model_id,
        dataset_name: 'iris',
        dataset_digest: 'abc',
      });
      expect(await getRun(run_id)).toMatchObject({
        inputs: {
          dataset_inputs: [{ tags, dataset }],
          model_inputs: [{ model_id }],
        },
        outputs: { model_outputs: [{ model_id, step: 4 }] },
      });

      await ok('post', `/logged-models/${model_id}/params`, {
        model_id,
        params: [{ key: 'width', value: '5' }],
      });
      await ok('patch', `/logged-models/${model_id}/tags`, {
        tags: [{ key: 'mlflow.modelVersions', value: '[]' }],
      });
      await ok('delete', `/logged-models/${model_id}/tags/a`);
      expect(
        await failure('delete', `/logged-models/${model_id}/tags/a`),
      ).toMatchObject({ status: 404 });
      const final = await ok('patch', `/logged-models/${model_id}`, {
        model_id,
        status: 'LOGGED_MODEL_READY',
      });
      expect(final.model).toMatchObject({
        info: {
          status: 'LOGGED_MODEL_READY',
          tags: [{ key: 'mlflow.modelVersions', value: '[]' }],
        },
        data: {
          params: [
            { key: 'depth', value: '3' },
            { key: 'width', value: '5' },
          ],
          metrics: [
            {
              key: 'accuracy',
              value: 0.9,
              timestamp: 7,
              step: 1,
              run_id,
              model_id,
              dataset_name: 'iris',
              dataset_digest: 'abc',
            },
          ],
        },
      });
      await ok('delete', `/logged-models/${model_id}`);
      expect(await failure('get', `/logged-models/${model_id}`)).toEqual({
        status: 404,
        code: 'RESOURCE_DOES_NOT_EXIST',
        message: `Logged model with ID '${model_id}' not found.`,
      });
      await ok('get', `/logged-models/${model_id}`, { allow_deleted: 'True' });
    });

    it('are of models that there are', async () => {
      const run_id = await createRun();
      const message = "Logged model with ID 'm-none' not found.";
      expect(
        await failure('post', '/runs/outputs', {
          run_id,
          models: [{ model_id: 'm-none', step: 0 }],
        }),
      ).toMatchObject({ status: 404, message });
      expect(
        await failure('post', '/runs/log-metric', {
          run_id,
          key: 'a',
          value: 1,
          timestamp: 1,
          model_id: 'm-none',
        }),
      ).toMatchObject({ status: 404, message });
      expect(
        await failure('post', '/logged-models', {
          experiment_id: '0',
          name: 'a/b',
        }),
      ).toMatchObject({
        status: 400,
        message: expect.stringContaining("Invalid model name ('a/b') provided"),
      });
      expect(
        await failure('post', '/logged-models', {
          experiment_id: '0',
          source_run_id: 'none',
        }),
      ).toMatchObject({ status: 404, message: 'Run with id=none not found' });
    });
  });

  it('asks for a permission in each of its routes', async () => {
    const { id: experiment_id, name } = await createExperiment();
    const run_id = await createRun({ experiment_id });
    const { model } = await ok('post', '/logged-models', { experiment_id });
    const { model_id } = model.info;
    const here = { experiment_id };
    const tag = { key: 'a', value: 'b' };
    plugin.allow({
      except: aiTrainingPermissions.map(permission => permission.name),
    });
    const routes: [...Parameters<typeof plugin.mlflow>][] = [
      ['post', '/experiments/create', { name: 'another' }],
      ['get', '/experiments/get', here],
      ['get', '/experiments/get-by-name', { experiment_name: name }],
      ['post', '/experiments/update', { ...here, new_name: 'x' }],
      ['post', '/experiments/delete', here],
      ['post', '/experiments/restore', here],
      ['post', '/experiments/set-experiment-tag', { ...here, ...tag }],
      ['post', '/experiments/delete-experiment-tag', { ...here, key: 'a' }],
      ['post', '/runs/create', here],
      ['post', '/runs/create', { experiment_id: '0' }],
      ['get', '/runs/get', { run_id }],
      ['post', '/runs/update', { run_id }],
      ['post', '/runs/delete', { run_id }],
      ['post', '/runs/restore', { run_id }],
      [
        'post',
        '/runs/log-metric',
        { run_id, key: 'a', value: 1, timestamp: 1 },
      ],
      ['post', '/runs/log-parameter', { run_id, ...tag }],
      ['post', '/runs/set-tag', { run_id, ...tag }],
      ['post', '/runs/delete-tag', { run_id, key: 'a' }],
      ['post', '/runs/log-batch', { run_id }],
      ['post', '/runs/log-model', { run_id, model_json: MODEL_JSON }],
      ['post', '/runs/log-inputs', { run_id }],
      ['post', '/runs/outputs', { run_id }],
      ['get', '/metrics/get-history', { run_id, metric_key: 'a' }],
      [
        'get',
        '/metrics/get-history-bulk-interval',
        { run_ids: run_id, metric_key: 'a' },
      ],
      ['post', '/logged-models', here],
      ['get', `/logged-models/${model_id}`],
      ['patch', `/logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' }],
      ['delete', `/logged-models/${model_id}`],
      ['post', `/logged-models/${model_id}/params`, { params: [] }],
      ['patch', `/logged-models/${model_id}/tags`, { tags: [] }],
      ['delete', `/logged-models/${model_id}/tags/a`],
    ];
    const outcomes = [];
    for (const route of routes) {
      const { status, body } = await plugin.mlflow(...route);
      outcomes.push([...route.slice(0, 2), status, body.error_code]);
    }
    expect(outcomes).toEqual(
      routes.map(([method, path]) => [method, path, 403, 'PERMISSION_DENIED']),
    );
  });

  it('lets programs do what their scopes say', async () => {
    const { id } = await createExperiment([], TRAINER);
    const { run } = await ok(
      'post',
      '/runs/create',
      { experiment_id: id },
      TRAINER,
    );
    await ok('post', '/runs/log-batch', { run_id: run.info.run_id }, TRAINER);
    expect(run.info.user_id).toBe('service:trainer');
  });
});
