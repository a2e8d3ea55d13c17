import type { JsonObject } from '@backstage/types';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiInferenceClient,
  type Deployment,
  type AccessDocument,
  type SentDataPlaneReport,
  type RoutesDocument,
} from '@greenroom/plugin-ai-inference-common';
import { TOPIC_ENVIRONMENT_CHANGED } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import aiInferencePlugin from './index';
import { FakeRegistry } from './__testUtils__/FakeRegistry';
import {
  dataPlaneReport,
  dataPlaneTokenConfig,
  desiredDeployment,
  digestOf,
  loadedVersion,
  modelVersion,
} from './__testUtils__/fixtures';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const PRODUCTION = '/api/ai-inference/environments/production';
const DATA_PLANE = headerOf('greenroom:data-plane');

function headerOf(subject: string): string {
  return mockCredentials.service.header({
    onBehalfOf: mockCredentials.service(subject),
    targetPluginId: 'ai-inference',
  });
}

async function start(
  options: { permitted?: boolean; config?: JsonObject } = {},
) {
  const registry = await FakeRegistry.start();
  registry.versions = [1, 2, 3].map(version => modelVersion(version));
  const events = mockServices.events();
  const knex = await databases.init('POSTGRES_18');
  let ownUrl = '';
  const testBackend = await startTestBackend({
    features: [
      aiInferencePlugin,
      mockServices.database.factory({ knex }),
      catalogServiceMock.factory({
        entities: ['ada', 'grace'].map(name => ({
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'User',
          metadata: { namespace: 'default', name },
        })),
      }),
      mockServices.rootConfig.factory({
        data: { ...dataPlaneTokenConfig, ...options.config },
      }),
      mockServices.events.mock({
        publish: params => events.publish(params),
        subscribe: params => events.subscribe(params),
      }).factory,
      mockServices.permissions.factory({
        result:
          options.permitted === false
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
      }),
      mockServices.discovery.mock({
        getBaseUrl: async pluginId =>
          pluginId === 'ai-registry' ? registry.url : ownUrl,
      }).factory,
    ],
  });
  const { server } = testBackend;
  ownUrl = `http://127.0.0.1:${server.port()}/api/ai-inference`;
  const client = new AiInferenceClient({
    discoveryApi: { getBaseUrl: async () => ownUrl },
  });

  return {
    server,
    client,
    knex,
    ada: { token: mockCredentials.user.token('user:default/ada') },
    grace: { token: mockCredentials.user.token('user:default/grace') },
    /** What Git says from now on. */
    async push(...desired: ReturnType<typeof desiredDeployment>[]) {
      registry.desired = desired;
      await events.publish({
        topic: TOPIC_ENVIRONMENT_CHANGED,
        eventPayload: {},
      });
    },
    /** A data plane that runs the versions tells that. */
    report(
      models: ReturnType<typeof loadedVersion>[] | undefined,
      overrides: Partial<SentDataPlaneReport> = {},
    ) {
      return request(server)
        .post(`${PRODUCTION}/reports`)
        .set('Authorization', DATA_PLANE)
        .send({ ...dataPlaneReport([]), ...overrides, models });
    },
    /** A data plane asks what to serve. */
    routes(headers: Record<string, string> = {}, wait = 0) {
      return request(server)
        .get(`${PRODUCTION}/routes?wait=${wait}`)
        .set({ Authorization: DATA_PLANE, ...headers });
    },
    /** A data plane asks who may call. */
    access(since?: string, wait = 0) {
      const from = since === undefined ? '' : `&since=${since}`;
      return request(server)
        .get(`${PRODUCTION}/access?wait=${wait}${from}`)
        .set('Authorization', DATA_PLANE);
    },
    async end() {
      await testBackend.stop();
      await registry.stop();
    },
  };
}

/** Asks until the answer satisfies, as a data plane or a page would. */
async function until<T>(
  ask: () => Promise<T>,
  satisfies: (value: T) => boolean | undefined,
): Promise<T> {
  for (;;) {
    const value = await ask();
    if (satisfies(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

function weights(deployment: Deployment | undefined) {
  return Object.fromEntries(
    (deployment?.variants ?? []).map(({ version, weightPercent }) => [
      version,
      weightPercent,
    ]),
  );
}

describe('the ai-inference plugin', () => {
  let backend: Awaited<ReturnType<typeof start>>;
  afterEach(() => backend.end());

  it('tells of each upstream of a connection what data planes have found', async () => {
    const upstreams = [
      { kind: 'openai', secret: 'env:OPENAI' },
      { kind: 'local', name: 'here', weight: 3 },
    ];
    backend = await start({
      config: {
        greenroom: {
          environments: [
            { name: 'production', connections: { llm: { upstreams } } },
          ],
        },
      },
    });
    const { client, ada, report, routes } = backend;
    const { body } = await routes().expect(200);
    expect(body.connections).toEqual([
      { name: 'llm/1', kind: 'openai', settings: { secret: 'env:OPENAI' } },
      { name: 'llm/here', kind: 'local', settings: {} },
    ]);
    const checkedAt = '2026-05-03T11:00:00.000Z';
    const told = { checkedAt, checkAttempt: 0 };
    await report([], {
      connections: [
        { ...told, name: 'llm/1', state: 'fails', error: 'no such key' },
        { ...told, name: 'llm/here', state: 'answers', models: ['small'] },
        { ...told, name: 'llm/gone', state: 'answers', models: [] },
      ],
    }).expect(200);
    const { items } = await client.listConnections('production', ada);
    expect(items).toMatchObject([
      {
        name: 'llm',
        kind: 'balanced',
        check: { state: 'answers', models: ['small'] },
        upstreams: [
          { name: 'llm/1', weight: 1, check: { error: 'no such key' } },
          { name: 'llm/here', weight: 3, check: { state: 'answers' } },
        ],
      },
    ]);
  });

  it('tells data planes limits and scopes of keys, and shows what came of them', async () => {
    backend = await start();
    const { client, ada, report, access } = backend;
    const requestLimits = { requestsPerSecond: 5, mode: 'hard' as const };
    const { id } = await client.createKey(
      { name: 'checkout', models: ['digits'], requestLimits },
      ada,
    );
    const grant = async () => {
      const { body } = await access();
      return (body as AccessDocument).keys.find(key => key.id === id);
    };
    expect(await until(grant, key => key !== undefined)).toMatchObject({
      requestLimits,
      scopes: [],
    });
    await client.setKeyScopes(id, ['versions'], ada);
    await until(grant, key => key?.scopes?.includes('versions') === true);
    const use = { requests: 7, rows: 0, refused: 2, mostInFlight: 3 };
    const requestUse = [{ keyId: id, ...use }];
    await report([], { requestUse }).expect(200);
    const [listed] = (await client.listKeys({}, ada)).items;
    expect(listed).toMatchObject({
      requestLimits,
      scopes: ['versions'],
      lastMinute: [{ environment: 'production', ...use }],
    });
    await report([], {
      requestUse: [{ ...requestUse[0], requests: -1 }],
    }).expect(400);
    await expect(
      client.setKeyScopes(id, ['all' as 'load'], ada),
    ).rejects.toThrow();
  });

  it('lends data planes tokens of keys with limits, and shows what was used', async () => {
    backend = await start();
    const { client, ada, report, access } = backend;
    const limits = { perMinute: 100, perDay: 1_000, mode: 'hard' as const };
    const { id } = await client.createKey(
      { name: 'checkout', models: ['digits'], limits },
      ada,
    );
    // The playground has a key, too.
    const grant = async () => {
      const { body } = await access();
      return (body as AccessDocument).keys.find(key => key.id === id);
    };
    const told = await until(grant, key => key !== undefined);
    expect(told?.limits).toEqual(limits);
    await report([], { producer: 'another' }).expect(200);
    const day = new Date().toISOString().slice(0, 10);
    const tokensUsed = [{ keyId: id, day, used: 400, held: 450 }];
    const { body } = await report([], { tokensUsed }).expect(200);
    expect(body).toEqual({
      known: true,
      dataPlanes: 2,
      tokenLeases: [{ keyId: id, day, tokens: 500, usedByAll: 400 }],
    });
    const [listed] = (await client.listKeys({}, ada)).items;
    expect(listed.usedToday).toEqual([
      { environment: 'production', tokens: 400 },
    ]);
    await client.setKeyLimits(id, {}, ada);
    await until(grant, key => key && key.limits === undefined);
    await report([], {
      tokensUsed: [{ keyId: id, day, used: -1, held: 0 }],
    }).expect(400);
  });

  it('deploys, rolls out step by step, and rolls back at once', async () => {
    backend = await start();
    const { client, ada, push, report, routes } = backend;
    const current = async () =>
      (await client.listDeployments({ environment: 'production' }, ada))
        .items[0];

    await push(desiredDeployment(1));
    await until(current, deployment => deployment !== undefined);
    await report([loadedVersion(1, 'loading')]).expect(200);
    expect((await current()).rollout?.state.phase).toBe('loading');
    expect(weights(await current())).toEqual({ 1: 0 });
    expect(await current()).toMatchObject({
      wanted: { version: 1, digest: digestOf(1), commit: 'commit-1' },
      convergence: {
        state: 'moving',
        reason: 'The data plane at http://127.0.0.1:7080 is loading version 1',
      },
      dataPlanes: { ready: 0, total: 1, degraded: [] },
    });
    await report([loadedVersion(1)]).expect(200);
    const first = await until(
      current,
      deployment => deployment.rollout?.state.phase === 'completed',
    );
    expect(weights(first)).toEqual({ 1: 100 });
    expect(first).toMatchObject({
      convergence: { state: 'serving' },
      dataPlanes: { ready: 1, total: 1, degraded: [] },
    });

    await push(
      desiredDeployment(2, {
        rollout: {
          strategy: 'canary',
          steps: [{ weightPercent: 20, holdSeconds: 1 }],
        },
        rollbackTo: { version: 1, digest: digestOf(1) },
      }),
    );
    await until(current, deployment => weights(deployment)[2] === 0);
    const loading = await until(
      () => routes(),
      ({ body }) => (body as RoutesDocument).models[0].variants.length === 2,
    );
    expect(
      (loading.body as RoutesDocument).models[0].variants.map(
        ({ version, weightPercent }) => [version, weightPercent],
      ),
    ).toEqual([
      [1, 100],
      [2, 0],
    ]);
    await report([loadedVersion(1), loadedVersion(2)]);
    await until(current, deployment => weights(deployment)[2] === 20);
    const done = await until(
      current,
      deployment => deployment.rollout?.state.phase === 'completed',
    );
    expect(weights(done)).toEqual({ 1: 0, 2: 100 });
    const compared = `${done.rollout?.id}.1`;
    expect(await client.getComparison(compared, ada)).toMatchObject({
      id: compared,
      control: 1,
      variants: [
        { version: 1, sharePercent: 80 },
        { version: 2, sharePercent: 20 },
      ],
      endedAt: expect.any(String),
    });
    await expect(
      client.getComparison(`${done.rollout?.id}.9`, ada),
    ).rejects.toThrow('404 Not Found');

    await push(
      desiredDeployment(1, {
        kind: 'rollback',
        commit: 'back',
        rollout: { strategy: 'immediate', steps: [] },
      }),
    );
    const back = await until(
      current,
      deployment =>
        deployment.rollout?.kind === 'rollback' &&
        weights(deployment)[1] === 100,
    );
    expect(weights(back)).toEqual({ 1: 100, 2: 0 });
    const { items } = await client.listRollouts({ model: 'digits' }, ada);
    expect(
      items.map(({ fromVersion, toVersion }) => [fromVersion, toVersion]),
    ).toEqual([
      [2, 1],
      [1, 2],
      [undefined, 1],
    ]);
  });

  it('answers when something has changed, and 304 when nothing does', async () => {
    backend = await start();
    const { client, ada, push, report, routes, access } = backend;
    await push(desiredDeployment(1));
    await until(
      () => client.listDeployments({}, ada),
      ({ items }) => items.length > 0,
    );
    const first = await routes().expect(200);
    const etag = first.headers.etag;
    expect(etag).toBe(`"${first.body.id}"`);
    await report([], { snapshotId: first.body.id }).expect(200);
    expect((await client.listDataPlanes(ada)).items).toEqual([
      {
        ...dataPlaneReport([]),
        snapshotId: first.body.id,
        environment: 'production',
        firstSeenAt: expect.any(String),
        lastSeenAt: expect.any(String),
        snapshotAsOf: expect.any(String),
        online: true,
      },
    ]);
    await routes({ 'If-None-Match': etag }).expect(304, '');
    await routes({ 'If-None-Match': etag }, 1).expect(304, '');

    const all = await access().expect(200);
    expect((all.body as AccessDocument).content).toBe('all');
    const { cursor } = all.body as AccessDocument;
    expect(all.headers.etag).toBe(`"${cursor}"`);
    await access(cursor).expect(304, '');
    const startedMillis = Date.now();
    const waiting = access(cursor, 20)
      .expect(200)
      .then(({ body }) => body);
    const { id } = await client.createKey(
      { name: 'checkout', models: ['digits'] },
      ada,
    );
    const changes: AccessDocument = await waiting;
    expect(Date.now() - startedMillis).toBeLessThan(5_000);
    expect(changes).toMatchObject({ content: 'changes', revoked: [] });
    expect(changes.keys.map(key => key.id)).toEqual([id]);
    await client.revokeKey(id, ada);
    const after = await access(changes.cursor, 20).expect(200);
    expect(after.body).toMatchObject({
      content: 'changes',
      keys: [],
      revoked: [id],
    });
    // Keys change nothing about what is served.
    await routes({ 'If-None-Match': etag }).expect(304, '');
  });

  it('stops counting on a data plane that says that it stops', async () => {
    backend = await start();
    const { client, ada, push, report } = backend;
    await push(desiredDeployment(1));
    await until(
      () => client.listDeployments({}, ada),
      ({ items }) => items.length > 0,
    );
    for (const producer of ['one', 'two']) {
      await report([loadedVersion(1)], { producer }).expect(200);
    }
    const counted = async () => {
      const { items } = await client.listDeployments({}, ada);
      return items[0].dataPlanes;
    };
    expect(await counted()).toMatchObject({ ready: 2, total: 2 });
    await report(undefined, { producer: 'one', stopping: true }).expect(200, {
      known: true,
    });
    expect(await counted()).toMatchObject({ ready: 1, total: 1 });
    const { items } = await client.listDataPlanes(ada);
    expect(
      items.map(({ producer, online, stoppedAt }) => ({
        producer,
        online,
        stopped: stoppedAt !== undefined,
      })),
    ).toEqual(
      expect.arrayContaining([
        { producer: 'one', online: false, stopped: true },
        { producer: 'two', online: true, stopped: false },
      ]),
    );
    await report(undefined, { producer: 'two', stopping: true }).expect(200);
    expect((await client.listDeployments({}, ada)).items[0]).toMatchObject({
      dataPlanes: { ready: 0, total: 0 },
      convergence: {
        state: 'waiting',
        reason: 'No data plane of production is online',
      },
    });
  });

  it('lets a data plane leave out what is as before, once it is known', async () => {
    backend = await start();
    const { client, ada, report } = backend;
    expect((await report(undefined).expect(200)).body).toEqual({
      known: false,
      dataPlanes: 1,
    });
    expect((await client.listDataPlanes(ada)).items).toEqual([]);
    const said = [
      { ...loadedVersion(1), placement: 'worker' as const, inMemory: false },
      // Of an earlier release.
      loadedVersion(2),
    ];
    await report(said).expect(200, { known: true, dataPlanes: 1 });
    await report(undefined).expect(200, { known: true, dataPlanes: 1 });
    const [{ models }] = (await client.listDataPlanes(ada)).items;
    expect(models).toEqual(said);
    const brief = await client.listDataPlanes(ada, { withModels: false });
    expect(brief.items).toMatchObject([{ online: true, models: [] }]);
  });

  it('answers the data planes of an environment only', async () => {
    backend = await start();
    const { server } = backend;
    const ask = (environment: string, kind: string, authorization: string) => {
      const url = `/api/ai-inference/environments/${environment}/${kind}`;
      return kind === 'reports'
        ? request(server)
            .post(url)
            .set('Authorization', authorization)
            .send(dataPlaneReport([]))
        : request(server).get(url).set('Authorization', authorization);
    };
    for (const kind of ['routes', 'access', 'reports']) {
      const user = mockCredentials.user.header();
      await ask('production', kind, user).expect(403);
      await ask('nowhere', kind, DATA_PLANE).expect(400);
      const elsewhere = await ask('staging', kind, DATA_PLANE).expect(403);
      expect(elsewhere.body.error.message).toMatch(
        /token 'data-plane' needs a scope .* on 'staging\/\*'/,
      );
      const old = await ask('production', kind, headerOf('data-plane'));
      expect(old.status).toBe(403);
      expect(old.body.error.message).toMatch(/'data-plane' has no scopes/);
    }
    await request(server)
      .get(`${PRODUCTION}/routes?wait=31`)
      .set('Authorization', DATA_PLANE)
      .expect(400);
  });

  it('issues keys whose secret is nowhere, and takes them back', async () => {
    backend = await start();
    const { client, ada, report, access, knex } = backend;
    const { secret, ...key } = await client.createKey(
      { name: 'checkout', models: ['digits'] },
      ada,
    );
    expect(key).toMatchObject({
      name: 'checkout',
      models: ['digits'],
      createdBy: 'user:default/ada',
      prefix: secret.slice(0, 9),
    });
    await report([], { keysUsed: [key.id, 'unknown'] }).expect(200);
    const { body } = await until(
      () => access(),
      document => document.body.keys.length > 0,
    );
    expect((body as AccessDocument).keys).toContainEqual({
      id: key.id,
      name: 'checkout',
      models: ['digits'],
      owner: key.owner,
      scopes: [],
      sha256: createHash('sha256').update(secret).digest('hex'),
      expiresAt: key.expiresAt,
    });
    const [listed] = (await client.listKeys({}, ada)).items;
    expect(listed).toEqual({ ...key, lastUsedAt: expect.any(String) });
    const tables = await Promise.all([knex('api_keys'), knex('audit_entries')]);
    expect(JSON.stringify(tables)).not.toContain(secret);

    const revoked = await client.revokeKey(key.id, ada);
    expect(revoked.revokedAt).toBeDefined();
    expect(await client.revokeKey(key.id, ada)).toEqual(revoked);
    expect(
      await knex('audit_entries').orderBy('id').select('action', 'actor'),
    ).toEqual([
      { action: 'key-issued', actor: 'user:default/ada' },
      { action: 'key-revoked', actor: 'user:default/ada' },
    ]);
    await expect(
      client.revokeKey('7f1b51a5-3ab9-4cbc-9a4c-1d1a7f3bd6a1', ada),
    ).rejects.toMatchObject({ statusCode: 404 });
    await until(
      () => access(),
      document =>
        !(document.body as AccessDocument).keys.some(
          ({ name }) => name === 'checkout',
        ),
    );
  });

  it('refuses who may not, but lets people see and revoke their own keys', async () => {
    backend = await start({ permitted: false });
    const { client, ada, grace, knex } = backend;
    const denied = { statusCode: 403 };
    await expect(client.listDeployments({}, ada)).rejects.toMatchObject(denied);
    await expect(client.listRollouts({}, ada)).rejects.toMatchObject(denied);
    await expect(client.listDataPlanes(ada)).rejects.toMatchObject(denied);
    await expect(
      client.createKey({ name: 'a', models: ['*'] }, ada),
    ).rejects.toMatchObject(denied);
    await expect(
      client.infer(
        { environment: 'production', model: 'digits' },
        { inputs: [] },
        ada,
      ),
    ).rejects.toMatchObject(denied);

    const id = '7f1b51a5-3ab9-4cbc-9a4c-1d1a7f3bd6a1';
    await knex('api_keys').insert({
      id,
      purpose: 'caller',
      name: 'old',
      sha256: '00',
      prefix: 'gr_abc',
      models: ['*'],
      created_at: new Date(),
      created_by: 'user:default/ada',
      owner: 'group:default/vision',
      expires_at: new Date(Date.now() + 3_600_000),
    });
    expect((await client.listKeys({}, ada)).items).toHaveLength(1);
    expect((await client.listKeys({}, grace)).items).toHaveLength(0);
    await expect(client.revokeKey(id, grace)).rejects.toMatchObject(denied);
    expect((await client.revokeKey(id, ada)).revokedAt).toBeDefined();
  });

  it('tries a rollout again for those who may steer it', async () => {
    backend = await start();
    const { client, grace, push, routes } = backend;
    await push(desiredDeployment(1));
    const loading = await until(
      async () => (await client.listDeployments({}, grace)).items.at(0),
      deployment => deployment !== undefined,
    );
    const id = loading?.rollout?.id ?? '';
    const before = await routes();
    expect(before.body.models[0].variants[0]).not.toHaveProperty('loadAttempt');
    expect((await client.retryRollout(id, grace)).id).toBe(id);
    const { body } = await routes(
      { 'If-None-Match': before.headers.etag },
      10,
    ).expect(200);
    expect((body as RoutesDocument).models[0].variants[0].loadAttempt).toBe(1);
    await expect(
      client.retryRollout('7f1b51a5-3ab9-4cbc-9a4c-1d1a7f3bd6a1', grace),
    ).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.retryRollout('x', grace)).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  it('refuses to try again for those who may not steer it', async () => {
    backend = await start({ permitted: false });
    const { client, ada, knex, push } = backend;
    await push(desiredDeployment(1));
    const [{ id }] = await until(
      () => knex('rollouts'),
      rows => rows.length > 0,
    );
    await expect(client.retryRollout(id, ada)).rejects.toMatchObject({
      statusCode: 403,
      body: {
        error: {
          message: expect.stringContaining(
            "'ai-inference.rollout.steer' on 'production/digits'",
          ),
        },
      },
    });
  });

  it('describes itself', async () => {
    backend = await start();
    const { body } = await request(backend.server)
      .get('/api/ai-inference/openapi.json')
      .set('Authorization', mockCredentials.user.header())
      .expect(200);
    expect(Object.keys(body.paths)).toContain('/keys/{id}/revoke');
  });
});

describe('the playground', () => {
  let backend: Awaited<ReturnType<typeof start>>;
  let upstream: Server;
  let seen: {
    url?: string;
    headers: IncomingHttpHeaders;
    body: string;
    closed: boolean;
  }[];
  let answer: { status: number; body: string } | undefined;

  beforeEach(async () => {
    backend = await start();
    seen = [];
    answer = { status: 200, body: '{"model_name":"digits","outputs":[]}' };
    upstream = createServer((req, res) => {
      const call = {
        url: req.url,
        headers: req.headers,
        body: '',
        closed: false,
      };
      seen.push(call);
      res.on('close', () => {
        call.closed = !res.writableFinished;
      });
      req.on('data', part => {
        call.body += part;
      });
      req.on('end', () => {
        if (answer) res.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>(resolve =>
      upstream.listen(0, '127.0.0.1', resolve),
    );
    const { port } = upstream.address() as AddressInfo;
    await backend.report([], { publicUrl: `http://127.0.0.1:${port}/` });
  });

  afterEach(async () => {
    upstream.closeAllConnections();
    await new Promise(resolve => upstream.close(resolve));
    await backend.end();
  });

  const target = { environment: 'production', model: 'digits' } as const;
  const call = { inputs: [] };

  it('asks with a key that is in the snapshot, as the person who tries', async () => {
    const { client, ada, access } = backend;
    expect(await client.infer({ ...target, version: 2 }, call, ada)).toEqual({
      model_name: 'digits',
      outputs: [],
    });
    expect(seen[0].url).toBe('/v2/models/digits/versions/2/infer');
    expect(seen[0].headers['x-assignment-id']).toBe('user:default/ada');
    expect(seen[0].headers['x-greenroom-uncounted']).toBe('1');
    const secret = seen[0].headers.authorization?.replace('Bearer ', '') ?? '';
    const { body } = await until(
      () => access(),
      document => document.body.keys.length > 0,
    );
    expect((body as AccessDocument).keys.map(({ sha256 }) => sha256)).toEqual([
      createHash('sha256').update(secret).digest('hex'),
    ]);
    expect((await client.listKeys({}, ada)).items).toEqual([]);
  });

  it.each([
    [400, '{"error":"pixels has 63 values"}', 400, 'pixels has 63 values'],
    [404, '{"error":"no model digits"}', 404, 'no model digits'],
    [413, '{"error":"too many rows"}', 413, 'too many rows'],
    [401, '{"error":"no such key"}', 503, 'does not know the portal yet'],
    [500, 'oops', 503, 'it answered with status 500'],
  ])('passes on a refusal with %s', async (status, body, mapped, sentence) => {
    answer = { status, body };
    await expect(
      backend.client.infer(target, call, backend.ada),
    ).rejects.toMatchObject({
      statusCode: mapped,
      body: { error: { message: expect.stringContaining(sentence) } },
    });
  });

  it('asks a language model by the name of its version', async () => {
    answer = { status: 200, body: '{"object":"chat.completion"}' };
    const { client, ada } = backend;
    const chat = { messages: [{ role: 'user', content: 'Hello' }] };
    const said = await client.ask(
      { ...target, version: 2, task: 'chat' },
      chat,
      ada,
    );
    expect(await said.json()).toEqual({ object: 'chat.completion' });
    expect(seen[0].url).toBe('/v1/chat/completions');
    expect(JSON.parse(seen[0].body)).toEqual({ ...chat, model: 'digits@2' });
    await expect(
      client.ask({ ...target, task: 'chat' }, { ...chat, model: 'x' }, ada),
    ).rejects.toMatchObject({
      body: { error: { message: 'model: leave it out, the address names it' } },
    });
  });

  it("passes on a language model's refusal in its own words", async () => {
    answer = {
      status: 429,
      body: '{"error":{"message":"too many tokens","type":"tokens"}}',
    };
    await expect(
      backend.client.ask({ ...target, task: 'chat' }, { n: 1 }, backend.ada),
    ).rejects.toMatchObject({
      body: { error: { message: expect.stringContaining('too many tokens') } },
    });
  });

  it('stops asking when the caller goes away', async () => {
    answer = undefined;
    const abort = new AbortController();
    const asked = backend.client.infer(target, call, {
      ...backend.ada,
      signal: abort.signal,
    });
    await until(
      async () => seen.length,
      length => length === 1,
    );
    abort.abort();
    await expect(asked).rejects.toThrow();
    await until(
      async () => seen[0].closed,
      closed => closed,
    );
  });

  it('says that no data plane is online', async () => {
    await expect(
      backend.client.infer(
        { environment: 'staging', model: 'digits' },
        call,
        backend.ada,
      ),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringContaining(
            'No data plane of staging is online',
          ),
        },
      },
    });
  });

  it('tells the permission framework who owns what is deployed where', async () => {
    backend = await start();
    const ask = (rule: string, params: object) =>
      request(backend.server)
        .post(
          '/api/ai-inference/.well-known/backstage/permissions/apply-conditions',
        )
        .set('Authorization', headerOf('plugin:permission'))
        .send({
          items: ['dev/digits', 'production/digits', 'digits'].map(
            resourceRef => ({
              id: resourceRef,
              resourceRef,
              resourceType: 'ai-deployment',
              conditions: { rule, resourceType: 'ai-deployment', params },
            }),
          ),
        });
    const results = async (rule: string, params: object) =>
      (await ask(rule, params).expect(200)).body.items.map(
        ({ result }: { result: string }) => result,
      );
    expect(
      await results('IS_MODEL_OWNER', { claims: ['group:default/vision'] }),
    ).toEqual(['ALLOW', 'ALLOW', 'DENY']);
    expect(
      await results('IS_MODEL_OWNER', { claims: ['user:default/grace'] }),
    ).toEqual(['DENY', 'DENY', 'DENY']);
    expect(
      await results('IS_IN_ENVIRONMENT', { environments: ['dev'] }),
    ).toEqual(['ALLOW', 'DENY', 'DENY']);
  });
});
