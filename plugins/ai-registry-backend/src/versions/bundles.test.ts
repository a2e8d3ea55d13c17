import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { encodeBundle, type BundleFile } from '@greenroom/bundle-file';
import {
  AiRegistryClient,
  type Digest,
  MAX_CARD_BYTES,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { token: mockCredentials.user.token('user:default/ada') };
const MODEL = 'linear';
const MAX_BUNDLE_BYTES = 4_000;

const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const WEIGHTS = Buffer.from(new Float32Array(6).fill(1).buffer);

describe('versions that are bundles', () => {
  let directory: string;
  let knex: Knex;
  let client: AiRegistryClient;
  let model: Buffer;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    model = await readFile(
      join(__dirname, '../onnx/__fixtures__/external-weights.onnx'),
    );
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
              artifacts: { directory, maxBundleBytes: MAX_BUNDLE_BYTES },
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
    allowAll();
    await client.createModel(
      {
        name: MODEL,
        title: 'Linear',
        description: '',
        task: 'regression',
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

  beforeEach(allowAll);

  function allowAll() {
    const allow = { result: AuthorizeResult.ALLOW } as const;
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => allow),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => allow),
    );
  }

  async function upload(path: string, content: Buffer): Promise<BundleFile> {
    return { path, ...(await client.uploadArtifact(content, options)) };
  }

  const uploadModel = async () => [
    await upload('model.onnx', model),
    await upload('weights.bin', WEIGHTS),
    await upload('tokenizer/vocab.txt', Buffer.from('one two')),
  ];

  const register = (files: BundleFile[]) =>
    client.createVersion(MODEL, { bundle: { format: 'onnx', files } }, options);

  it('is registered with all its files, under the digest of their list', async () => {
    const files = await uploadModel();
    const version = await register(files);
    const list = encodeBundle({ format: 'onnx', files });
    expect(version).toMatchObject({
      format: 'onnx',
      files: 3,
      digest: digestOf(list),
      sizeBytes: model.length + WEIGHTS.length + 7,
      signature: {
        inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3] }],
      },
    });
    const stored = await client.downloadArtifact(version.digest, options);
    expect(Buffer.from(await stored.arrayBuffer())).toEqual(Buffer.from(list));
    await expect(
      client.listVersionFiles(MODEL, version.version, options),
    ).resolves.toEqual({
      items: [files[0], files[2], files[1]],
    });
    // The order that they are named in makes no other version of them.
    const again = await register([...files].reverse());
    expect(again.digest).toBe(version.digest);
    await expect(
      client.getVersion(MODEL, again.version, options),
    ).resolves.toMatchObject({ files: 3 });
  });

  it('lists the only file of a version that is no bundle', async () => {
    const single = await readFile(
      join(__dirname, '../onnx/__fixtures__/classifier.onnx'),
    );
    const { digest, sizeBytes } = await client.uploadArtifact(single, options);
    const version = await client.createVersion(MODEL, { digest }, options);
    expect(version.files).toBeUndefined();
    await expect(
      client.listVersionFiles(MODEL, version.version, options),
    ).resolves.toEqual({ items: [{ path: 'model.onnx', digest, sizeBytes }] });
  });

  it('refuses files that were not uploaded, by name, and sizes that are not true', async () => {
    const files = await uploadModel();
    const digest = digestOf(Buffer.from('never sent'));
    await expect(
      register([...files, { path: 'labels.txt', digest, sizeBytes: 10 }]),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: {
        error: {
          message: `bundle: 1 of 4 files are not in the artifact store: upload them first (POST /artifacts): 'labels.txt' (${digest})`,
        },
      },
    });
    await expect(
      register([files[0], { ...files[1], sizeBytes: 25 }]),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: {
        error: {
          message: expect.stringContaining(
            "file 'weights.bin' has 24 bytes in the artifact store, not 25",
          ),
        },
      },
    });
  });

  it.each<[string, (files: BundleFile[]) => BundleFile[], RegExp]>([
    [
      'a path upwards',
      ([file, ...rest]) => [file, ...rest, { ...file, path: '../model.onnx' }],
      /File "\.\.\/model\.onnx" has '\.\.' between/,
    ],
    [
      'two files in one place',
      ([file, ...rest]) => [file, ...rest, { ...file, path: 'MODEL.onnx' }],
      /differ in the case of letters/,
    ],
    [
      'weights that are left out',
      ([file]) => [file],
      /weights 'w' lie in the file 'weights\.bin', which is not among the files/,
    ],
    [
      'weights in another folder',
      ([file, weights]) => [file, { ...weights, path: 'w/weights.bin' }],
      /add it to the bundle as 'weights\.bin'/,
    ],
    ['no model', ([, ...rest]) => rest, /has no ONNX file/],
    [
      'more bytes than may be',
      files => [...files, { ...files[1], path: 'large', sizeBytes: 4_000 }],
      /more than the 4000 that this registry takes \(aiRegistry\.artifacts\.maxBundleBytes\)/,
    ],
  ])('refuses %s', async (_what, change, reason) => {
    const files = change(await uploadModel());
    await expect(register(files)).rejects.toMatchObject({
      statusCode: 400,
      body: { error: { message: expect.stringMatching(reason) } },
    });
  });

  it('takes either a digest or a bundle', async () => {
    const files = await uploadModel();
    const both = {
      digest: files[0].digest,
      bundle: { format: 'onnx', files },
    } as const;
    for (const body of [both, {}]) {
      await expect(
        // What a program without types may send.
        client.createVersion(MODEL, body as never, options),
      ).rejects.toMatchObject({
        statusCode: 400,
        body: {
          error: { message: expect.stringMatching(/Name either digest/) },
        },
      });
    }
  });

  it('gives a data plane the files of what runs in its environment, and no others', async () => {
    const files = [
      await upload('model.onnx', model),
      await upload('weights.bin', WEIGHTS),
      await upload('labels.txt', Buffer.from('deployed only here')),
    ];
    const { version, digest } = await register(files);
    await knex('alias_changes').insert({
      model: MODEL,
      alias: 'staging',
      version,
      valid_from: new Date(),
      changed_by: 'user:default/ada',
      reason: 'Push',
    });
    const mayServe = (environment: string) =>
      permissions.authorize.mockImplementation(async questions =>
        questions.map(({ permission, resourceRef }) => ({
          result:
            permission.name === 'ai-registry.artifact.read' &&
            resourceRef?.startsWith(`${environment}/`)
              ? AuthorizeResult.ALLOW
              : AuthorizeResult.DENY,
        })),
      );
    const fetchAll = () =>
      Promise.allSettled(
        [digest, ...files.map(file => file.digest)].map(one =>
          client.downloadArtifact(one, options),
        ),
      );
    mayServe('staging');
    for (const answer of await fetchAll()) {
      expect(answer.status).toBe('fulfilled');
    }
    mayServe('production');
    for (const answer of await fetchAll()) {
      expect(answer).toMatchObject({
        status: 'rejected',
        reason: { statusCode: 403 },
      });
    }
  });

  it('brings its model card along, which names its licence and can be replaced', async () => {
    const readme = '---\nlicense: apache-2.0\nodd: {x: 1}\n---\n# Linear\n';
    const { version, licence } = await register([
      ...(await uploadModel()),
      await upload('README.md', Buffer.from(readme)),
    ]);
    expect(licence).toBe('apache-2.0');
    await expect(client.getCard(MODEL, version, options)).resolves.toEqual({
      text: readme,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      markdown: '# Linear\n',
      metadata: { license: 'apache-2.0', odd: { x: 1 } },
    });
    const bom = await client.getMlBom(MODEL, version, options);
    expect(bom).toMatchObject({
      metadata: {
        component: { licenses: [{ expression: 'Apache-2.0' }] },
      },
    });
    const { text } = await client.exportCard(MODEL, version, options);
    expect(text).toContain('license: apache-2.0');
    expect(text).toContain('odd: { x: 1 }');
    expect(text).toContain('library_name: onnx');

    await expect(
      client.setCard(MODEL, version, { text: '---\na: [\n---\n' }, options),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(
            /^text: line \d of the front matter is no YAML/,
          ),
        },
      },
    });
    const other = { text: '---\nlicense: other\nlicense_name: ours\n---\n' };
    await client.setCard(MODEL, version, other, options);
    await expect(
      client.getVersion(MODEL, version, options),
    ).resolves.toMatchObject({ licence: 'ours', files: 4 });
    const { items } = await client.listAudit({ model: MODEL }, options);
    expect(items[0]).toMatchObject({
      action: 'card-changed',
      subject: String(version),
      before: { licence: 'apache-2.0' },
      after: { licence: 'ours' },
    });
    for (const [wanted, found] of [
      ['OURS', 1],
      ['apache-2.0', 0],
    ] as const) {
      const page = await client.listModels({ licence: wanted }, options);
      expect(page.totalItems).toBe(found);
    }
    await client.updateModel(
      MODEL,
      { tagChanges: { license: 'MIT' } },
      options,
    );
    // What the newest version says goes before what the model says.
    await expect(client.getModel(MODEL, options)).resolves.toMatchObject({
      licence: 'ours',
    });
    const { digest } = await client.getCard(MODEL, version, options);
    await client.setCard(
      MODEL,
      version,
      { text: '# Linear', replaces: digest },
      options,
    );
    for (const replaces of [digest, null]) {
      await expect(
        client.setCard(MODEL, version, { text: '# Late', replaces }, options),
      ).rejects.toMatchObject({ statusCode: 409 });
    }
    await expect(
      client.listModels({ licence: 'mit' }, options),
    ).resolves.toMatchObject({ totalItems: 1, items: [{ licence: 'MIT' }] });
  });

  it('is registered with a card that cannot be read, which says why and is not exported', async () => {
    const readme = '---\nlicense: [\n---\n# Linear\n';
    const { version } = await register([
      ...(await uploadModel()),
      await upload('README.md', Buffer.from(readme)),
    ]);
    await expect(client.getCard(MODEL, version, options)).resolves.toEqual({
      text: readme,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      markdown: '# Linear\n',
      metadata: {},
      problem: expect.stringMatching(/^line \d of the front matter/),
    });
    await expect(
      client.exportCard(MODEL, version, options),
    ).rejects.toMatchObject({ statusCode: 409 });
  });

  it('has no card where nobody wrote one, where it is no text, and for those who may not', async () => {
    const { version } = await register([
      ...(await uploadModel()),
      await upload('README.md', Buffer.from([0, 255, 254])),
    ]);
    await expect(client.getCard(MODEL, version, options)).rejects.toMatchObject(
      { statusCode: 404 },
    );
    await expect(
      client.setCard(MODEL, version, { text: 'a\u0000' }, options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      client.setCard(
        MODEL,
        version,
        { text: 'ä'.repeat(MAX_CARD_BYTES / 2 + 1) },
        options,
      ),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(/and this has 1048578$/),
        },
      },
    });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result: permission.name.endsWith('.update')
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
      })),
    );
    await expect(
      client.setCard(MODEL, version, { text: '# Mine' }, options),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
