import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { DESCRIPTOR_FILE, encodeBundle } from '@greenroom/bundle-file';
import {
  AiRegistryClient,
  type NewVersion,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { token: mockCredentials.user.token('user:default/ada') };
const MODEL = 'assistant';
const DESCRIPTOR = {
  formatVersion: 1,
  connection: 'llm',
  model: 'gpt-4o-2024-08-06',
  tasks: ['chat'],
  messages: [{ role: 'system', content: 'You are terse.' }],
};

/** What the client throws when the registry refuses a request. */
const refusal = (message: string) => ({
  statusCode: 400,
  body: { error: { message: expect.stringContaining(message) } },
});

describe('versions of models that providers run', () => {
  let directory: string;
  let knex: Knex;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    knex = await databases.open();
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
        permissions.factory,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'team' },
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
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    const baseUrl = `http://localhost:${port}/api/ai-registry`;
    client = new AiRegistryClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
    });
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    await client.createModel(
      {
        name: MODEL,
        title: 'Assistant',
        description: '',
        task: 'text-generation',
        owner: 'group:default/team',
        tags: {},
      },
      options,
    );
  });

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  const upload = async (path: string, content: string | Buffer) => ({
    path,
    ...(await client.uploadArtifact(Buffer.from(content), options)),
  });

  async function register(
    changes: object = {},
    facts: Partial<NewVersion> = {},
  ) {
    const text = JSON.stringify({ ...DESCRIPTOR, ...changes });
    const files = [await upload(DESCRIPTOR_FILE, text)];
    const bundle = { format: 'external' as const, files };
    return client.createVersion(
      MODEL,
      { ...facts, digest: undefined, bundle },
      options,
    );
  }

  it('are registered by a descriptor, which their digest pins', async () => {
    const version = await register();
    expect(version).toMatchObject({
      format: 'external',
      files: 1,
      external: { ...DESCRIPTOR, parameters: {} },
      servability: { state: 'not-tried', reason: 'It runs at a provider.' },
    });
    expect(version).not.toHaveProperty('signature');
    const detail = await client.getVersion(MODEL, version.version, options);
    expect(detail.external).toEqual(version.external);
    expect(await client.listVersions(MODEL, {}, options)).toMatchObject({
      items: [{ external: { connection: 'llm' } }],
    });
    const { items } = await client.listVersionFiles(
      MODEL,
      version.version,
      options,
    );
    const files = items.map(file => ({ ...file }));
    const list = encodeBundle({ format: 'external', files });
    expect(
      (await client.uploadArtifact(Buffer.from(list), options)).digest,
    ).toBe(version.digest);
  });

  it.each<[object, string]>([
    [
      { connection: 'My LLM' },
      'bundle: external.json: connection: expected the',
    ],
    [{ tasks: ['vision'] }, 'bundle: external.json: tasks.0: '],
    [{ apiKey: 'sk-1' }, 'apiKey'],
    [{ parameters: { stream: true } }, 'external.json: parameters.stream: '],
  ])(
    'are refused with the field that is wrong: %j',
    async (changes, message) => {
      await expect(register(changes)).rejects.toMatchObject(refusal(message));
    },
  );

  it('are exactly one file', async () => {
    const files = [
      await upload(DESCRIPTOR_FILE, JSON.stringify(DESCRIPTOR)),
      await upload('notes.txt', 'notes'),
    ];
    await expect(
      client.createVersion(
        MODEL,
        { bundle: { format: 'external', files } },
        options,
      ),
    ).rejects.toMatchObject(refusal("take out 'notes.txt'"));
  });

  it('have no tensors to describe', async () => {
    await expect(
      register({}, { reference: { features: [[1]], predictions: [1] } }),
    ).rejects.toMatchObject(
      refusal('reference: a model that takes texts has no tensors'),
    );
  });

  it('have a signature where their endpoint takes tensors, and all that goes with it', async () => {
    const signature = {
      inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 1] }],
    };
    const of = (changes: object = {}) => ({
      tasks: undefined,
      messages: undefined,
      tensors: {
        protocol: 'open-inference',
        signature: { ...signature, ...changes },
      },
    });
    await client.createModel(
      {
        name: 'remote',
        title: 'Remote',
        description: '',
        task: 'regression',
        owner: 'group:default/team',
        tags: {},
      },
      options,
    );
    const create = async (changes: object, facts: Partial<NewVersion> = {}) => {
      const text = JSON.stringify({ ...DESCRIPTOR, ...changes });
      const files = [await upload(DESCRIPTOR_FILE, text)];
      return client.createVersion(
        'remote',
        { ...facts, digest: undefined, bundle: { format: 'external', files } },
        options,
      );
    };
    const schema = {
      task: 'regression' as const,
      features: ['a', 'b'].map((name, index) => ({ name, tensor: 'x', index })),
      prediction: { tensor: 'y' },
    };
    const base = await create(of(), {
      schema,
      reference: {
        features: [
          [1, 2],
          [3, 4],
        ],
        predictions: [1, 2],
      },
    });
    expect(base).toMatchObject({ signature, schema, external: { tasks: [] } });
    const inBits = [{ name: 'x', datatype: 'BF16' as const, shape: [-1, 2] }];
    const reference = { features: [[1, 2.5]], predictions: [1] };
    expect(
      await create(of({ inputs: inBits }), { schema, reference }),
    ).toMatchObject({ signature: { ...signature, inputs: inBits }, schema });
    const detail = await client.getVersion('remote', base.version, options);
    expect(detail.baseline).toBeDefined();
    await expect(
      create(of(), { schema: { ...schema, prediction: { tensor: 'z' } } }),
    ).rejects.toMatchObject(refusal('z'));
    const wider = await create(
      of({ inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }] }),
    );
    const { signature: compared } = await client.compareVersions(
      'remote',
      base.version,
      wider.version,
      options,
    );
    expect(compared).toEqual({
      compatible: false,
      differences: ["Input 'x' takes the shape [-1, 3] instead of [-1, 2]."],
    });
  });

  it('are never tried, also when somebody asks', async () => {
    const { version } = await register({ model: 'other' });
    expect(await client.tryVersion(MODEL, version, options)).toEqual({
      state: 'not-tried',
      reason: 'It runs at a provider.',
    });
    expect(await knex('trial_work').select()).toEqual([]);
  });

  it('are compared by their tasks, and not with a version of tensors', async () => {
    const base = await register({ tasks: ['chat', 'embeddings'] });
    const candidate = await register({ tasks: ['chat'] });
    const compare = (one: number, other: number) =>
      client.compareVersions(MODEL, one, other, options);
    expect((await compare(base.version, candidate.version)).signature).toEqual({
      compatible: false,
      differences: ["Task 'embeddings' is gone: callers still ask for it."],
      notComparable: expect.stringContaining('both run at a provider'),
    });
    const tensorsOfProvider = await register({
      tasks: undefined,
      messages: undefined,
      tensors: {
        protocol: 'instances',
        signature: {
          inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
          outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
        },
      },
    });
    expect(
      (await compare(tensorsOfProvider.version, base.version)).signature
        .differences,
    ).toEqual([
      `Version ${base.version} is called through OpenAI's API, version ${tensorsOfProvider.version} is called with tensors.`,
    ]);
    const onnx = await readFile(
      join(__dirname, '../onnx/__fixtures__/classifier.onnx'),
    );
    const { digest } = await client.uploadArtifact(onnx, options);
    const tensors = await client.createVersion(MODEL, { digest }, options);
    expect((await compare(base.version, tensors.version)).signature).toEqual({
      compatible: false,
      differences: [expect.stringContaining('is called with tensors')],
      notComparable: expect.stringContaining('Not comparable: one of them'),
    });
  });
});
