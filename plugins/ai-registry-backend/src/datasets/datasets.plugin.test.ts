import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type DefinitivePolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  type BundleFile,
  type DatasetFormat,
  encodeBundle,
  encodeDatasetSchema,
} from '@greenroom/bundle-file';
import {
  AiRegistryClient,
  type Digest,
  type Evaluation,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { token: mockCredentials.user.token('user:default/ada') };
const MAX_BYTES = 1024 * 1024;

const digestOf = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const artifactOf = (bytes: Uint8Array) => ({
  digest: digestOf(bytes),
  sizeBytes: bytes.length,
});

const CITIES = Buffer.from(
  '{"input":"France","expected":"Paris"}\n{"input":"Peru","expected":"Lima"}\n',
);

describe('datasets', () => {
  let directory: string;
  let knex: Knex;
  let baseUrl: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  let count = 0;
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
          entities: ['team', 'others'].map(name => ({
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Group',
            metadata: { namespace: 'default', name },
          })),
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory, maxBytes: MAX_BYTES },
              environments: { directory: join(directory, 'environments.git') },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    baseUrl = `http://localhost:${port}/api/ai-registry`;
    client = new AiRegistryClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
    });
  });

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Everything but what is named. */
  function allow({ except = [] }: { except?: string[] } = {}) {
    const decide = ({ name }: { name: string }): DefinitivePolicyDecision => ({
      result: except.includes(name)
        ? AuthorizeResult.DENY
        : AuthorizeResult.ALLOW,
    });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => decide(permission)),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(({ permission }) => decide(permission)),
    );
  }
  beforeEach(() => allow());

  async function create(): Promise<string> {
    count += 1;
    const name = `rows-${count}`;
    await client.createDataset({ name, owner: 'group:default/team' }, options);
    return name;
  }

  const upload = (
    dataset: string,
    content: Uint8Array,
    format: DatasetFormat = 'jsonl',
  ) =>
    client.uploadDatasetFile(
      dataset,
      { content, format, description: 'First & only' },
      options,
    );

  const filesIn = async (folder: string) =>
    (await readdir(join(directory, folder), { recursive: true })).sort();

  const refused = (statusCode: number, message: RegExp) => ({
    statusCode,
    body: { error: { message: expect.stringMatching(message) } },
  });

  it('are made, found, changed, and audited', async () => {
    const made = await client.createDataset(
      {
        name: 'capitals',
        title: 'Capital cities',
        description: 'Of *all* countries',
        owner: 'group:team',
        tags: { language: 'en' },
      },
      options,
    );
    expect(made).toMatchObject({
      owner: 'group:default/team',
      versionCount: 0,
      createdBy: 'user:default/ada',
    });
    await expect(
      client.createDataset({ name: 'capitals', owner: 'group:team' }, options),
    ).rejects.toMatchObject(refused(409, /'capitals' is taken/));
    const changed = await client.updateDataset(
      'capitals',
      { description: 'Of some countries' },
      options,
    );
    expect(changed).toMatchObject({ title: 'Capital cities' });
    for (const query of [
      { search: 'SOME capital' },
      { tags: ['language=en'] },
    ]) {
      await expect(client.listDatasets(query, options)).resolves.toEqual({
        items: [changed],
        totalItems: 1,
      });
    }
    await expect(
      client.listDatasets({ search: 'no such thing' }, options),
    ).resolves.toEqual({ items: [], totalItems: 0 });
    const { items } = await client.listAudit({ subject: 'capitals' }, options);
    expect(items).toMatchObject([
      {
        action: 'dataset-updated',
        actor: 'user:default/ada',
        owner: 'group:default/team',
        before: { description: 'Of *all* countries' },
        after: { description: 'Of some countries' },
      },
      { action: 'dataset-created', after: { name: 'capitals' } },
    ]);
    await expect(client.getDataset('nothing', options)).rejects.toMatchObject(
      refused(404, /no dataset 'nothing': create it first/),
    );
  });

  it('have versions whose digest pins rows, columns and their number', async () => {
    const dataset = await create();
    const version = await upload(dataset, CITIES);
    const columns = [
      { name: 'input', type: 'string' as const },
      { name: 'expected', type: 'string' as const },
    ];
    const schema = encodeDatasetSchema({
      formatVersion: 1,
      format: 'jsonl',
      columns,
      rows: 2,
    });
    const files: BundleFile[] = [
      { path: 'data.jsonl', ...artifactOf(CITIES) },
      { path: 'dataset.json', ...artifactOf(schema) },
    ];
    const list = encodeBundle({ format: 'dataset', files });
    expect(version).toEqual({
      dataset,
      version: 1,
      description: 'First & only',
      kind: 'stored',
      digest: digestOf(list),
      fileDigest: digestOf(CITIES),
      format: 'jsonl',
      rows: 2,
      columns,
      sizeBytes: CITIES.length,
      createdAt: expect.any(String),
      createdBy: 'user:default/ada',
    });
    for (const bytes of [CITIES, schema, list]) {
      const stored = await client.downloadArtifact(digestOf(bytes), options);
      expect(Buffer.from(await stored.arrayBuffer())).toEqual(
        Buffer.from(bytes),
      );
    }
    await expect(
      client.getDatasetVersion(dataset, 1, options),
    ).resolves.toEqual(version);
    for (const digest of [version.digest, digestOf(CITIES)]) {
      await expect(
        client.findDatasetVersions(digest, options),
      ).resolves.toEqual({ items: [version] });
      const begins = digest.slice(0, 'sha256:'.length + 32) as Digest;
      await expect(
        client.findDatasetVersions(begins, options),
      ).resolves.toEqual({ items: [version] });
    }
    await expect(
      client.findDatasetVersions('sha256:1a2b3c4d', options),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(client.getDataset(dataset, options)).resolves.toMatchObject({
      latestVersion: 1,
    });
    await expect(
      client.getDatasetVersion(dataset, 2, options),
    ).rejects.toMatchObject(refused(404, /no version 2 of dataset/));
    const {
      items: [entry],
    } = await client.listAudit({ subject: dataset }, options);
    expect(entry).toMatchObject({
      action: 'dataset-version-created',
      after: { version: 1, digest: version.digest, rows: 2 },
    });
    expect(entry.after).not.toHaveProperty('columns');
  });

  it('give back their rows: previewed, in pages, and as the file', async () => {
    const dataset = await create();
    const long = 'x'.repeat(400);
    const csv = Buffer.from(
      `id,text\n${Array.from({ length: 150 }, (_, i) => `${i},${long}`).join(
        '\n',
      )}\n`,
    );
    await upload(dataset, csv, 'csv');
    const preview = await client.previewDataset(dataset, 1, options);
    expect(preview.items).toHaveLength(100);
    expect(preview.cut).toBe(true);
    expect(preview.items[0]).toEqual({ id: 0, text: `${'x'.repeat(300)}…` });
    await expect(
      client.listDatasetRows(dataset, 1, { offset: 147, limit: 2 }, options),
    ).resolves.toEqual({
      items: [147, 148].map(id => ({ id, text: long })),
      offset: 147,
      nextOffset: 149,
    });
    const last = await client.listDatasetRows(
      dataset,
      1,
      { offset: 149 },
      options,
    );
    expect(last.items).toHaveLength(1);
    expect(last.nextOffset).toBeUndefined();
    const file = await client.downloadDatasetFile(dataset, 1, options);
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="${dataset}-v1.csv"`,
    );
    expect(Buffer.from(await file.arrayBuffer())).toEqual(csv);
  });

  it('take Parquet files as Python writes them', async () => {
    const dataset = await create();
    const bytes = await readFile(
      join(__dirname, 'rows/__fixtures__/types.parquet'),
    );
    await expect(upload(dataset, bytes, 'parquet')).resolves.toMatchObject({
      rows: 3,
      format: 'parquet',
    });
    const { items } = await client.previewDataset(dataset, 1, options);
    expect(items[0]).toMatchObject({ text: 'Zürich', price: 12.5 });
  });

  it('keep nothing of a file that is wrong, and name the line', async () => {
    const dataset = await create();
    const before = await filesIn('sha256');
    const lines = Array.from({ length: 5_000 }, (_, i) => `{"row":${i}}\n`);
    lines[4_321] = '{"row":\n';
    await expect(
      upload(dataset, Buffer.from(lines.join(''))),
    ).rejects.toMatchObject(refused(400, /^line 4322 is no JSON/));
    await expect(
      upload(dataset, Buffer.alloc(MAX_BYTES + 1, '\n')),
    ).rejects.toMatchObject(
      refused(413, /more than|larger than the 1048576 bytes/),
    );
    await expect(upload(dataset, Buffer.alloc(0), 'csv')).rejects.toMatchObject(
      refused(400, /has no rows/),
    );
    expect(await filesIn('sha256')).toEqual(before);
    expect(await filesIn('incoming')).toEqual([]);
    await expect(
      client.listDatasetVersions(dataset, {}, options),
    ).resolves.toEqual({ items: [], totalItems: 0 });
  });

  it.each<[string, RequestInit & { query: string }, number, RegExp]>([
    ['no format', { query: '' }, 400, /format/],
    ['an unknown format', { query: '?format=xlsx' }, 400, /format/],
    [
      'another kind of body',
      {
        query: '?format=csv',
        headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
      },
      400,
      /unsupported media type/,
    ],
    [
      'a compressed body',
      { query: '?format=csv', headers: { 'Content-Encoding': 'gzip' } },
      400,
      /send the file as it is/,
    ],
  ])('refuse an upload with %s', async (_what, request, status, message) => {
    const dataset = await create();
    const response = await fetch(
      `${baseUrl}/datasets/${dataset}/files${request.query}`,
      {
        method: 'POST',
        body: CITIES,
        headers: {
          'Content-Type': 'application/octet-stream',
          ...request.headers,
          Authorization: `Bearer ${options.token}`,
        },
      },
    );
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
  });

  it('refer to what lies somewhere else, and fetch nothing', async () => {
    const dataset = await create();
    const external = {
      uri: 's3://bucket/rows.parquet',
      digest: `sha256:${'e'.repeat(64)}`,
      rows: 1_000_000,
    } as const;
    const version = await client.createExternalDatasetVersion(
      dataset,
      external,
      options,
    );
    expect(version).toMatchObject({
      kind: 'external',
      version: 1,
      ...external,
    });
    expect(version).not.toHaveProperty('format');
    for (const call of [
      () => client.previewDataset(dataset, 1, options),
      () => client.listDatasetRows(dataset, 1, {}, options),
      () => client.downloadDatasetFile(dataset, 1, options),
    ]) {
      await expect(call()).rejects.toMatchObject(
        refused(409, /is external: its rows are not here/),
      );
    }
    await expect(
      client.createExternalDatasetVersion(
        dataset,
        { ...external, uri: 'https://ada:hunter2@example.com/rows' },
        options,
      ),
    ).rejects.toMatchObject(refused(400, /^uri: has a name or a password/));
  });

  it('say which evaluations were made on them', async () => {
    const dataset = await create();
    const { digest } = await upload(dataset, Buffer.from('{"only":"here"}'));
    const evaluation: Evaluation = {
      dataset: { name: dataset, digest, rows: 1 },
      metrics: { accuracy: 0.5 },
      primary: { name: 'accuracy', higherIsBetter: true },
    };
    const model = await readFile(
      join(__dirname, '../onnx/__fixtures__/classifier.onnx'),
    );
    await client.createModel(
      { name: 'asked', task: 'classification', owner: 'group:team' },
      options,
    );
    const artifact = await client.uploadArtifact(model, options);
    await client.createVersion(
      'asked',
      { digest: artifact.digest, evaluation },
      options,
    );
    await expect(client.listDatasetUses(dataset, 1, options)).resolves.toEqual({
      items: [
        {
          model: 'asked',
          version: 1,
          metric: { name: 'accuracy', value: 0.5 },
          addedAt: expect.any(String),
          addedBy: 'user:default/ada',
        },
      ],
    });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result:
          permission.name === 'ai-registry.model.read'
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    await expect(client.listDatasetUses(dataset, 1, options)).resolves.toEqual({
      items: [],
    });
  });

  it.each<[string, (dataset: string) => Promise<unknown>]>([
    ['read', name => client.getDataset(name, options)],
    ['read', name => client.listDatasetVersions(name, {}, options)],
    ['read', name => client.getDatasetVersion(name, 1, options)],
    ['read', name => client.listDatasetUses(name, 1, options)],
    ['download', name => client.previewDataset(name, 1, options)],
    ['download', name => client.listDatasetRows(name, 1, {}, options)],
    ['download', name => client.downloadDatasetFile(name, 1, options)],
    ['download', () => client.downloadArtifact(digestOf(CITIES), options)],
    ['update', name => client.updateDataset(name, { title: 'x' }, options)],
    ['update', name => upload(name, CITIES)],
    [
      'update',
      name =>
        client.createExternalDatasetVersion(
          name,
          { uri: 's3://b/r', digest: digestOf(CITIES) },
          options,
        ),
    ],
    [
      'create',
      () => client.createDataset({ name: 'x', owner: 'group:team' }, options),
    ],
    [
      'create-for-others',
      () => client.createDataset({ name: 'x', owner: 'group:others' }, options),
    ],
    [
      'create-for-others',
      name => client.updateDataset(name, { owner: 'group:others' }, options),
    ],
  ])('ask for the permission to %s', async (action, call) => {
    const dataset = await create();
    await upload(dataset, CITIES);
    const permission = `ai-registry.dataset.${action}`;
    allow({ except: [permission] });
    await expect(call(dataset)).rejects.toMatchObject(
      refused(403, new RegExp(`'${permission}'`)),
    );
  });

  it('hide those that may not be read', async () => {
    await upload(await create(), CITIES);
    allow({ except: ['ai-registry.dataset.read'] });
    await expect(client.listDatasets({}, options)).resolves.toEqual({
      items: [],
      totalItems: 0,
    });
    await expect(
      client.findDatasetVersions(digestOf(CITIES), options),
    ).resolves.toEqual({ items: [] });
  });
});
