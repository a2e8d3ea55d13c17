import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  type NotificationService,
  notificationService,
} from '@backstage/plugin-notifications-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { NoticeQueue } from '@greenroom/ai-node';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';
import { DeliveryStore } from '../webhooks/DeliveryStore';
import { HookNotices } from './HookNotices';

jest.setTimeout(60_000);

const databases = registryDatabases();
const as = (name: string) => ({
  token: mockCredentials.user.token(`user:default/${name}`),
});
const TEAM = 'group:default/team';

describe('owners', () => {
  let directory: string;
  let knex: Knex;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  let receiver: Server;
  const notifications: jest.Mocked<NotificationService> = { send: jest.fn() };
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    permissions.authorize.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
    directory = await mkdtemp(join(tmpdir(), 'registry-'));
    knex = await databases.open();
    receiver = createServer((_, res) => res.end()).listen(0, '127.0.0.1');
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
        permissions.factory,
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => notifications,
        }),
        catalogServiceMock.factory({
          entities: [
            ['Group', 'team'],
            ['User', 'ada'],
          ].map(([kind, name]) => ({
            apiVersion: 'backstage.io/v1alpha1',
            kind,
            metadata: { namespace: 'default', name },
          })),
        }),
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory },
              environments: { directory: join(directory, 'environments.git') },
              webhooks: {
                httpHosts: ['127.0.0.1'],
                allowPrivateAddresses: true,
                encryptionKey: 'a-key-of-more-than-24-characters',
              },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
  });
  afterAll(async () => {
    await stop?.();
    receiver.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    notifications.send.mockReset();
  });

  const sent = () => notifications.send.mock.calls.map(([one]) => one);
  async function until(isThere: () => boolean) {
    const latest = Date.now() + 15_000;
    while (!isThere() && Date.now() < latest) {
      await new Promise(resolve => {
        setTimeout(resolve, 20);
      });
    }
    expect(isThere()).toBe(true);
  }
  const waiting = () => knex('owner_notices').whereNotNull('due_at');

  async function register(model: string, text: string, name = 'ada') {
    const file = await client.uploadArtifact(Buffer.from(text), as(name));
    const files = [
      { path: 'MLmodel', ...file },
      { path: 'data', ...file },
    ];
    return client.createVersion(
      model,
      { bundle: { format: 'mlflow', files } },
      as(name),
    );
  }

  it('hear of versions that somebody else registers, those that follow together', async () => {
    await client.createModel(
      { name: 'digits', task: 'other', owner: TEAM },
      as('ada'),
    );
    await register('digits', 'flavors: {}\nrun_id: a\n');
    await until(() => sent().length > 0);
    expect(sent()).toEqual([
      {
        recipients: {
          type: 'entity',
          entityRef: [TEAM],
          excludeEntityRef: 'user:default/ada',
        },
        payload: {
          title: "Version 1 of 'digits' was registered",
          description: 'By ada.',
          severity: 'low',
          topic: 'ai-registry-version',
          scope: 'versions:digits',
          link: '/ai-registry/models/digits/versions/1',
        },
      },
    ]);
    await register('digits', 'flavors: {}\nrun_id: b\n');
    await register('digits', 'flavors: {}\nrun_id: c\n', 'bob');
    expect(sent()).toHaveLength(1);
    await waiting().update({ due_at: new Date(0) });
    await until(() => sent().length > 1);
    expect(sent()[1]).toMatchObject({
      recipients: { type: 'entity', entityRef: [TEAM] },
      payload: {
        title: "Version 3 of 'digits' was registered",
        description: 'By bob, after 1 other that you have not been told of.',
      },
    });
  });

  it('hear nothing of what they do themselves, and their change holds while nobody can be told', async () => {
    notifications.send.mockRejectedValue(new Error('away'));
    await client.createModel({ name: 'own', task: 'other' }, as('ada'));
    await register('own', 'flavors: {}\nrun_id: own\n');
    expect(await waiting()).toEqual([]);
    await client.createModel(
      { name: 'away', task: 'other', owner: TEAM },
      as('ada'),
    );
    const made = await register('away', 'flavors: {}\nrun_id: away\n');
    expect(made.version).toBe(1);
    await until(() => sent().length > 0);
    expect((await waiting()).map(({ scope }) => scope)).toEqual([
      'versions:away',
    ]);
    await knex('owner_notices').delete();
  });

  it('hear of web hooks that are disabled, given up and delivered again', async () => {
    const { port } = receiver.address() as AddressInfo;
    const { id } = await client.createWebhook(
      {
        name: 'ci',
        url: `http://127.0.0.1:${port}/`,
        events: ['model_version.created'],
        model: 'digits',
      },
      as('ada'),
    );
    await client.updateWebhook(id, { description: 'x' }, as('bob'));
    await client.updateWebhook(id, { status: 'DISABLED' }, as('bob'));
    await client.updateWebhook(id, { name: 'still' }, as('bob'));
    await until(() => sent().length > 0);
    expect(sent()).toEqual([
      {
        recipients: {
          type: 'entity',
          entityRef: ['user:default/ada', TEAM],
          excludeEntityRef: 'user:default/bob',
        },
        payload: {
          title: "The web hook 'ci' was disabled",
          description: 'By bob: it tells of nothing any more.',
          severity: 'normal',
          topic: 'ai-registry-web-hook',
          scope: `web-hook:${id}`,
          link: `/ai-registry/webhooks/${id}`,
        },
      },
    ]);

    // What becomes of tries, as the sender remembers it; the plugin's own does nothing for a disabled one.
    const notices = new HookNotices({ queue: new NoticeQueue({ knex }) });
    const deliveries = new DeliveryStore({ knex, notices });
    async function finish(error?: string, againMillis?: number) {
      const delivery = {
        id: '00000000-0000-4000-8000-000000000001',
        lease: '00000000-0000-4000-8000-000000000002',
      };
      await knex('webhook_deliveries').insert({
        ...delivery,
        webhook: id,
        event: 'model_version.created',
        body: '{}',
      });
      await deliveries.finish(
        {
          ...delivery,
          webhook: id,
          body: '{}',
          attempts: 10,
          leftMillis: 1,
          url: '',
        },
        { error, durationMillis: 1 },
        againMillis,
      );
      await knex('webhook_deliveries').delete();
    }
    await finish();
    await finish('HTTP 500', 1_000);
    expect(await waiting()).toEqual([]);
    await finish('HTTP 500');
    await finish('HTTP 502');
    await until(() => sent().length > 1);
    await knex('owner_notices').update({ due_at: null });
    await finish();
    await finish();
    await until(() =>
      sent().some(({ payload }) => /again/.test(payload.title)),
    );
    expect(sent()[1].payload).toMatchObject({
      title: "The web hook 'still' is not delivered",
      severity: 'high',
      description: expect.stringContaining('after all tries: HTTP 50'),
    });
    expect(sent().at(-1)!.payload).toMatchObject({
      title: "The web hook 'still' is delivered again",
      severity: 'low',
      scope: `web-hook:${id}`,
    });
  });
});
