import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import notificationsPlugin from '@backstage/plugin-notifications-backend';
import request from 'supertest';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const GROUP = 'group:default/vision';

interface Sent {
  title: string;
  severity: string;
  scope: string;
}

/** What our plugins count on when they take a request back or say that something is mended. */
describe('a notification with the scope of an earlier one', () => {
  it('takes its place for each who has it, and touches nothing else', async () => {
    const member = (name: string) => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'User',
      metadata: { namespace: 'default', name },
    });
    const backend = await startTestBackend({
      features: [
        notificationsPlugin,
        mockServices.database.factory({
          knex: await databases.init('POSTGRES_18'),
        }),
        mockServices.rootConfig.factory({
          data: { app: { baseUrl: 'http://localhost:3000' } },
        }),
        catalogServiceMock.factory({
          entities: [
            member('grace'),
            member('mary'),
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'vision' },
              relations: ['grace', 'mary', 'ada'].map(name => ({
                type: 'hasMember',
                targetRef: `user:default/${name}`,
              })),
            },
          ],
        }),
      ],
    });
    const send = (payload: Sent, plugin = 'plugin:ai-registry') =>
      request(backend.server)
        .post('/api/notifications/notifications')
        .set(
          'Authorization',
          mockCredentials.service.header({
            onBehalfOf: mockCredentials.service(plugin),
            targetPluginId: 'notifications',
          }),
        )
        .send({
          recipients: {
            type: 'entity',
            entityRef: [GROUP],
            excludeEntityRef: 'user:default/ada',
          },
          payload,
        })
        .expect(200);
    const inboxOf = async (name: string) => {
      const { body } = await request(backend.server)
        .get('/api/notifications/notifications')
        .set(
          'Authorization',
          mockCredentials.user.header(`user:default/${name}`),
        )
        .expect(200);
      return body.notifications
        .map(
          ({ payload }: { payload: Sent }) =>
            `${payload.severity} ${payload.title}`,
        )
        .sort();
    };

    const scope = 'promotion:1';
    await send({ title: 'Review needed: 1', severity: 'normal', scope });
    await send({
      title: 'Review needed: 2',
      severity: 'normal',
      scope: 'promotion:2',
    });
    await send(
      { title: 'Of somebody else', severity: 'high', scope },
      'plugin:other',
    );
    await send({ title: 'Approved: 1', severity: 'low', scope });
    for (const name of ['grace', 'mary']) {
      expect(await inboxOf(name)).toEqual([
        'high Of somebody else',
        'low Approved: 1',
        'normal Review needed: 2',
      ]);
    }
    expect(await inboxOf('ada')).toEqual([]);
    await backend.stop();
  });
});
