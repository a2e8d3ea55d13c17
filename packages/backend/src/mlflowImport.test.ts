import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { MigratedDatabases } from '@greenroom/ai-node/testing';
import { runCommand } from '@greenroom/cli';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import request from 'supertest';
import {
  type MlflowContents,
  type MlflowStandIn,
  startMlflow,
} from './__testUtils__/mlflowStandIn';

jest.setTimeout(120_000);

const training = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);
const registered = MigratedDatabases.create(
  '@greenroom/plugin-ai-registry-backend',
);
const ADA = mockCredentials.user.token('user:default/ada');

const [FIT, TRY, GONE, FAR] = ['a', 'b', 'c', 'd'].map(it => it.repeat(32));
const MODEL = `m-${'e'.repeat(32)}`;
const MLMODEL = `flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, sklearn_version: 1.7.2}
mlflow_version: 3.6.0
`;

const pairs = (values: Record<string, string>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

function contentsOfServer(): MlflowContents {
  const info = (
    run_id: string,
    experiment_id: string,
    fields: object = {},
  ) => ({
    run_id,
    run_uuid: run_id,
    run_name: `run ${run_id[0]}`,
    experiment_id,
    user_id: 'grace',
    status: 'FINISHED',
    start_time: 1_700_000_000_000,
    end_time: '1700000060000',
    artifact_uri: `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts`,
    lifecycle_stage: 'active',
    ...fields,
  });
  const version = (number: string, fields: object) => ({
    name: 'Iris model',
    version: number,
    current_stage: 'None',
    status: 'READY',
    run_id: FIT,
    ...fields,
  });
  return {
    experiments: [
      { experiment_id: '0', name: 'Default', lifecycle_stage: 'active' },
      {
        experiment_id: '7',
        name: 'iris',
        lifecycle_stage: 'active',
        tags: pairs({ 'mlflow.note.content': 'Flowers', team: 'vision' }),
      },
      { experiment_id: '8', name: 'old', lifecycle_stage: 'deleted' },
    ],
    runs: {
      7: [
        {
          info: info(FIT, '7'),
          data: {
            params: pairs({ depth: '3' }),
            tags: pairs({ 'mlflow.runName': 'run a', kind: 'fit' }),
            metrics: [
              { key: 'loss', value: 0.1, timestamp: 4, step: 4 },
              { key: 'odd', value: 'NaN', timestamp: '1', step: '0' },
            ],
          },
          inputs: {
            dataset_inputs: [
              {
                tags: pairs({ 'mlflow.data.context': 'training' }),
                dataset: {
                  name: 'rows',
                  digest: '244437a9',
                  source_type: 'http',
                  source: '{"url": "https://example.com/rows.csv"}',
                },
              },
            ],
          },
          outputs: { model_outputs: [{ model_id: MODEL, step: 0 }] },
        },
        {
          info: info(TRY, '7', { status: 'RUNNING', end_time: undefined }),
          data: {},
          inputs: { model_inputs: [{ model_id: MODEL }] },
        },
        {
          info: info(FAR, '7', {
            artifact_uri: `s3://bucket/${FAR}/artifacts`,
          }),
          data: {},
        },
      ],
      8: [{ info: info(GONE, '8', { lifecycle_stage: 'deleted' }), data: {} }],
    },
    histories: {
      [`${FIT} loss`]: [5, 4, 3, 2, 1].map((value, step) => ({
        key: 'loss',
        value: value / 10,
        timestamp: step,
        step,
      })),
      [`${FIT} odd`]: [{ key: 'odd', value: 'NaN', timestamp: 1, step: 0 }],
    },
    loggedModels: {
      7: [
        {
          info: {
            model_id: MODEL,
            experiment_id: '7',
            name: 'forest',
            creation_timestamp_ms: 1_700_000_050_000,
            artifact_uri: `mlflow-artifacts:/7/models/${MODEL}/artifacts`,
            status: 'LOGGED_MODEL_READY',
            source_run_id: FIT,
            tags: pairs({ good: 'yes' }),
          },
          data: {
            params: pairs({ trees: '10' }),
            metrics: [
              {
                key: 'accuracy',
                value: 0.9,
                timestamp: 9,
                step: 1,
                model_id: MODEL,
                run_id: FIT,
                dataset_name: 'rows',
                dataset_digest: '244437a9',
              },
            ],
          },
        },
      ],
    },
    models: [
      {
        name: 'Iris model',
        description: 'Kinds of iris',
        tags: pairs({ team: 'vision' }),
        aliases: [
          { alias: 'champion', version: '4' },
          { alias: 'far', version: '3' },
        ],
      },
      { name: 'Ask', tags: pairs({ 'mlflow.prompt.is_prompt': 'true' }) },
    ],
    versions: {
      'Iris model': [
        version('1', {
          source: `mlflow-artifacts:/7/${FIT}/artifacts/model`,
          current_stage: 'Archived',
        }),
        version('3', { source: 's3://bucket/model', run_id: FAR }),
        version('4', {
          source: `models:/${MODEL}`,
          description: 'The fourth',
          tags: pairs({ ok: 'yes' }),
        }),
      ],
    },
    files: {
      [`7/${FIT}/artifacts/notes/ä b%20c.txt`]: 'hällo',
      [`7/${FIT}/artifacts/empty.txt`]: '',
      [`7/${FIT}/artifacts/model/MLmodel`]: MLMODEL,
      [`7/${FIT}/artifacts/model/model.pkl`]: 'a pickle',
      [`7/models/${MODEL}/artifacts/MLmodel`]: MLMODEL,
      [`7/models/${MODEL}/artifacts/model.pkl`]: 'another pickle',
    },
    runsWithFilesElsewhere: [FAR],
  };
}

describe('greenroom import mlflow', () => {
  let url: string;
  let client: AiTrainingClient;
  let mlflow: MlflowStandIn;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'import-'));
    const knexes: Record<string, Knex> = {
      'ai-training': await training.open(),
      'ai-registry': await registered.open(),
    };
    const permissions = mockServices.permissions.mock();
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    const backend = await startTestBackend({
      features: [
        aiTrainingFeatures,
        aiRegistryPlugin,
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          factory: ({ plugin }) => ({
            getClient: async () => knexes[plugin.getId()],
          }),
        }),
        mockServices.httpAuth.factory({
          defaultCredentials: mockCredentials.none(),
        }),
        permissions.factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'User',
              metadata: { namespace: 'default', name: 'ada' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory },
              environments: { directory: join(directory, 'environments.git') },
            },
          },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    url = `http://localhost:${port}`;
    client = new AiTrainingClient({
      discoveryApi: { getBaseUrl: async id => `${url}/api/${id}` },
    });
    mlflow = await startMlflow(contentsOfServer());
    stop = async () => {
      await mlflow.stop();
      await backend.stop();
      await rm(directory, { recursive: true, force: true });
    };
  });
  afterEach(() => stop());

  async function bring(
    options: { args?: string[]; signal?: AbortSignal; json?: boolean } = {},
  ) {
    const printed: string[] = [];
    const { args = [], signal, json = true } = options;
    const code = await runCommand({
      args: [
        'import',
        'mlflow',
        mlflow.url,
        ...(json ? ['--json'] : []),
        ...args,
      ],
      environment: {
        GREENROOM_URL: url,
        GREENROOM_TOKEN: ADA,
        MLFLOW_TRACKING_USERNAME: 'me',
        MLFLOW_TRACKING_PASSWORD: 'secret',
      },
      input: Readable.from([]),
      pollMillis: 5,
      signal,
      print: text => printed.push(text),
      complain: () => undefined,
    });
    const text = printed.join('\n');
    return { code, text, report: json ? JSON.parse(text) : {} };
  }

  const ask = async (path: string, query: object) => {
    const { body } = await request(`${url}/api/ai-training/mlflow`)
      .get(`/api/2.0/mlflow${path}`)
      .query(query)
      .set('Authorization', `Bearer ${ADA}`)
      .expect(200);
    return body;
  };

  const PROBLEMS = [
    {
      what: `run ${FAR} of experiment 'iris'`,
      why: expect.stringContaining(`s3://bucket/${FAR}/artifacts`),
    },
    {
      what: "version 3 of registered model 'Iris model'",
      why: expect.stringContaining('s3://bucket/model'),
    },
    {
      what: "alias 'far' of registered model 'Iris model'",
      why: 'its version 3 did not come',
    },
    {
      what: "registered model 'Ask'",
      why: expect.stringContaining('it is a prompt'),
    },
  ];

  it('brings all over that can come, and says of the rest why', async () => {
    const { code, report } = await bring();
    expect(report.didNotCome).toEqual(PROBLEMS);
    expect(report).toMatchObject({
      from: mlflow.url,
      to: url,
      complete: false,
      counts: {
        experiments: { came: 2, there: 1, failed: 0 },
        runs: { came: 4, there: 0, failed: 0 },
        'metric points': { came: 6 },
        datasets: { came: 1 },
        files: { came: 6, there: 0, failed: 1 },
        'logged models': { came: 1 },
        'registered models': { came: 1, failed: 1 },
        versions: { came: 2, failed: 1 },
        aliases: { came: 1, failed: 1 },
      },
    });
    expect(code).toBe(1);
    expect(new Set(mlflow.authorizations)).toEqual(
      new Set([`Basic ${Buffer.from('me:secret').toString('base64')}`]),
    );

    const fit = await client.getRun(FIT, { token: ADA });
    expect(fit).toMatchObject({
      name: 'run a',
      userId: 'grace',
      status: 'FINISHED',
      startedAt: 1_700_000_000_000,
      endedAt: 1_700_000_060_000,
      params: { depth: '3' },
      tags: {
        kind: 'fit',
        'greenroom.imported-from': `${mlflow.url}/#/experiments/7/runs/${FIT}`,
      },
      inputs: [
        {
          dataset: { name: 'rows', digest: '244437a9' },
          tags: { 'mlflow.data.context': 'training' },
        },
      ],
      outputs: [{ modelId: MODEL, step: 0 }],
    });
    expect(fit.metrics).toEqual([
      { key: 'accuracy', value: 0.9, at: 9, step: 1 },
      { key: 'loss', value: 0.1, at: 4, step: 4 },
      { key: 'odd', value: 'NaN', at: 1, step: 0 },
    ]);
    const { metrics } = await ask('/metrics/get-history', {
      run_id: FIT,
      metric_key: 'loss',
    });
    expect(metrics.map(({ value }: { value: number }) => value)).toEqual([
      0.5, 0.4, 0.3, 0.2, 0.1,
    ]);
    expect(await client.getRun(TRY, { token: ADA })).toMatchObject({
      status: 'RUNNING',
      inputModels: [MODEL],
    });
    expect(await client.getRun(GONE, { token: ADA })).toMatchObject({
      lifecycle: 'deleted',
    });
    const file = await request(`${url}/api/ai-training/mlflow`)
      .get('/get-artifact')
      .query({ run_id: FIT, path: 'notes/ä b%20c.txt' })
      .set('Authorization', `Bearer ${ADA}`)
      .buffer(true)
      .expect(200);
    expect(file.text).toBe('hällo');
    const { experiment } = await ask('/experiments/get', {
      experiment_id: fit.experiment,
    });
    expect(experiment.tags).toEqual(
      expect.arrayContaining(
        pairs({ 'mlflow.note.content': 'Flowers', team: 'vision' }),
      ),
    );
    const old = await ask('/experiments/get-by-name', {
      experiment_name: 'old',
    });
    expect(old.experiment.lifecycle_stage).toBe('deleted');
    const { model } = await ask(`/logged-models/${MODEL}`, {});
    expect(model).toMatchObject({
      info: {
        status: 'LOGGED_MODEL_READY',
        source_run_id: FIT,
        creation_timestamp_ms: 1_700_000_050_000,
        tags: pairs({ good: 'yes' }),
      },
      data: {
        params: pairs({ trees: '10' }),
        metrics: [{ key: 'accuracy', dataset_name: 'rows', run_id: FIT }],
      },
    });
  });

  it('keeps models and versions, and says which have other numbers', async () => {
    const { report } = await bring();
    expect(report.notes).toEqual([
      {
        what: `run ${TRY} of experiment 'iris'`,
        why: expect.stringContaining('RUNNING'),
      },
      {
        what: "version 4 of registered model 'Iris model'",
        why: expect.stringContaining('it is version 2 here'),
      },
    ]);
    const { registered_model } = await ask('/registered-models/get', {
      name: 'Iris model',
    });
    expect(registered_model).toMatchObject({
      description: 'Kinds of iris',
      tags: pairs({ team: 'vision' }),
      aliases: [{ alias: 'champion', version: '2' }],
    });
    const { model_versions } = await ask('/model-versions/search', {
      filter: "name='Iris model'",
      order_by: 'version_number ASC',
    });
    expect(model_versions).toMatchObject([
      { version: '1', run_id: FIT, current_stage: 'Archived' },
      { version: '2', model_id: MODEL, description: 'The fourth' },
    ]);
    expect(model_versions[1].tags).toEqual(
      expect.arrayContaining(pairs({ ok: 'yes' })),
    );
  });

  it('brings nothing a second time, but what has changed', async () => {
    await bring();
    const [, running] = mlflow.contents.runs[7] as {
      info: Record<string, unknown>;
      data: Record<string, unknown>;
    }[];
    running.info.status = 'FINISHED';
    running.info.end_time = 1_700_000_090_000;
    running.data.tags = pairs({ late: 'yes' });
    mlflow.contents.files[`7/${TRY}/artifacts/late.txt`] = 'late';
    mlflow.asked.length = 0;
    const { code, report } = await bring();
    expect(code).toBe(1);
    expect(report.didNotCome).toEqual(PROBLEMS);
    expect(report.counts).toMatchObject({
      experiments: { came: 0, there: 3 },
      runs: { came: 0, there: 3 },
      'metric points': { came: 0 },
      datasets: { came: 0, there: 1 },
      files: { came: 1, there: 6 },
      'logged models': { came: 0, there: 1 },
      'registered models': { came: 0, there: 1 },
      versions: { came: 0, there: 2 },
      aliases: { came: 0, there: 1 },
    });
    expect(mlflow.asked.filter(it => it.includes('get-history'))).toEqual([]);
    expect(await client.getRun(TRY, { token: ADA })).toMatchObject({
      status: 'FINISHED',
      endedAt: 1_700_000_090_000,
      tags: { late: 'yes' },
    });
  });

  it('goes on where it was cut off, wherever that was', async () => {
    const whole = mlflow.asked;
    for (const after of [1, 5, 9, 14, 20, 26, 32, 38]) {
      const stopping = new AbortController();
      whole.length = 0;
      mlflow.disturb = () => {
        if (whole.length > after) stopping.abort();
        return undefined;
      };
      const { code, report } = await bring({ signal: stopping.signal });
      if (!stopping.signal.aborted) break;
      expect(code).toBe(130);
      expect(report.stopped).toBe('by Ctrl+C');
    }
    mlflow.disturb = undefined;
    const { report } = await bring();
    expect(report.didNotCome).toEqual(PROBLEMS);
    const { metrics } = await ask('/metrics/get-history', {
      run_id: FIT,
      metric_key: 'loss',
    });
    expect(metrics).toHaveLength(5);
    const { model_versions } = await ask('/model-versions/search', {
      filter: "name='Iris model'",
    });
    expect(model_versions).toHaveLength(2);
    const { model } = await ask(`/logged-models/${MODEL}`, {});
    expect(model.info.status).toBe('LOGGED_MODEL_READY');
  });

  it('has patience with a server that is busy or breaks off', async () => {
    const seen = new Map<string, number>();
    mlflow.disturb = call => {
      const times = (seen.get(call) ?? 0) + 1;
      seen.set(call, times);
      if (times === 1) return { status: 503 };
      if (times === 2) return { status: 429 };
      return times === 3 ? 'reset' : undefined;
    };
    const { report } = await bring();
    expect(report.didNotCome).toEqual(PROBLEMS);
  });

  it('gives up when the server stays away, and says so', async () => {
    mlflow.disturb = call =>
      call.includes('/runs/search') ? { status: 502 } : undefined;
    const { code, report } = await bring();
    expect(code).toBe(1);
    expect(report.stopped).toContain('answers 502: busy');
  });

  it('writes nothing in a dry run', async () => {
    const { code, report, text } = await bring({ args: ['--dry-run'] });
    expect(code).toBe(1);
    expect(report.counts).toMatchObject({
      experiments: { came: 2, there: 1 },
      runs: { came: 4 },
      files: { came: 6, failed: 1 },
      versions: { came: 2, failed: 1 },
    });
    expect(text).not.toContain('secret');
    const { items } = await client.listExperiments({}, { token: ADA });
    expect(items.map(({ name }) => name)).toEqual(['Default']);
    const readable = await bring({ args: ['--dry-run'], json: false });
    expect(readable.text).toContain('Not everything would come.');
  });

  it('says that everything came', async () => {
    const { contents } = mlflow;
    contents.runsWithFilesElsewhere = [];
    contents.models.pop();
    contents.models[0].aliases = [];
    contents.versions['Iris model'].splice(1, 1);
    const { code, text } = await bring({ json: false });
    expect(text).toContain('Everything came.');
    expect(code).toBe(0);
  });
});
