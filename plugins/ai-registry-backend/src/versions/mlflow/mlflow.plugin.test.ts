import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiRegistryClient,
  type ModelVersion,
  type VersionCondition,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import { isModelOwner } from '../../permissions';
import { aiRegistryPlugin } from '../../plugin';

jest.setTimeout(60_000);

const databases = registryDatabases();
const ada = { token: mockCredentials.user.token('user:default/ada') };
const grace = { token: mockCredentials.user.token('user:default/grace') };

const MLMODEL = `flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}
  sklearn: {pickled_model: model.pkl, sklearn_version: 1.7.2}
mlflow_version: 3.6.0
signature:
  inputs: '[{"type": "double", "name": "age"}]'
  outputs: '[{"type": "long", "name": "label"}]'
`;
const ONNX_MLMODEL = 'flavors:\n  onnx: {data: model.onnx}\n';

const refusal = (statusCode: number, message: RegExp) => ({
  statusCode,
  body: { error: { message: expect.stringMatching(message) } },
});

const CATALOG = [
  ['User', 'ada'],
  ['User', 'grace'],
].map(([kind, name]) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { namespace: 'default', name },
}));

describe('models that clients of MLflow know', () => {
  let directory: string;
  let knex: Knex;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  async function start(pickle?: string) {
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
        permissions.factory,
        catalogServiceMock.factory({ entities: CATALOG }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory },
              environments: { directory: join(directory, 'environments.git') },
              ...(pickle && { versions: { pickle } }),
            },
          },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
    stop = () => backend.stop();
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    knex = await databases.open();
    await start();
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

  const upload = async (path: string, content: string | Buffer) => ({
    path,
    ...(await client.uploadArtifact(Buffer.from(content), ada)),
  });

  async function register(
    model: string,
    files: Record<string, string | Buffer>,
    facts: object = {},
  ): Promise<ModelVersion> {
    const uploaded = [];
    for (const [path, content] of Object.entries(files)) {
      uploaded.push(await upload(path, content));
    }
    const bundle = { format: 'mlflow' as const, files: uploaded };
    return client.createVersion(model, { ...facts, bundle }, ada);
  }

  const create = (externalName: string) =>
    client.createModel({ externalName, task: 'other' }, ada);

  it('have a name of their own beside the one that MLflow uses', async () => {
    const first = await create('Churn (EU)');
    expect(first).toMatchObject({
      name: 'churn-eu',
      externalName: 'Churn (EU)',
      title: 'Churn (EU)',
      owner: 'user:default/ada',
      task: 'other',
    });
    expect((await create('churn eu')).name).toBe('churn-eu-2');
    await expect(create('churn eu')).rejects.toMatchObject(
      refusal(
        409,
        /externalName 'churn eu' is taken by the model 'churn-eu-2'/,
      ),
    );
    const ours = await client.createModel(
      { name: 'ours', task: 'summarization' },
      grace,
    );
    expect(ours).toMatchObject({
      externalName: 'ours',
      owner: 'user:default/grace',
    });
    await expect(
      client.createModel({ task: 'other' }, ada),
    ).rejects.toMatchObject({ statusCode: 400 });

    const renamed = await client.updateModel(
      'churn-eu',
      { externalName: 'Churn' },
      ada,
    );
    expect(renamed).toMatchObject({ name: 'churn-eu', externalName: 'Churn' });
    await expect(
      client.updateModel('churn-eu', { externalName: 'ours' }, ada),
    ).rejects.toMatchObject(refusal(409, /taken by the model 'ours'/));
  });

  it('are found by conditions, in any order, in pages', async () => {
    for (const name of ['Find B', 'find a', 'FIND_C']) await create(name);
    await client.updateModel(
      'find-b',
      { tagChanges: { team: 'vision', size: 'big' } },
      ada,
    );
    const search = async (
      ...conditions: Parameters<
        AiRegistryClient['searchModels']
      >[0]['conditions'] &
        object
    ) =>
      (await client.searchModels({ conditions }, ada)).items.map(
        ({ externalName }) => externalName,
      );
    const name = { field: 'externalName' } as const;
    const tag = { field: 'tag', key: 'team' } as const;
    expect(
      await search({ ...name, comparator: 'ILIKE', values: ['find%'] }),
    ).toEqual(['FIND_C', 'Find B', 'find a']);
    expect(
      await search({ ...name, comparator: 'LIKE', values: ['find%'] }),
    ).toEqual(['find a']);
    expect(
      await search({ ...name, comparator: '=', values: ['Find B'] }),
    ).toEqual(['Find B']);
    expect(
      await search({ ...tag, comparator: '=', values: ['vision'] }),
    ).toEqual(['Find B']);
    expect(await search({ ...tag, comparator: '!=', values: ['nlp'] })).toEqual(
      ['Find B'],
    );
    expect(
      await search({ ...tag, comparator: '!=', values: ['vision'] }),
    ).toEqual([]);
    await expect(
      search({ ...tag, comparator: '=', values: ['a', 'b'] }),
    ).rejects.toMatchObject(refusal(400, /takes one value, and has 2/));

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.searchModels(
        {
          conditions: [{ ...name, comparator: 'ILIKE', values: ['find%'] }],
          order: [{ by: 'createdAt', descending: true }],
          limit: 1,
          cursor,
        },
        ada,
      );
      seen.push(...page.items.map(({ externalName }) => externalName));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['FIND_C', 'find a', 'Find B']);
    const [first] = [await client.searchModels({ limit: 1 }, ada)];
    await expect(
      client.searchModels(
        { order: [{ by: 'updatedAt' }], cursor: first.nextCursor },
        ada,
      ),
    ).rejects.toMatchObject(refusal(400, /not one that this list gave/));
  });

  it('only those are found that the caller may read', async () => {
    await create('Hidden');
    const { externalName } = await client.createModel(
      { externalName: 'Of Grace', task: 'other' },
      grace,
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => ({
        result: AuthorizeResult.CONDITIONAL,
        pluginId: 'ai-registry',
        resourceType: 'ai-model',
        conditions: {
          rule: isModelOwner.name,
          resourceType: 'ai-model',
          params: { claims: ['user:default/grace'] },
        },
      })),
    );
    await expect(client.searchModels({}, grace)).resolves.toMatchObject({
      items: [{ externalName }, { externalName: 'ours' }],
    });
    await expect(client.searchVersions({}, grace)).resolves.toEqual({
      items: [],
    });
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.DENY })),
    );
    await expect(client.searchModels({}, grace)).resolves.toEqual({
      items: [],
    });
  });

  it('have folders of MLflow as versions, which say what they are', async () => {
    const { name } = await create('Sklearn');
    const version = await register(
      name,
      { MLmodel: MLMODEL, 'model.pkl': 'not opened', 'conda.yaml': 'a: b' },
      { source: { uri: 'runs:/r1/model', run: 'r1', runLink: 'https://x/r1' } },
    );
    expect(version).toMatchObject({
      format: 'mlflow',
      files: 3,
      pickles: ['model.pkl'],
      mlflow: {
        flavors: [{ name: 'python_function' }, { name: 'sklearn' }],
        mlflowVersion: '3.6.0',
      },
      signature: {
        inputs: [{ name: 'age', datatype: 'FP64', shape: [-1] }],
      },
      servability: {
        state: 'not-tried',
        reason: expect.stringContaining('until it is converted'),
      },
      source: { uri: 'runs:/r1/model', run: 'r1', runLink: 'https://x/r1' },
    });
    await expect(client.tryVersion(name, 1, ada)).resolves.toMatchObject({
      state: 'not-tried',
    });
    await expect(
      client.promote(
        { model: name, version: 1, environment: 'dev', reason: 'Try it' },
        ada,
      ),
    ).rejects.toMatchObject(refusal(400, /not served until it is converted/));
    await expect(
      register(name, { 'sub/MLmodel': MLMODEL }),
    ).rejects.toMatchObject(refusal(400, /has no file 'MLmodel'/));
    await expect(register(name, { MLmodel: '[' })).rejects.toMatchObject(
      refusal(400, /bundle: MLmodel is no YAML/),
    );
    const hidden = await register(name, {
      MLmodel: ONNX_MLMODEL.replace('onnx', 'custom'),
      'weights.bin': Buffer.from([0x80, 4, 0x95, 1, 2, 3]),
    });
    expect(hidden.pickles).toEqual(['weights.bin']);
    expect(hidden.signature).toBeUndefined();
  });

  it('are served where the folder has a model in ONNX', async () => {
    const { name } = await create('Onnx');
    const model = await readFile(
      join(__dirname, '..', '..', 'onnx', '__fixtures__', 'classifier.onnx'),
    );
    const files = {
      MLmodel: ONNX_MLMODEL,
      'model.onnx': model,
      'requirements.txt': 'onnx',
    };
    await expect(register(name, files)).resolves.toMatchObject({
      format: 'onnx',
      files: 3,
      signature: { inputs: [{ name: 'X' }] },
      modelFile: { irVersion: expect.any(Number) },
      mlflow: { flavors: [{ name: 'onnx' }] },
    });
    await expect(
      register(name, { MLmodel: ONNX_MLMODEL, 'model.onnx': 'no model' }),
    ).resolves.toMatchObject({
      format: 'mlflow',
      servability: {
        reason: expect.stringMatching(/converted.*not a complete ONNX file/),
      },
    });
  });

  it('keep tags, descriptions and stages that change, and say who changed them', async () => {
    const { name } = await create('Said');
    for (const n of [1, 2, 3]) {
      await register(name, { MLmodel: MLMODEL, n: String(n) });
    }
    await expect(
      client.updateVersion(
        name,
        1,
        { description: 'First', tagChanges: { a: '1', b: '2' } },
        ada,
      ),
    ).resolves.toMatchObject({
      description: 'First',
      tags: { a: '1', b: '2' },
    });
    await client.updateVersion(name, 1, { tagChanges: { a: null } }, grace);
    await client.updateVersion(name, 1, { stage: 'Production' }, ada);
    await client.updateVersion(
      name,
      2,
      { stage: 'Production', archiveOthers: true },
      ada,
    );
    await expect(client.getVersion(name, 1, ada)).resolves.toMatchObject({
      tags: { b: '2' },
      stage: 'Archived',
    });
    await expect(
      client.updateVersion(name, 1, { archiveOthers: true }, ada),
    ).rejects.toMatchObject(refusal(400, /archiveOthers: expected with/));
    const { items } = await client.listAudit(
      { model: name, action: 'version-updated' },
      ada,
    );
    expect(
      items.map(({ actor, subject, after }) => [actor, subject, after]),
    ).toMatchObject([
      ['user:default/ada', '2', { stage: 'Production' }],
      ['user:default/ada', '1', { stage: 'Archived' }],
      ['user:default/ada', '1', { stage: 'Production' }],
      ['user:default/grace', '1', { tags: { b: '2' } }],
      ['user:default/ada', '1', { description: 'First' }],
    ]);
    const latest = await client.searchVersions(
      {
        conditions: [{ field: 'model', comparator: '=', values: [name] }],
        latestOfStages: true,
        order: [{ by: 'version' }],
      },
      ada,
    );
    expect(latest.items.map(({ version, stage }) => [version, stage])).toEqual([
      [1, 'Archived'],
      [2, 'Production'],
      [3, undefined],
    ]);
  });

  it('are given versions by the name that MLflow uses', async () => {
    const { name } = await create('By Its Name');
    const { digest, sizeBytes } = await upload('MLmodel', MLMODEL);
    const bundle = {
      format: 'mlflow' as const,
      files: [{ path: 'MLmodel', digest, sizeBytes }],
    };
    const made = await client.createVersionOf('By Its Name', { bundle }, ada);
    expect(made).toMatchObject({ model: name, externalName: 'By Its Name' });
    const { items } = await client.searchVersions(
      { conditions: [{ field: 'model', comparator: '=', values: [name] }] },
      ada,
    );
    // As it is found: also when it last changed.
    expect(items).toEqual([made]);
    await expect(
      client.createVersionOf('by-its-name', { bundle }, ada),
    ).rejects.toMatchObject(
      refusal(404, /there is no model that is called 'by-its-name'/),
    );
  });

  it('have versions that are found over all models', async () => {
    const { name } = await create('Searched');
    const other = await create('Searched too');
    for (const [model, run] of [
      [name, 'run-a'],
      [name, 'run-b'],
      [other.name, 'run-a'],
    ]) {
      await register(
        model,
        { MLmodel: MLMODEL },
        { source: { run, uri: `runs:/${run}/model` }, tags: { run } },
      );
    }
    const search = async (...conditions: VersionCondition[]) =>
      (
        await client.searchVersions(
          {
            conditions: [
              {
                field: 'externalName',
                comparator: 'LIKE',
                values: ['Searched%'],
              },
              ...conditions,
            ],
            order: [{ by: 'externalName' }, { by: 'version' }],
          },
          ada,
        )
      ).items.map(({ externalName, version }) => `${externalName}/${version}`);
    expect(await search()).toEqual([
      'Searched/1',
      'Searched/2',
      'Searched too/1',
    ]);
    expect(
      await search({ field: 'run', comparator: 'IN', values: ['run-a', 'x'] }),
    ).toEqual(['Searched/1', 'Searched too/1']);
    expect(
      await search({ field: 'version', comparator: '>=', value: 2 }),
    ).toEqual(['Searched/2']);
    expect(
      await search({
        field: 'sourceUri',
        comparator: '=',
        values: ['runs:/run-b/model'],
      }),
    ).toEqual(['Searched/2']);
    expect(
      await search({
        field: 'tag',
        key: 'run',
        comparator: 'ILIKE',
        values: ['%A'],
      }),
    ).toEqual(['Searched/1', 'Searched too/1']);
    await client.setAlias(
      name,
      'best',
      { version: 2, reason: 'Is better' },
      ada,
    );
    expect(await search({ field: 'alias', value: 'best' })).toEqual([
      'Searched/2',
    ]);
    expect(await search({ field: 'alias', value: 'worst' })).toEqual([]);
    const pages = [];
    let cursor: string | undefined;
    do {
      const page = await client.searchVersions({ limit: 2, cursor }, ada);
      pages.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    const all = await client.searchVersions({ limit: 1_000 }, ada);
    expect(pages).toEqual(all.items);
    expect(pages[0].updatedAt >= pages[1].updatedAt).toBe(true);
  });

  it('can be deleted and brought back, but not while they run', async () => {
    const { name } = await create('Gone');
    await register(name, { MLmodel: MLMODEL });
    await register(name, { MLmodel: MLMODEL, more: '2' });
    const set = (alias: string, version: number) =>
      client.setAlias(name, alias, { version, reason: 'Best' }, ada);
    await set('Champion_1', 2);
    await expect(set('Production', 2)).rejects.toMatchObject(
      refusal(403, /alias 'Production' follows Git/),
    );
    await expect(set('LATEST', 2)).rejects.toMatchObject({ statusCode: 400 });

    await client.deleteVersion(name, 2, ada);
    await expect(client.getVersion(name, 2, ada)).rejects.toMatchObject(
      refusal(404, /was deleted/),
    );
    await expect(client.getModel(name, ada)).resolves.toMatchObject({
      versionCount: 1,
      latestVersion: 1,
      aliases: [],
    });
    await expect(client.listVersions(name, {}, ada)).resolves.toMatchObject({
      totalItems: 1,
      items: [{ version: 1 }],
    });
    await expect(set('best', 2)).rejects.toMatchObject({ statusCode: 400 });
    expect((await register(name, { MLmodel: MLMODEL })).version).toBe(3);
    await client.restoreVersion(name, 2, ada);
    await expect(client.getVersion(name, 2, ada)).resolves.toMatchObject({
      aliases: [],
    });

    await knex('environment_deployments').insert({
      environment: 'staging',
      model: name,
      version: 1,
      digest: 'sha256:1',
      rollout: JSON.stringify({ strategy: 'all-at-once' }),
      commit: 'c',
      kind: 'push',
      changed_at: new Date(),
      changed_by: 'user:default/ada',
    });
    await expect(client.deleteVersion(name, 1, ada)).rejects.toMatchObject(
      refusal(409, /cannot be deleted: the manifest of staging names it/),
    );
    await expect(client.deleteModel(name, ada)).rejects.toMatchObject({
      statusCode: 409,
    });
    await client.deleteVersion(name, 3, ada);
    await knex('environment_deployments').where({ model: name }).delete();

    const whileThere = new Date().toISOString();
    await sleep(5);
    await client.deleteModel(name, ada);
    await expect(
      client.getModelAsOf(name, { at: whileThere }, ada),
    ).resolves.toMatchObject({
      state: 'there',
      aliases: [],
      versions: [{ version: 2 }, { version: 1 }],
    });
    await expect(client.getModel(name, ada)).rejects.toMatchObject({
      statusCode: 404,
    });
    const again = await create('Gone');
    expect(again.name).toBe('gone-2');
    await expect(client.restoreModel(name, ada)).rejects.toMatchObject(
      refusal(409, /externalName 'Gone' is taken by the model 'gone-2'/),
    );
    await expect(
      client.createModel({ name, externalName: 'x', task: 'other' }, ada),
    ).rejects.toMatchObject(refusal(409, /deleted: restore it/));
    await client.updateModel('gone-2', { externalName: 'Gone 2' }, ada);
    const whileGone = new Date().toISOString();
    await sleep(5);
    await expect(client.restoreModel(name, ada)).resolves.toMatchObject({
      name,
      versionCount: 2,
    });
    await expect(
      client.getModelAsOf(name, { at: whileGone }, ada),
    ).resolves.toEqual({ model: name, at: whileGone, state: 'deleted' });
    await expect(
      client.getModelAsOf(name, { at: '2026-05-03T12:00' }, ada),
    ).rejects.toMatchObject(refusal(400, /not a moment with its time zone/));
    const { items } = await client.listAudit({ model: name }, ada);
    expect(items.map(({ action }) => action).slice(0, 3)).toEqual([
      'model-restored',
      'model-deleted',
      'version-deleted',
    ]);
  });

  it('are refused with pickles where the registry takes none', async () => {
    await stop();
    await start('refuse');
    const { name } = await create('Refused');
    await expect(
      register(name, { MLmodel: MLMODEL, 'model.joblib': 'x' }),
    ).rejects.toMatchObject(
      refusal(400, /'model\.joblib' would run code .*aiRegistry\.versions/),
    );
    await expect(register(name, { MLmodel: MLMODEL })).resolves.toMatchObject({
      version: 1,
    });
    await stop();
    await start('allow');
    const taken = await register(name, { MLmodel: MLMODEL, 'a.pkl': 'x' });
    expect(taken.pickles).toBeUndefined();
  });
});
