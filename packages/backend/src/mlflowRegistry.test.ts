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
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import type { Knex } from 'knex';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';

jest.setTimeout(120_000);

const training = MigratedDatabases.create(
  '@greenroom/plugin-ai-training-backend',
);
const registered = MigratedDatabases.create(
  '@greenroom/plugin-ai-registry-backend',
);
const ADA = mockCredentials.user.token('user:default/ada');
const GRACE = mockCredentials.user.token('user:default/grace');

const MLMODEL = `flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, sklearn_version: 1.7.2}
mlflow_version: 3.6.0
`;

type Fields = Record<string, unknown>;

describe('registered models of MLflow', () => {
  let directory: string;
  let baseUrl: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'facade-'));
    const knexes: Record<string, Knex> = {
      'ai-training': await training.open(),
      'ai-registry': await registered.open(),
    };
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
          entities: ['ada', 'grace'].map(name => ({
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'User',
            metadata: { namespace: 'default', name },
          })),
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
    baseUrl = `http://localhost:${port}/api/ai-training/mlflow`;
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
    stop = () => backend.stop();
  });

  beforeEach(() => {
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
  });

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function ask(
    method: 'get' | 'post' | 'patch' | 'delete',
    path: string,
    fields: object = {},
    token = ADA,
  ): Promise<{ status: number; body: Fields }> {
    const asked = request(baseUrl)
      [method](`/api/2.0/mlflow${path}`)
      .set('Authorization', `Bearer ${token}`);
    return method === 'get' ? asked.query(fields) : asked.send(fields);
  }

  async function ok(
    method: 'get' | 'post' | 'patch' | 'delete',
    path: string,
    fields?: object,
    token?: string,
  ): Promise<Fields> {
    const { status, body } = await ask(method, path, fields, token);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body;
  }

  const refused = (status: number, error_code: string, message: RegExp) => ({
    status,
    body: { error_code, message: expect.stringMatching(message) },
  });

  const put = (path: string, content: string | Buffer) =>
    request(baseUrl)
      .put(`/api/2.0/mlflow-artifacts/artifacts/${path}`)
      .set('Authorization', `Bearer ${ADA}`)
      .set('Content-Type', 'application/octet-stream')
      .send(Buffer.from(content))
      .expect(200);

  const fetchFile = (path: string) =>
    request(baseUrl)
      .get(`/api/2.0/mlflow-artifacts/artifacts/${path}`)
      .set('Authorization', `Bearer ${ADA}`)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', chunk => chunks.push(chunk));
        res.on('end', () => done(null, Buffer.concat(chunks)));
      });

  const listFiles = async (path: string) => {
    const { body } = await request(baseUrl)
      .get('/api/2.0/mlflow-artifacts/artifacts')
      .query({ path })
      .set('Authorization', `Bearer ${ADA}`)
      .expect(200);
    return body.files;
  };

  /** As `log_model` does it. */
  async function logModel(
    files: Record<string, string | Buffer> = {
      MLmodel: MLMODEL,
      'model.pkl': 'a pickle',
      'code/extra.py': 'print()',
    },
  ): Promise<{ run: string; modelId: string }> {
    const { run } = (await ok('post', '/runs/create', {
      experiment_id: '0',
    })) as { run: { info: { run_id: string } } };
    const { model } = (await ok('post', '/logged-models', {
      experiment_id: '0',
      name: 'model',
      source_run_id: run.info.run_id,
    })) as { model: { info: { model_id: string; artifact_uri: string } } };
    const folder = model.info.artifact_uri.replace('mlflow-artifacts:/', '');
    for (const [path, content] of Object.entries(files)) {
      await put(`${folder}/${path}`, content);
    }
    await ok('patch', `/logged-models/${model.info.model_id}`, {
      status: 'LOGGED_MODEL_READY',
    });
    return { run: run.info.run_id, modelId: model.info.model_id };
  }

  const create = (name: string, fields: object = {}) =>
    ok('post', '/registered-models/create', { name, ...fields });

  const version = async (name: string, fields: object) =>
    (await ok('post', '/model-versions/create', { name, ...fields }))
      .model_version as Fields;

  it('are those of the registry', async () => {
    const created = await create('Iris Classifier', {
      description: 'Of flowers',
      tags: [
        { key: 'team', value: 'x' },
        { key: 'team', value: 'vision' },
      ],
    });
    expect(created.registered_model).toMatchObject({
      name: 'Iris Classifier',
      description: 'Of flowers',
      user_id: 'user:default/ada',
      creation_timestamp: expect.any(Number),
      latest_versions: [],
      tags: [{ key: 'team', value: 'vision' }],
      aliases: [],
    });
    await expect(
      client.getModel('iris-classifier', { token: ADA }),
    ).resolves.toMatchObject({
      externalName: 'Iris Classifier',
      owner: 'user:default/ada',
      task: 'other',
    });
    await expect(
      ask('post', '/registered-models/create', { name: 'Iris Classifier' }),
    ).resolves.toMatchObject(
      refused(
        400,
        'RESOURCE_ALREADY_EXISTS',
        /^Registered Model \(name=Iris Classifier\) already exists\.$/,
      ),
    );
    await expect(
      ask('get', '/registered-models/get', { name: 'nobody' }),
    ).resolves.toMatchObject(
      refused(
        404,
        'RESOURCE_DOES_NOT_EXIST',
        /^Registered Model with name=nobody not found$/,
      ),
    );
    await expect(
      ask('post', '/registered-models/create', {}),
    ).resolves.toMatchObject(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        /^Missing value for required parameter 'name'/,
      ),
    );
    // Made by our own API, and there for clients at once.
    await client.createModel(
      { name: 'digits', task: 'classification', owner: 'user:default/grace' },
      { token: GRACE },
    );
    const { registered_model } = await ok('get', '/registered-models/get', {
      name: 'digits',
    });
    expect(registered_model).toMatchObject({ name: 'digits' });
  });

  it('can be changed, renamed and deleted', async () => {
    await create('Changing');
    const updated = await ok('patch', '/registered-models/update', {
      name: 'Changing',
      description: 'New',
    });
    expect(updated.registered_model).toMatchObject({ description: 'New' });
    await ok('post', '/registered-models/set-tag', {
      name: 'Changing',
      key: 'a/b.c',
      value: '',
    });
    const { registered_model } = await ok('get', '/registered-models/get', {
      name: 'Changing',
    });
    expect(registered_model).toMatchObject({
      tags: [{ key: 'a/b.c', value: '' }],
    });
    await ok('delete', '/registered-models/delete-tag', {
      name: 'Changing',
      key: 'a/b.c',
    });
    await create('Other');
    await expect(
      ask('post', '/registered-models/rename', {
        name: 'Changing',
        new_name: 'Other',
      }),
    ).resolves.toMatchObject(
      refused(400, 'RESOURCE_ALREADY_EXISTS', /\(name=Other\) already exists/),
    );
    const renamed = await ok('post', '/registered-models/rename', {
      name: 'Changing',
      new_name: 'Changed',
    });
    expect(renamed.registered_model).toMatchObject({
      name: 'Changed',
      tags: [],
    });
    await ok('delete', '/registered-models/delete', { name: 'Changed' });
    await expect(
      ask('get', '/registered-models/get', { name: 'Changed' }),
    ).resolves.toMatchObject({ status: 404 });
    await create('Changed');
  });

  it('get versions of logged models, without a byte that is copied', async () => {
    const { run, modelId } = await logModel();
    await create('Logged');
    const made = await version('Logged', {
      source: `models:/${modelId}`,
      model_id: modelId,
      run_id: run,
      run_link: 'https://portal/run',
      description: 'First',
      tags: [{ key: 'k', value: 'v' }],
    });
    expect(made).toMatchObject({
      name: 'Logged',
      version: '1',
      status: 'READY',
      current_stage: 'None',
      source: `models:/${modelId}`,
      run_id: run,
      run_link: 'https://portal/run',
      model_id: modelId,
      description: 'First',
      user_id: 'user:default/ada',
      tags: [{ key: 'k', value: 'v' }],
      aliases: [],
    });
    await expect(
      client.getVersion('logged', 1, { token: ADA }),
    ).resolves.toMatchObject({
      format: 'mlflow',
      files: 3,
      pickles: ['model.pkl'],
      mlflow: { flavors: [{ name: 'python_function' }, { name: 'sklearn' }] },
    });

    const { artifact_uri } = (await ok(
      'get',
      '/model-versions/get-download-uri',
      {
        name: 'Logged',
        version: '1',
      },
    )) as { artifact_uri: string };
    expect(artifact_uri).toBe('mlflow-artifacts:/registered-models/logged/1');
    const folder = artifact_uri.replace('mlflow-artifacts:/', '');
    expect(await listFiles(folder)).toEqual([
      { path: 'MLmodel', is_dir: false, file_size: MLMODEL.length },
      { path: 'code', is_dir: true },
      { path: 'model.pkl', is_dir: false, file_size: 8 },
    ]);
    expect(await listFiles(`${folder}/code`)).toEqual([
      { path: 'extra.py', is_dir: false, file_size: 7 },
    ]);
    // By that, clients know a file from a folder.
    expect(await listFiles(`${folder}/MLmodel`)).toEqual([]);
    const file = await fetchFile(`${folder}/MLmodel`).expect(200);
    expect(file.body.toString()).toBe(MLMODEL);
    const part = await fetchFile(`${folder}/code/extra.py`)
      .set('Range', 'bytes=0-4')
      .expect(206);
    expect(part.body.toString()).toBe('print');
    await fetchFile(`${folder}/none`).expect(404);
    await request(baseUrl)
      .put(`/api/2.0/mlflow-artifacts/artifacts/${folder}/MLmodel`)
      .set('Authorization', `Bearer ${ADA}`)
      .send('x')
      .expect(403);

    // What happens to the logged model later does not matter.
    await request(baseUrl)
      .delete(
        `/api/2.0/mlflow-artifacts/artifacts/0/models/${modelId}/artifacts/MLmodel`,
      )
      .set('Authorization', `Bearer ${ADA}`)
      .expect(200);
    await fetchFile(`${folder}/MLmodel`).expect(200);
  });

  it('get versions of folders of runs, and of other versions', async () => {
    const { run, modelId } = await logModel();
    await create('Sources');
    await put(`0/${run}/artifacts/model/MLmodel`, MLMODEL);
    await put(`0/${run}/artifacts/model/data.bin`, 'data');
    for (const source of [
      `runs:/${run}/model`,
      `mlflow-artifacts:/0/${run}/artifacts/model`,
      `mlflow-artifacts:/0/models/${modelId}/artifacts`,
      'models:/Sources/1',
      'mlflow-artifacts:/registered-models/sources/1',
    ]) {
      expect(await version('Sources', { source })).toMatchObject({
        source,
        run_id: run,
        status: 'READY',
      });
    }
    const { items } = await client.listVersions('sources', {}, { token: ADA });
    const digests = items.map(({ digest }) => digest).reverse();
    expect(digests[3]).toBe(digests[0]);
    expect(digests[4]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);

    const onnx = await readFile(
      join(
        __dirname,
        '../../../plugins/ai-registry-backend/src/onnx/__fixtures__/classifier.onnx',
      ),
    );
    const served = await logModel({
      MLmodel: 'flavors:\n  onnx: {data: model.onnx}\n',
      'model.onnx': onnx,
    });
    await version('Sources', { source: `models:/${served.modelId}` });
    await expect(
      client.getVersion('sources', 6, { token: ADA }),
    ).resolves.toMatchObject({
      format: 'onnx',
      signature: { inputs: [{ name: 'X' }] },
      source: { loggedModel: served.modelId, run: served.run },
    });
  });

  it('are told by a file beside the model what else is known of it', async () => {
    const onnx = await readFile(
      join(
        __dirname,
        '../../../plugins/ai-registry-backend/src/onnx/__fixtures__/classifier.onnx',
      ),
    );
    await client.createModel(
      {
        name: 'described',
        owner: 'user:default/ada',
        task: 'classification',
      },
      { token: ADA },
    );
    const said = {
      description: 'Small',
      tags: { a: 'file', b: 'file' },
      source: { path: 'fit.py', run: 'another' },
      evaluation: {
        dataset: {
          name: 'held-out',
          digest: `sha256:${'1'.repeat(64)}`,
          rows: 10,
        },
        metrics: { accuracy: 0.9 },
        primary: { name: 'accuracy', higherIsBetter: true },
      },
    };
    const { run, modelId } = await logModel({
      'model.onnx': onnx,
      'greenroom.json': JSON.stringify(said),
    });
    await version('described', {
      source: `models:/${modelId}`,
      tags: [{ key: 'b', value: 'client' }],
    });
    await expect(
      client.getVersion('described', 1, { token: ADA }),
    ).resolves.toMatchObject({
      description: 'Small',
      tags: { a: 'file', b: 'client' },
      source: { path: 'fit.py', run },
      evaluation: { metrics: { accuracy: 0.9 } },
    });
    const { items } = await client.listVersionFiles('described', 1, {
      token: ADA,
    });
    expect(items.map(({ path }) => path)).toEqual(['model.onnx']);

    const wrong = await logModel({
      'model.onnx': onnx,
      'greenroom.json': JSON.stringify({ schema: { task: 'poetry' } }),
    });
    expect(
      await ask('post', '/model-versions/create', {
        name: 'described',
        source: `models:/${wrong.modelId}`,
      }),
    ).toMatchObject(refused(400, 'INVALID_PARAMETER_VALUE', /schema/));
  });

  it('refuse sources that are not here', async () => {
    const { run, modelId } = await logModel({ 'readme.txt': 'x' });
    await create('Refusing');
    const attempt = (source: string, token?: string) =>
      ask(
        'post',
        '/model-versions/create',
        { name: 'Refusing', source },
        token,
      );
    await expect(attempt('s3://bucket/model')).resolves.toMatchObject(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        /^Invalid model version source: 's3:\/\/bucket\/model'\. .*log_model/,
      ),
    );
    await expect(attempt(`runs:/${run}/%2e%2e/x`)).resolves.toMatchObject(
      refused(400, 'INVALID_PARAMETER_VALUE', /^Invalid model version source/),
    );
    await expect(attempt(`runs:/${run}/nothing`)).resolves.toMatchObject(
      refused(400, 'INVALID_PARAMETER_VALUE', /There are no files/),
    );
    await expect(attempt(`models:/${modelId}`)).resolves.toMatchObject(
      refused(400, 'INVALID_PARAMETER_VALUE', /There is no MLmodel/),
    );
    await expect(attempt(`models:/m-${'0'.repeat(32)}`)).resolves.toMatchObject(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', /^Logged model with ID/),
    );
    await expect(
      ask('post', '/model-versions/create', {
        name: 'nobody',
        source: `models:/${modelId}`,
      }),
    ).resolves.toMatchObject(
      refused(404, 'RESOURCE_DOES_NOT_EXIST', /name=nobody not found/),
    );
    // Who may not read the run cannot make a model of its files.
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result:
          permission.name === 'ai-training.experiment.read'
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    await expect(attempt(`models:/${modelId}`)).resolves.toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED' },
    });
  });

  it('have aliases and stages, and latest versions by both', async () => {
    const { modelId } = await logModel();
    await create('Staged');
    for (let count = 0; count < 3; count++) {
      await version('Staged', { source: `models:/${modelId}` });
    }
    const alias = { name: 'Staged', alias: 'Champion_2' };
    await ok('post', '/registered-models/alias', { ...alias, version: '2' });
    const pointed = await ok('get', '/registered-models/alias', alias);
    expect(pointed.model_version).toMatchObject({
      version: '2',
      aliases: ['Champion_2'],
    });
    await ok('delete', '/registered-models/alias', alias);
    await ok('delete', '/registered-models/alias', alias);
    await expect(
      ask('get', '/registered-models/alias', alias),
    ).resolves.toMatchObject(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        /^Registered model alias Champion_2 not found\.$/,
      ),
    );
    for (const reserved of ['latest', 'v1', 'V12']) {
      await expect(
        ask('post', '/registered-models/alias', {
          ...alias,
          alias: reserved,
          version: '1',
        }),
      ).resolves.toMatchObject(
        refused(400, 'INVALID_PARAMETER_VALUE', /^alias: /),
      );
    }
    await expect(
      ask('post', '/registered-models/alias', {
        ...alias,
        alias: 'Production',
        version: '1',
      }),
    ).resolves.toMatchObject(
      refused(403, 'PERMISSION_DENIED', /follows Git: promote a version/),
    );

    const move = (number: string, stage: string, archive?: boolean) =>
      ok('post', '/model-versions/transition-stage', {
        name: 'Staged',
        version: number,
        stage,
        archive_existing_versions: archive,
      });
    expect((await move('1', 'production')).model_version).toMatchObject({
      current_stage: 'Production',
    });
    await move('2', 'Production', true);
    const latest = async (fields: object) =>
      (
        (await ok('post', '/registered-models/get-latest-versions', {
          name: 'Staged',
          ...fields,
        })) as { model_versions: Fields[] }
      ).model_versions.map(one => [one.version, one.current_stage]);
    expect((await latest({})).sort()).toEqual([
      ['1', 'Archived'],
      ['2', 'Production'],
      ['3', 'None'],
    ]);
    expect(await latest({ stages: ['Production', 'staging'] })).toEqual([
      ['2', 'Production'],
    ]);
    await expect(
      ask('post', '/model-versions/transition-stage', {
        name: 'Staged',
        version: '1',
        stage: 'Live',
      }),
    ).resolves.toMatchObject(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        /^Invalid Model Version stage: Live\. Value must be one of None/,
      ),
    );
    await expect(
      ask('post', '/model-versions/transition-stage', {
        name: 'Staged',
        version: '1',
        stage: 'None',
        archive_existing_versions: true,
      }),
    ).resolves.toMatchObject(
      refused(400, 'INVALID_PARAMETER_VALUE', /cannot archive existing/),
    );
    await move('2', 'None');
    const { registered_model } = (await ok('get', '/registered-models/get', {
      name: 'Staged',
    })) as { registered_model: { latest_versions: Fields[] } };
    expect(
      registered_model.latest_versions.map(one => one.version).sort(),
    ).toEqual(['1', '3']);
  });

  it('have versions that change what is said of them, and can be deleted', async () => {
    const { modelId } = await logModel();
    await create('Versions');
    await version('Versions', { source: `models:/${modelId}` });
    const ref = { name: 'Versions', version: '1' };
    const updated = await ok('patch', '/model-versions/update', {
      ...ref,
      description: 'Better',
    });
    expect(updated.model_version).toMatchObject({ description: 'Better' });
    await ok('post', '/model-versions/set-tag', {
      ...ref,
      key: 'a',
      value: '1',
    });
    await ok('post', '/model-versions/set-tag', {
      ...ref,
      key: 'b',
      value: '2',
    });
    await ok('delete', '/model-versions/delete-tag', { ...ref, key: 'a' });
    const { model_version } = await ok('get', '/model-versions/get', ref);
    expect(model_version).toMatchObject({ tags: [{ key: 'b', value: '2' }] });
    await ok('delete', '/model-versions/delete', ref);
    await expect(ask('get', '/model-versions/get', ref)).resolves.toMatchObject(
      refused(
        404,
        'RESOURCE_DOES_NOT_EXIST',
        /^Model Version \(name=Versions, version=1\) not found$/,
      ),
    );
    const { body } = await ask('get', '/model-versions/get', {
      ...ref,
      version: 'x',
    });
    expect(body.error_code).toBe('INVALID_PARAMETER_VALUE');
  });

  it('are searched in the language of MLflow, in pages', async () => {
    const { run, modelId } = await logModel();
    for (const name of ['find-a', 'find-b', 'Find-c']) {
      await create(name, { tags: [{ key: 'kind', value: name }] });
      for (let count = 0; count < 2; count++) {
        await version(name, { source: `models:/${modelId}`, run_id: run });
      }
    }
    const names = (body: Fields) =>
      (body.registered_models as Fields[]).map(({ name }) => name);
    // As the client has it, which asks for no prompts.
    const first = await ok('get', '/registered-models/search', {
      filter: "name ILIKE 'find-%' AND tag.`mlflow.prompt.is_prompt` = 'false'",
      max_results: 2,
      order_by: ['name DESC'],
    });
    expect(names(first)).toEqual(['find-b', 'find-a']);
    const second = await ok('get', '/registered-models/search', {
      filter: "name ILIKE 'find-%'",
      max_results: 2,
      order_by: ['name DESC'],
      page_token: first.next_page_token,
    });
    expect(names(second)).toEqual(['Find-c']);
    expect(second.next_page_token).toBeUndefined();
    expect(
      (second.registered_models as { latest_versions: Fields[] }[])[0]
        .latest_versions,
    ).toMatchObject([{ version: '2', current_stage: 'None' }]);
    expect(
      names(
        await ok('get', '/registered-models/search', {
          filter: "tags.kind = 'find-a'",
        }),
      ),
    ).toEqual(['find-a']);

    const versions = async (filter: string, fields: object = {}) => {
      const found = await ok('get', '/model-versions/search', {
        filter,
        order_by: ['name ASC', 'version_number ASC'],
        ...fields,
      });
      return {
        refs: (found.model_versions as Fields[]).map(
          one => `${one.name}/${one.version}`,
        ),
        next: found.next_page_token,
      };
    };
    expect((await versions(`run_id = '${run}'`)).refs).toEqual([
      'Find-c/1',
      'Find-c/2',
      'find-a/1',
      'find-a/2',
      'find-b/1',
      'find-b/2',
    ]);
    expect(
      (await versions(`run_id IN ('${run}') AND version_number > 1`)).refs,
    ).toEqual(['Find-c/2', 'find-a/2', 'find-b/2']);
    expect(
      (await versions(`name = 'find-a' AND source_path = 'models:/${modelId}'`))
        .refs,
    ).toEqual(['find-a/1', 'find-a/2']);
    const page = await versions(`run_id = '${run}'`, { max_results: 4 });
    expect(page.refs).toHaveLength(4);
    expect(
      (
        await versions(`run_id = '${run}'`, {
          max_results: 4,
          page_token: page.next,
        })
      ).refs,
    ).toEqual(['find-b/1', 'find-b/2']);

    await expect(
      ask('get', '/model-versions/search', { max_results: 200_001 }),
    ).resolves.toMatchObject(
      refused(
        400,
        'INVALID_PARAMETER_VALUE',
        /^Invalid value for request parameter max_results\. It must be at most 200000, but got value 200001$/,
      ),
    );
    await expect(
      ask('get', '/registered-models/search', { filter: 'status = 1' }),
    ).resolves.toMatchObject({
      status: 400,
      body: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
  });

  it('are no prompts', async () => {
    const prompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
    const none = refused(404, 'NOT_FOUND', /^Greenroom keeps no prompts/);
    await expect(
      ask('post', '/registered-models/create', { name: 'p', tags: [prompt] }),
    ).resolves.toMatchObject(none);
    await create('No prompt');
    await expect(
      ask('post', '/registered-models/set-tag', {
        name: 'No prompt',
        ...prompt,
      }),
    ).resolves.toMatchObject(none);
    await expect(
      ask('get', '/registered-models/search', {
        filter: "tags.`mlflow.prompt.is_prompt` = 'true'",
      }),
    ).resolves.toMatchObject(none);
  });

  it('are asked for in the name of the caller', async () => {
    await create('Only of Ada');
    permissions.authorizeConditional.mockImplementation(
      async (questions, { credentials } = { credentials: undefined! }) =>
        questions.map(() => ({
          result:
            (credentials?.principal as { userEntityRef?: string })
              ?.userEntityRef === 'user:default/ada'
              ? AuthorizeResult.ALLOW
              : AuthorizeResult.DENY,
        })),
    );
    const name = 'Only of Ada';
    await ok('get', '/registered-models/get', { name });
    await expect(
      ask('get', '/registered-models/get', { name }, GRACE),
    ).resolves.toMatchObject({ status: 404 });
    expect(
      await ok('get', '/registered-models/search', {}, GRACE),
    ).toMatchObject({ registered_models: [] });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result:
          permission.name === 'ai-registry.model.update'
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    await expect(
      ask('patch', '/registered-models/update', { name, description: 'x' }),
    ).resolves.toMatchObject({
      status: 403,
      body: { error_code: 'PERMISSION_DENIED' },
    });
  });
});
