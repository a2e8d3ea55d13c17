import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import type { EventParams } from '@backstage/plugin-events-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiRegistryClient,
  type Digest,
  type Evaluation,
  type ModelSchema,
  type NewModel,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from './__testUtils__/registryDatabases';
import { aiRegistryPlugin } from './plugin';

const databases = registryDatabases();

const ada = mockCredentials.user.token('user:default/ada');

const TRAFFIC_LIGHT: NewModel = {
  name: 'traffic-light',
  title: 'Traffic light',
  description: 'Says whether the light is green.',
  task: 'classification',
  owner: 'group:default/vision-team',
  system: 'system:default/ai-demo',
  tags: { stage: 'demo' },
};

const SCHEMA: ModelSchema = {
  task: 'classification',
  features: [
    { name: 'green', tensor: 'X', index: 0, range: [0, 3] },
    { name: 'red', tensor: 'X', index: 1 },
  ],
  prediction: {
    tensor: 'label',
    probabilityTensor: 'probabilities',
    labels: ['no', 'yes'],
  },
};

function evaluationOf(perRow: number[]): Evaluation {
  const accuracy = perRow.reduce((sum, one) => sum + one, 0) / perRow.length;
  return {
    dataset: {
      name: 'held-out rows',
      digest: `sha256:${'5'.repeat(64)}`,
      rows: perRow.length,
    },
    metrics: { accuracy, rows: perRow.length },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow,
  };
}

/** Repeats the expectations until they hold, for as long as a busy machine may take. */
async function waitFor(
  expectations: () => void | Promise<void>,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await expectations();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}

const CATALOG = [
  ['Group', 'vision-team'],
  ['Group', 'other-team'],
  ['System', 'ai-demo'],
  ['User', 'ada'],
].map(([kind, name]) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { namespace: 'default', name },
}));

describe('ai-registry', () => {
  let directory: string;
  let knex: Knex;
  let baseUrl: string;
  let client: AiRegistryClient;
  let model: Buffer;
  let stop: () => Promise<void>;
  const published: EventParams[] = [];
  const signals: unknown[] = [];
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    model = await readFile(
      join(__dirname, 'onnx', '__fixtures__', 'classifier.onnx'),
    );
    knex = await databases.open();
    const events = mockServices.events.mock({
      publish: async event => {
        const list = event.topic === 'signals' ? signals : published;
        list.push(event);
      },
    });
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
        events.factory,
        permissions.factory,
        catalogServiceMock.factory({ entities: CATALOG }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory, maxBytes: 1024 * 1024 },
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
  }, 60_000);

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
  });

  it('deprecates a model and a version, says so where they are read, and takes it back', async () => {
    const options = { token: ada };
    for (const name of ['old-light', 'new-light']) {
      await client.createModel(
        { ...TRAFFIC_LIGHT, name, owner: 'group:default/other-team' },
        options,
      );
    }
    const { digest } = await client.uploadArtifact(model, options);
    await client.createVersion('old-light', { digest }, options);
    published.length = 0;
    const sunsetAt = '2999-01-31T00:00:00.000Z';
    const said = {
      sunsetAt,
      replacement: { model: 'new-light' },
      message: 'The new one sees at night.',
    };
    const deprecated = await client.deprecate(
      { model: 'old-light' },
      said,
      options,
    );
    expect(deprecated).toEqual({
      ...said,
      since: expect.any(String),
      deprecatedBy: 'user:default/ada',
    });
    await client.deprecate(
      { model: 'old-light', version: 1 },
      { message: 'It is slow.' },
      options,
    );
    expect(await client.getModel('old-light', options)).toMatchObject({
      deprecation: deprecated,
    });
    expect(
      (await client.getVersion('old-light', 1, options)).deprecation,
    ).toMatchObject({ message: 'It is slow.' });
    await waitFor(() =>
      expect(published).toContainEqual({
        topic: TOPIC_MODEL_CHANGED,
        eventPayload: {
          type: 'model-changed',
          model: 'old-light',
          action: 'deprecation-changed',
        },
      }),
    );

    await client.withdrawDeprecation({ model: 'old-light' }, options);
    expect(await client.getModel('old-light', options)).not.toHaveProperty(
      'deprecation',
    );
    await expect(
      client.withdrawDeprecation({ model: 'old-light' }, options),
    ).rejects.toMatchObject({ statusCode: 404 });
    const { items } = await client.listAudit({ model: 'old-light' }, options);
    expect(items.slice(0, 3)).toMatchObject([
      { action: 'deprecation-withdrawn', before: said },
      { action: 'version-deprecated', after: { version: 1 } },
      { action: 'model-deprecated', after: said },
    ]);
  });

  it('lets nobody deprecate what they may not change, or find out what they may not see', async () => {
    const options = { token: ada };
    for (const name of ['mine', 'hidden']) {
      await client.createModel(
        { ...TRAFFIC_LIGHT, name, owner: 'group:default/other-team' },
        options,
      );
    }
    permissions.authorize.mockImplementation(async questions =>
      questions.map(question => ({
        result:
          question.permission.name === 'ai-registry.model.update' ||
          ('resourceRef' in question && question.resourceRef === 'hidden')
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    await expect(
      client.deprecate({ model: 'mine' }, { message: 'No.' }, options),
    ).rejects.toMatchObject({ statusCode: 403 });
    await expect(
      client.withdrawDeprecation({ model: 'mine' }, options),
    ).rejects.toMatchObject({ statusCode: 403 });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(question => ({
        result:
          'resourceRef' in question && question.resourceRef === 'hidden'
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      })),
    );
    const answers = await Promise.all(
      ['hidden', 'absent'].map(name =>
        client
          .deprecate(
            { model: 'mine' },
            { message: 'Gone.', replacement: { model: name } },
            options,
          )
          .catch(error => error.body.error.message.replaceAll(name, 'it')),
      ),
    );
    expect(answers[0]).toMatch(/^replacement: there is no model/);
    expect(answers[1]).toBe(answers[0]);
  });

  it('keeps no rows of a model that is tagged personal, but how they were spread', async () => {
    const options = { token: ada };
    await client.createModel(
      { ...TRAFFIC_LIGHT, name: 'patients', tags: { personal: 'yes' } },
      options,
    );
    const { digest } = await client.uploadArtifact(model, options);
    const created = await client.createVersion(
      'patients',
      {
        digest,
        schema: SCHEMA,
        reference: {
          features: [
            [0, 1],
            [1, 0],
          ],
          predictions: ['no', 'yes'],
        },
      },
      options,
    );
    expect(created.reference).toBeUndefined();
    const detail = await client.getVersion('patients', 1, options);
    expect(detail.baseline).toMatchObject({ rows: 2 });
  });

  it('takes a model from its name to two compared versions', async () => {
    const options = { token: ada };
    const created = await client.createModel(TRAFFIC_LIGHT, options);
    expect(created).toMatchObject({
      ...TRAFFIC_LIGHT,
      versionCount: 0,
      aliases: [],
      createdBy: 'user:default/ada',
    });

    const artifact = await client.uploadArtifact(model, options);
    expect(artifact).toEqual({
      digest: `sha256:${createHash('sha256').update(model).digest('hex')}`,
      sizeBytes: model.length,
    });

    const first = await client.createVersion(
      'traffic-light',
      {
        digest: artifact.digest,
        schema: SCHEMA,
        evaluation: {
          ...evaluationOf([1, 0, 0, 1, 0, 1, 0, 1, 0, 0]),
          slices: [{ name: 'north', rows: [0, 3, 9] }],
        },
        reference: {
          features: [
            [0, 1],
            [1, 0],
            [2, 2],
          ],
          predictions: ['no', 'yes', 'yes'],
        },
        tags: { algorithm: 'logistic regression' },
        source: { repository: 'https://example.org/train', commit: 'abc' },
      },
      options,
    );
    expect(first).toMatchObject({
      version: 1,
      format: 'onnx',
      sizeBytes: model.length,
      modelFile: { opset: 22, producer: 'skl2onnx 1.20.0' },
      signature: {
        inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, 2] }],
      },
      evaluation: { metrics: { accuracy: 0.4 } },
      createdBy: 'user:default/ada',
      reference: { digest: expect.any(String), rows: 3 },
    });
    expect(first.evaluation).not.toHaveProperty('perRow');
    expect(first.evaluation).not.toHaveProperty('slices');
    const { evaluation } = await client.getVersion(first.model, 1, options);
    expect(evaluation?.slices).toEqual([{ name: 'north', rows: [0, 3, 9] }]);
    const kept = await client.downloadArtifact(
      first.reference?.digest as Digest,
      options,
    );
    expect(await kept.json()).toEqual({
      formatVersion: 1,
      features: ['green', 'red'],
      rows: [
        [0, 1],
        [1, 0],
        [2, 2],
      ],
      predictions: ['no', 'yes', 'yes'],
    });

    await client.createVersion(
      'traffic-light',
      {
        digest: artifact.digest,
        evaluation: evaluationOf([1, 1, 1, 1, 1, 1, 0, 1, 1, 1]),
        tags: { algorithm: 'boosting' },
      },
      options,
    );

    const overview = await client.getModelOverview('traffic-light', options);
    expect(overview).toMatchObject({
      model: { name: 'traffic-light', versionCount: 2 },
      deployments: [],
      problems: [],
      openPromotions: [],
    });
    expect(overview.versions.map(({ version }) => version)).toEqual([2, 1]);
    // Wilson's intervals of 9 and of 4 right answers out of 10, from R's binom::binom.wilson.
    expect(
      overview.intervals.map(({ version, interval }) => [
        version,
        ...interval.map(end => Number(end.toFixed(4))),
      ]),
    ).toEqual([
      [2, 0.5958, 0.9821],
      [1, 0.1682, 0.6873],
    ]);

    const detail = await client.getVersion('traffic-light', 1, options);
    expect(detail.evaluation?.perRow).toHaveLength(10);
    expect(detail.baseline).toMatchObject({
      rows: 3,
      features: [{ name: 'green' }, { name: 'red' }],
      prediction: { histogram: { categories: ['no', 'yes'] } },
    });

    const { items, totalItems } = await client.listVersions(
      'traffic-light',
      {},
      options,
    );
    expect(items.map(item => item.version)).toEqual([2, 1]);
    expect(totalItems).toBe(2);

    const newest = await client.listVersions(
      'traffic-light',
      { limit: 1 },
      options,
    );
    expect(newest).toMatchObject({ items: [{ version: 2 }], totalItems: 2 });
    const older = await client.listVersions(
      'traffic-light',
      { limit: 1, cursor: newest.nextCursor },
      options,
    );
    expect(older.items).toMatchObject([{ version: 1 }]);
    expect(older).not.toHaveProperty('nextCursor');

    const comparison = await client.compareVersions(
      'traffic-light',
      1,
      2,
      options,
    );
    expect(comparison).toMatchObject({
      signature: { compatible: true, differences: [] },
      tags: [
        {
          key: 'algorithm',
          base: 'logistic regression',
          candidate: 'boosting',
        },
      ],
      paired: {
        metric: 'accuracy',
        rows: 10,
        method: 'paired-bootstrap-worst-case',
      },
    });
    expect(comparison.paired?.improvement).toBeCloseTo(0.5);
    expect(comparison.metrics.find(({ name }) => name === 'accuracy')).toEqual({
      name: 'accuracy',
      base: 0.4,
      candidate: 0.9,
      difference: 0.5,
      better: true,
    });

    await expect(
      client.getModel('traffic-light', options),
    ).resolves.toMatchObject({ versionCount: 2, latestVersion: 2 });
  });

  it('keeps the history of an alias and answers for any moment', async () => {
    const options = { token: ada };
    await client.setAlias(
      'traffic-light',
      'champion',
      { version: 1, reason: 'First one' },
      options,
    );
    const moved = await client.setAlias(
      'traffic-light',
      'champion',
      { version: 2, reason: 'Better' },
      options,
    );
    expect(moved).toMatchObject({ version: 2, previousVersion: 1 });
    await client.removeAlias(
      'traffic-light',
      'champion',
      { reason: 'Withdrawn' },
      options,
    );

    const { items } = await client.getAliasHistory('traffic-light', options);
    expect(items.map(item => item.version)).toEqual([undefined, 2, 1]);
    expect(items[1].validTo).toBe(items[0].validFrom);
    await expect(
      client.getAlias(
        'traffic-light',
        'champion',
        { at: items[1].validFrom },
        options,
      ),
    ).resolves.toMatchObject({ version: 2, reason: 'Better' });
    await expect(
      client.getAlias('traffic-light', 'champion', {}, options),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('does not move an alias that stays where it is', async () => {
    const options = { token: ada };
    const change = { version: 2, reason: 'Newest' };
    const first = await client.setAlias('traffic-light', 'newest', change, {
      ...options,
    });
    const again = await client.setAlias(
      'traffic-light',
      'newest',
      { version: 2, reason: 'Still the newest' },
      options,
    );
    expect(again).toEqual(first);
  });

  it('leaves the aliases of environments to Git', async () => {
    await expect(
      client.setAlias(
        'traffic-light',
        'production',
        { version: 1, reason: 'Quickly' },
        { token: ada },
      ),
    ).rejects.toMatchObject({
      statusCode: 403,
      body: { error: { message: expect.stringContaining('follows Git') } },
    });
  });

  it('announces each change once it is committed', async () => {
    await client.updateModel(
      'traffic-light',
      { tags: { stage: 'announced' } },
      { token: ada },
    );
    const wanted = {
      topic: TOPIC_MODEL_CHANGED,
      eventPayload: {
        type: 'model-changed',
        model: 'traffic-light',
        action: 'updated',
      },
    };
    await waitFor(() => {
      expect(published).toContainEqual(wanted);
      expect(signals).toContainEqual(
        expect.objectContaining({
          eventPayload: expect.objectContaining({
            channel: 'ai-registry',
            message: wanted.eventPayload,
          }),
        }),
      );
    });
    await expect(knex('outbox')).resolves.toEqual([]);
    const [{ actor, before, after }] = await knex('audit_entries').where({
      action: 'model-updated',
    });
    expect(actor).toBe('user:default/ada');
    expect(before.tags).toEqual({ stage: 'demo' });
    expect(after.tags).toEqual({ stage: 'announced' });
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    [
      'a name with capitals',
      () => client.createModel({ ...TRAFFIC_LIGHT, name: 'Light' }),
      400,
      'name',
    ],
    [
      'a taken name',
      () => client.createModel(TRAFFIC_LIGHT),
      409,
      "name 'traffic-light' is taken",
    ],
    [
      'an owner that is no entity',
      () => client.createModel({ ...TRAFFIC_LIGHT, name: 'x', owner: 'me' }),
      400,
      'owner',
    ],
    [
      'an owner that does not exist',
      () =>
        client.createModel({
          ...TRAFFIC_LIGHT,
          name: 'x',
          owner: 'group:default/nobody',
        }),
      400,
      "owner: there is no 'group:default/nobody' in the catalog",
    ],
    [
      'a system that is a group',
      () =>
        client.updateModel('traffic-light', {
          system: 'group:default/vision-team',
        }),
      400,
      "system: 'group:default/vision-team' is a group",
    ],
    [
      'an owner that is taken away',
      () => client.updateModel('traffic-light', { owner: '' }),
      400,
      'owner',
    ],
    [
      'a zero character',
      () =>
        client.createModel({
          ...TRAFFIC_LIGHT,
          name: 'x',
          description: 'a\u0000b',
        }),
      400,
      'zero character',
    ],
    ['an unknown model', () => client.getModel('nobody'), 404, "'nobody'"],
    [
      'versions of an unknown model',
      () => client.listVersions('nobody'),
      404,
      "'nobody'",
    ],
    [
      'an unknown version',
      () => client.getVersion('traffic-light', 99),
      404,
      'version 99',
    ],
    ['version 0', () => client.getVersion('traffic-light', 0), 400, 'version'],
    [
      'an artifact that nobody uploaded',
      () =>
        client.createVersion('traffic-light', {
          digest: `sha256:${'0'.repeat(64)}`,
        }),
      400,
      'digest',
    ],
    [
      'an alias to an unknown version',
      () =>
        client.setAlias('traffic-light', 'best', { version: 9, reason: '.' }),
      400,
      'version 9',
    ],
    [
      'a moment that is none',
      () => client.getAlias('traffic-light', 'best', { at: 'yesterday' }),
      400,
      'at',
    ],
    [
      'a cursor of another list',
      () => client.listModels({ cursor: 'MQ' }),
      400,
      'cursor',
    ],
    [
      'a tag without a value',
      () => client.listModels({ tags: ['stage'] }),
      400,
      'key=value',
    ],
  ])('refuses %s', async (_what, call, statusCode, message) => {
    await expect(call()).rejects.toMatchObject({
      statusCode,
      body: { error: { message: expect.stringContaining(message) } },
    });
  });

  it('refuses a version whose parts contradict each other', async () => {
    const { digest } = await client.uploadArtifact(model);
    const evaluation = evaluationOf([1, 0]);
    const create = (version: object) =>
      client.createVersion('traffic-light', { digest, ...version });
    await expect(
      create({ evaluation: { ...evaluation, perRow: [1, 1] } }),
    ).rejects.toMatchObject({
      body: { error: { message: expect.stringContaining('has the mean 1') } },
    });
    await expect(
      create({ schema: { ...SCHEMA, task: 'regression' } }),
    ).rejects.toMatchObject({
      body: { error: { message: expect.stringContaining('schema.task') } },
    });
    await expect(
      create({ reference: { features: [[1]], predictions: ['yes'] } }),
    ).rejects.toMatchObject({
      body: {
        error: { message: expect.stringContaining('schema is missing') },
      },
    });
  });

  it('refuses an artifact that is no ONNX file', async () => {
    const { digest } = await client.uploadArtifact(Buffer.from('hello'));
    await expect(
      client.createVersion('traffic-light', { digest }),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { error: { message: expect.stringContaining('ONNX') } },
    });
  });

  describe('artifacts over HTTP', () => {
    const download = (digest: Digest, headers: Record<string, string> = {}) =>
      fetch(`${baseUrl}/artifacts/${digest}`, { headers });
    let digest: Digest;

    beforeEach(async () => {
      ({ digest } = await client.uploadArtifact(model));
    });

    it('gives the bytes back, for ever cacheable', async () => {
      const response = await client.downloadArtifact(digest);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(model);
      expect(response.headers.get('etag')).toBe(`"${digest}"`);
      expect(response.headers.get('cache-control')).toContain('immutable');
      expect(response.headers.get('content-length')).toBe(`${model.length}`);
    });

    it('tells the size to those who ask for the head only', async () => {
      const response = await fetch(`${baseUrl}/artifacts/${digest}`, {
        method: 'HEAD',
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-length')).toBe(`${model.length}`);
    });

    it('refuses a compressed upload', async () => {
      const response = await fetch(`${baseUrl}/artifacts`, {
        method: 'POST',
        headers: { 'Content-Encoding': 'gzip' },
        body: 'zipped',
      });
      expect(response.status).toBe(400);
      const { error } = await response.json();
      expect(error.message).toContain("Content-Encoding: 'gzip'");
    });

    it('answers 304 to those who have it', async () => {
      const response = await download(digest, {
        'If-None-Match': `"${digest}"`,
      });
      expect(response.status).toBe(304);
    });

    it.each<[string, (length: number) => [number, number]]>([
      ['bytes=2-4', () => [2, 4]],
      ['bytes=5-', length => [5, length - 1]],
      ['bytes=-3', length => [length - 3, length - 1]],
    ])('answers %s with that part', async (Range, boundsOf) => {
      const response = await download(digest, { Range });
      expect(response.status).toBe(206);
      const [start, end] = boundsOf(model.length);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(
        model.subarray(start, end + 1),
      );
      expect(response.headers.get('content-range')).toBe(
        `bytes ${start}-${end}/${model.length}`,
      );
    });

    it('answers 416 to a range outside', async () => {
      const response = await download(digest, { Range: 'bytes=999999-' });
      expect(response.status).toBe(416);
      expect(response.headers.get('content-range')).toBe(
        `bytes */${model.length}`,
      );
    });

    it('sends everything when the caller has another state', async () => {
      const response = await download(digest, {
        Range: 'bytes=2-4',
        'If-Range': '"other"',
      });
      expect(response.status).toBe(200);
    });

    it('takes an empty artifact', async () => {
      const empty = await client.uploadArtifact(new Uint8Array(0));
      expect(empty.sizeBytes).toBe(0);
      const response = await client.downloadArtifact(empty.digest);
      await expect(response.text()).resolves.toBe('');
    });

    it('refuses what is too large, with or without an announced length', async () => {
      const large = new Uint8Array(1024 * 1024 + 1);
      const tooLarge = {
        statusCode: 413,
        body: {
          error: { message: expect.stringContaining('aiRegistry.artifacts') },
        },
      };
      await expect(client.uploadArtifact(large)).rejects.toMatchObject(
        tooLarge,
      );
      const stream = new Blob([large]).stream();
      await expect(client.uploadArtifact(stream)).rejects.toMatchObject(
        tooLarge,
      );
    });

    it('leaves nothing of an upload whose caller hangs up', async () => {
      const incoming = join(directory, 'incoming');
      const upload = httpRequest(`${baseUrl}/artifacts`, { method: 'POST' });
      upload.on('error', () => {});
      upload.write('begun');
      await waitFor(async () => {
        expect(await readdir(incoming)).toHaveLength(1);
      });
      upload.destroy();
      await waitFor(async () => {
        expect(await readdir(incoming)).toEqual([]);
      });
    });

    it('answers 404 to an unknown digest and 400 to none at all', async () => {
      const unknown = await download(`sha256:${'0'.repeat(64)}`);
      expect(unknown.status).toBe(404);
      const none = await download('sha256:..%2f..%2fetc%2fpasswd');
      expect(none.status).toBe(400);
    });
  });

  it('serves the schema of manifests to editors, which have no token', async () => {
    const response = await fetch(
      `${baseUrl}/schemas/model-deployment.v2.json`,
      { headers: { Authorization: mockCredentials.none.header() } },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(
      'application/schema+json',
    );
    expect(await response.json()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      required: ['apiVersion', 'kind', 'metadata', 'spec'],
    });
  });

  it('serves its OpenAPI document', async () => {
    const response = await fetch(`${baseUrl}/openapi.json`);
    const { paths } = await response.json();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/models',
        '/models/{model}/versions/{version}',
        '/artifacts/{digest}',
      ]),
    );
  });

  describe('permissions', () => {
    it('asks for the right one on the right model, and refuses', async () => {
      permissions.authorize.mockImplementation(async questions =>
        questions.map(({ permission }) => ({
          result:
            permission.attributes.action === 'read'
              ? AuthorizeResult.ALLOW
              : AuthorizeResult.DENY,
        })),
      );
      const { digest } = await client
        .downloadArtifact(
          `sha256:${createHash('sha256').update(model).digest('hex')}`,
        )
        .then(() => ({
          digest: `sha256:${'1'.repeat(64)}` as Digest,
        }));
      const refused = (permission: string) => ({
        statusCode: 403,
        body: { error: { message: expect.stringContaining(permission) } },
      });
      const create = 'ai-registry.model.create';
      const update = `'ai-registry.model.update' on 'traffic-light'`;
      await expect(
        client.createModel({ ...TRAFFIC_LIGHT, name: 'new' }),
      ).rejects.toMatchObject(refused(create));
      await expect(client.uploadArtifact(model)).rejects.toMatchObject(
        refused(create),
      );
      await expect(
        client.updateModel('traffic-light', { title: 'x' }),
      ).rejects.toMatchObject(refused(update));
      await expect(
        client.createVersion('traffic-light', { digest }),
      ).rejects.toMatchObject(refused(update));
      await expect(
        client.setAlias('traffic-light', 'best', { version: 1, reason: '.' }),
      ).rejects.toMatchObject(refused(update));
      await expect(
        client.removeAlias('traffic-light', 'best', { reason: '.' }),
      ).rejects.toMatchObject(refused(update));
      await expect(
        client.updateModel('nobody', { title: 'x' }),
      ).rejects.toMatchObject({ statusCode: 404 });
    });

    it('lists only what the caller may see', async () => {
      await client.createModel({
        ...TRAFFIC_LIGHT,
        name: 'secret-light',
        owner: 'group:default/other-team',
      });
      permissions.authorizeConditional.mockImplementation(async () => [
        {
          result: AuthorizeResult.CONDITIONAL,
          pluginId: 'ai-registry',
          resourceType: 'ai-model',
          conditions: {
            not: {
              rule: 'IS_MODEL_OWNER',
              resourceType: 'ai-model',
              params: { claims: ['group:default/other-team'] },
            },
          },
        },
      ]);
      const { items, totalItems } = await client.listModels();
      expect(items.map(({ name }) => name)).toEqual([
        'patients',
        'traffic-light',
      ]);
      expect(totalItems).toBe(2);
    });

    it('hides everything from those who may not read', async () => {
      permissions.authorize.mockImplementation(async questions =>
        questions.map(() => ({ result: AuthorizeResult.DENY })),
      );
      permissions.authorizeConditional.mockImplementation(async () => [
        { result: AuthorizeResult.DENY },
      ]);
      await expect(client.listModels()).resolves.toMatchObject({ items: [] });
      await expect(client.getModel('traffic-light')).rejects.toMatchObject({
        statusCode: 403,
      });
      await expect(
        client.downloadArtifact(
          `sha256:${createHash('sha256').update(model).digest('hex')}`,
        ),
      ).rejects.toMatchObject({ statusCode: 403 });
    });

    it('tells the permission framework who owns a model', async () => {
      const response = await fetch(
        `${baseUrl}/.well-known/backstage/permissions/apply-conditions`,
        {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            Authorization: mockCredentials.service.header(),
          },
          body: JSON.stringify({
            items: ['traffic-light', 'secret-light', 'nobody'].map(
              resourceRef => ({
                id: resourceRef,
                resourceRef,
                resourceType: 'ai-model',
                conditions: {
                  rule: 'IS_MODEL_OWNER',
                  resourceType: 'ai-model',
                  params: { claims: ['group:default/vision-team'] },
                },
              }),
            ),
          }),
        },
      );
      const { items } = await response.json();
      expect(items).toEqual([
        { id: 'traffic-light', result: 'ALLOW' },
        { id: 'secret-light', result: 'DENY' },
        { id: 'nobody', result: 'DENY' },
      ]);
    });

    it('lets nobody register for, or hand over to, a team that one is not in', async () => {
      permissions.authorize.mockImplementation(async questions =>
        questions.map(({ permission }) => ({
          result:
            permission.name === 'ai-registry.model.create-for-others'
              ? AuthorizeResult.DENY
              : AuthorizeResult.ALLOW,
        })),
      );
      const refused = {
        statusCode: 403,
        body: {
          error: {
            message: expect.stringContaining(
              "owner: you do not belong to 'group:default/vision-team'",
            ),
          },
        },
      };
      const own = { ...TRAFFIC_LIGHT, name: 'own-light' };
      await expect(client.createModel(own)).rejects.toMatchObject(refused);
      const member = {
        token: mockCredentials.user.token('user:default/ada'),
      };
      await expect(
        client.createModel({ ...own, owner: 'user:default/ada' }, member),
      ).resolves.toMatchObject({ owner: 'user:default/ada' });
      await expect(
        client.updateModel(
          'own-light',
          { owner: 'group:default/vision-team' },
          member,
        ),
      ).rejects.toMatchObject(refused);
      permissions.authorize.mockImplementation(async questions =>
        questions.map(() => ({ result: AuthorizeResult.ALLOW })),
      );
      await expect(
        client.updateModel(
          'own-light',
          { owner: 'group:default/vision-team' },
          member,
        ),
      ).resolves.toMatchObject({ owner: 'group:default/vision-team' });
    });
  });
});
