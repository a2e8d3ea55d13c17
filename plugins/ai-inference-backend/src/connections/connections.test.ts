import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { ChangeLog } from '@greenroom/ai-node';
import { EnvironmentConnections } from '@greenroom/plugin-ai-registry-common';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import type { Announcement } from '../events/announcement';
import { AuthorizedConnectionService } from './AuthorizedConnectionService';
import { DefaultConnectionService } from './ConnectionService';
import { ConnectionStore } from './ConnectionStore';

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
  let service: DefaultConnectionService;
  let woken: string[];

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    stores = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
    store = new ConnectionStore({ knex: stores.knex });
    woken = [];
    service = new DefaultConnectionService({
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

  it('are checked by those who may operate data planes there', async () => {
    const permissions = mockServices.permissions.mock();
    const authorized = new AuthorizedConnectionService({
      permissions,
      connections: service,
    });
    permissions.authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    await expect(authorized.check(PLACE, options)).rejects.toThrow();
    expect(permissions.authorize.mock.calls[0][0]).toMatchObject([
      {
        permission: { name: 'ai-inference.data-plane.operate' },
        resourceRef: 'production/*',
      },
    ]);
    await expect(authorized.list('production', options)).rejects.toThrow();
    expect(woken).toEqual([]);
    permissions.authorize.mockResolvedValue([
      { result: AuthorizeResult.ALLOW },
    ]);
    expect(await authorized.check(PLACE, options)).toMatchObject({
      name: 'llm',
    });
  });
});
