import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { ChangeLog } from '@greenroom/ai-node';
import { EnvironmentConnections } from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import request from 'supertest';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import type { Announcement } from '../events/announcement';
import { ConnectionService } from './ConnectionService';
import { ConnectionStore } from './ConnectionStore';
import { createConnectionRouter } from './createConnectionRouter';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const options = { credentials: mockCredentials.user('user:default/ada') };
const PLACE = { environment: 'production', name: 'llm' };
const early = '2026-05-03T11:00:00.000Z';
const late = '2026-05-03T11:10:00.000Z';

describe('connections', () => {
  let registry: FakeRegistry;
  let stores: Awaited<ReturnType<typeof createStores>>;
  let store: ConnectionStore;
  let service: ConnectionService;
  let woken: string[];

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    stores = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    store = new ConnectionStore({ knex: stores.knex });
    woken = [];
    service = new ConnectionService({
      connections: new EnvironmentConnections(
        new Map([
          [
            'production',
            [
              {
                name: 'llm',
                kind: 'openai',
                settings: { secret: 'file:openai', project: 'a-project' },
              },
            ],
          ],
          [
            'staging',
            [
              {
                name: 'llm',
                kind: 'balanced',
                settings: {},
                upstreams: [
                  {
                    name: 'llm/1',
                    kind: 'openai',
                    settings: { secret: 'file:openai' },
                    weight: 3,
                  },
                  {
                    name: 'llm/local',
                    kind: 'local',
                    settings: {},
                    weight: 1,
                  },
                ],
              },
            ],
          ],
        ]),
      ),
      store,
      changes: new ChangeLog<Announcement>({ knex: stores.knex }),
      clock: stores.clock,
      wake: async environment => woken.push(environment),
    });
  });
  afterEach(() => registry.stop());

  const only = async () => (await service.list('production'))[0];

  it('are told without their settings, before anybody has checked them', async () => {
    expect(await service.list('production')).toEqual([
      {
        environment: 'production',
        name: 'llm',
        kind: 'openai',
        secrets: ['file:openai'],
        check: { state: 'unchecked' },
        usedBy: [],
      },
    ]);
    expect(await service.list('dev')).toEqual([]);
  });

  it('are as the newest check said, whoever told it last', async () => {
    const answers = {
      name: 'llm',
      checkAttempt: 0,
      checkedAt: late,
      state: 'answers' as const,
      models: ['small', 'large'],
    };
    await store.record('production', [answers]);
    const expected = {
      state: 'answers',
      checkedAt: late,
      models: ['small', 'large'],
    };
    expect((await only()).check).toEqual(expected);
    const { models: _models, ...rest } = answers;
    const fails = { ...rest, state: 'fails' as const, error: 'no such key' };
    await store.record('production', [{ ...fails, checkedAt: early }]);
    expect((await only()).check).toEqual(expected);
    await store.record('production', [fails]);
    expect((await only()).check).toEqual({
      state: 'fails',
      checkedAt: late,
      error: 'no such key',
    });
  });

  it('are checked when somebody asks, which wakes a data plane and is in the audit log', async () => {
    const asked = await service.check(PLACE, options);
    expect(asked.checkAskedAt).toBe(stores.clock().toISOString());
    expect(woken).toEqual(['production']);
    expect(
      await stores.knex('audit_entries').where({ subject: 'llm' }),
    ).toMatchObject([
      {
        action: 'connection-check-asked',
        actor: 'user:default/ada',
        environment: 'production',
      },
    ]);
    const told = {
      name: 'llm',
      checkedAt: late,
      state: 'answers' as const,
      models: [],
    };
    await store.record('production', [{ ...told, checkAttempt: 0 }]);
    expect(await only()).toHaveProperty('checkAskedAt');
    await store.record('production', [{ ...told, checkAttempt: 1 }]);
    expect(await only()).not.toHaveProperty('checkAskedAt');
  });

  it('are not checked where the environment maps none of the name', async () => {
    await expect(
      service.check({ environment: 'dev', name: 'llm' }, options),
    ).rejects.toThrow("dev has no connection 'llm': add it under");
  });

  it('tell each upstream of those that have several, and have all of them checked', async () => {
    const place = { environment: 'staging', name: 'llm' };
    const asked = await service.check(place, options);
    expect(asked).toMatchObject({
      kind: 'balanced',
      check: { state: 'unchecked' },
      checkAskedAt: stores.clock().toISOString(),
    });
    await store.record('staging', [
      {
        name: 'llm/1',
        checkAttempt: 1,
        checkedAt: late,
        state: 'answers',
        models: ['small'],
      },
    ]);
    const told = {
      name: 'llm',
      kind: 'balanced',
      secrets: ['file:openai'],
      check: { state: 'answers', checkedAt: late, models: ['small'] },
      upstreams: [
        {
          name: 'llm/1',
          kind: 'openai',
          weight: 3,
          secrets: ['file:openai'],
          check: { state: 'answers', checkedAt: late, models: ['small'] },
        },
        {
          name: 'llm/local',
          kind: 'local',
          weight: 1,
          secrets: [],
          check: { state: 'unchecked' },
          checkAskedAt: stores.clock().toISOString(),
        },
      ],
    };
    expect(await service.list('staging')).toMatchObject([told]);
  });

  it('say which deployed versions use them', async () => {
    registry.versions = [
      modelVersion(1, {
        format: 'external',
        files: 1,
        signature: undefined,
        external: {
          formatVersion: 1,
          connection: 'llm',
          model: 'small',
          tasks: ['chat'],
          parameters: {},
          messages: [],
        },
      }),
    ];
    await stores.reconcile(desiredDeployment(1));
    expect((await only()).usedBy).toEqual([
      { model: 'digits', version: 1, upstreamModel: 'small' },
    ]);
    await stores.reconcile();
    expect((await only()).usedBy).toEqual([]);
  });

  it('are shown to those who may see deployments, and checked by those who may operate data planes there', async () => {
    const authorize = jest.fn();
    const createEvent = jest.fn(async () => ({
      success: async () => {},
      fail: async () => {},
    }));
    const app = express();
    app.use(express.json());
    app.use(
      createConnectionRouter({
        auditor: mockServices.auditor.mock({ createEvent }),
        httpAuth: mockServices.httpAuth(),
        permissions: mockServices.permissions.mock({ authorize }),
        connections: service,
      }),
    );
    app.use(
      (
        { name }: Error,
        _req: express.Request,
        res: express.Response,
        _next: express.NextFunction,
      ) => {
        res.status(name === 'NotAllowedError' ? 403 : 500).end();
      },
    );
    const path = '/environments/production/connections';
    authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    await request(app).get(path).expect(403);
    await request(app).post(`${path}/llm/check`).send({}).expect(403);
    expect(authorize.mock.lastCall?.[0]).toMatchObject([
      {
        permission: { name: 'ai-inference.data-plane.operate' },
        resourceRef: 'production/*',
      },
    ]);
    expect(createEvent).toHaveBeenCalled();
    expect(woken).toEqual([]);
    authorize.mockResolvedValue([{ result: AuthorizeResult.ALLOW }]);
    const { body } = await request(app).get(path).expect(200);
    expect(body.items).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain('a-project');
    await request(app).post(`${path}/llm/check`).send({}).expect(202);
    expect(woken).toEqual(['production']);
  });
});
