import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiRegistryClient,
  type NewWebhook,
  WEBHOOK_EVENTS,
  type WebhookDelivery,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';
import { signatureOf, startReceiver } from './__testUtils__/startReceiver';

jest.setTimeout(60_000);

const databases = registryDatabases();
const options = { token: mockCredentials.user.token('user:default/ada') };
const says = (message: string) => ({
  body: { error: { message: expect.stringContaining(message) } },
});
const EXAMPLES = resolve(__dirname, '../../../../examples');
const SECRET = 'a secret of the receiver';

describe('web hooks', () => {
  let directory: string;
  let knex: Knex;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
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
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'team' },
            },
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'others' },
            },
          ],
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
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** People may do everything but what is refused. */
  function allow(
    isRefused: (name: string, resourceRef?: string) => boolean = () => false,
  ) {
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission, ...question }) => ({
        result: isRefused(
          permission.name,
          'resourceRef' in question ? question.resourceRef : undefined,
        )
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
      })),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(() => ({ result: AuthorizeResult.ALLOW })),
    );
  }

  beforeEach(async () => {
    allow();
    receiver = await startReceiver();
  });
  afterEach(async () => {
    for (const { id } of (await client.listWebhooks(options)).items) {
      await client.deleteWebhook(id, options);
    }
    await receiver.stop();
  });

  async function makeModel(): Promise<string> {
    count += 1;
    const { name } = await client.createModel(
      {
        name: `model-${count}`,
        externalName: `Model ${count}`,
        task: 'other',
        owner: 'group:default/team',
        description: 'Counts',
        tags: { team: 'x' },
      },
      options,
    );
    return name;
  }

  async function addVersion(model: string): Promise<void> {
    const { digest } = await client.uploadArtifact(
      await readFile(join(EXAMPLES, 'digits/models/v1.onnx')),
      options,
    );
    await client.createVersion(
      model,
      { digest, source: { uri: 'runs:/1/model', run: '1' }, tags: { a: '1' } },
      options,
    );
  }

  const hook = (fields: Partial<NewWebhook> = {}) =>
    client.createWebhook(
      {
        name: 'ci',
        url: receiver.url,
        events: [...WEBHOOK_EVENTS],
        secret: SECRET,
        ...fields,
      },
      options,
    );

  /** Deliveries of a hook once none of them waits. */
  async function settled(
    id: string,
    isSettled = ({ state }: WebhookDelivery) => state !== 'PENDING',
  ): Promise<WebhookDelivery[]> {
    const until = Date.now() + 10_000;
    for (;;) {
      const { items } = await client.listWebhookDeliveries(id, {}, options);
      if (items.every(isSettled) || Date.now() > until) return items;
      await new Promise(wake => {
        setTimeout(wake, 20);
      });
    }
  }

  it('tell of all that happens to a model, signed, in MLflow’s form', async () => {
    const { id } = await hook();
    const model = await makeModel();
    await addVersion(model);
    await client.updateVersion(
      model,
      1,
      { description: 'New', tagChanges: { a: null, b: '2' } },
      options,
    );
    await client.setAlias(
      model,
      'champion',
      { version: 1, reason: 'Best' },
      options,
    );
    await client.removeAlias(model, 'champion', { reason: 'Worst' }, options);
    await client.updateModel(model, { externalName: 'Größe' }, options);
    await client.deleteVersion(model, 1, options);
    await client.deleteModel(model, options);
    await receiver.wait(10);

    const name = `Model ${count}`;
    const told = receiver.received.map(({ body }) => [
      `${body.entity}.${body.action}`,
      body.data,
    ]);
    expect(told).toHaveLength(10);
    expect(Object.fromEntries(told)).toEqual({
      'registered_model.created': {
        name,
        tags: { team: 'x' },
        description: 'Counts',
      },
      'model_version.created': {
        name,
        version: '1',
        source: 'runs:/1/model',
        run_id: '1',
        tags: { a: '1' },
        description: null,
      },
      'model_version.updated': {
        name,
        version: '1',
        description: 'New',
        stage: 'None',
      },
      'model_version_tag.set': { name, version: '1', key: 'b', value: '2' },
      'model_version_tag.deleted': { name, version: '1', key: 'a' },
      'model_version_alias.created': {
        name,
        alias: 'champion',
        version: '1',
      },
      'model_version_alias.deleted': { name, alias: 'champion' },
      'registered_model.updated': {
        name: 'Größe',
        tags: { team: 'x' },
        description: 'Counts',
      },
      'model_version.deleted': { name: 'Größe', version: '1' },
      'registered_model.deleted': { name: 'Größe' },
    });
    for (const one of receiver.received) {
      expect(one.headers['x-mlflow-signature']).toBe(signatureOf(one, SECRET));
      expect(one.headers['content-type']).toBe('application/json');
      expect(Object.keys(one.body)).toEqual([
        'entity',
        'action',
        'timestamp',
        'data',
      ]);
    }
    const deliveries = await settled(id);
    expect(new Set(deliveries.map(one => one.id))).toEqual(
      new Set(
        receiver.received.map(one => one.headers['x-mlflow-delivery-id']),
      ),
    );
    expect(deliveries[0]).toMatchObject({
      state: 'DELIVERED',
      attempts: 1,
      responseStatus: 204,
      isTest: false,
    });
  });

  it('tell of one model alone, of some events alone, and nothing while disabled', async () => {
    const mine = await makeModel();
    const other = await makeModel();
    const { id } = await hook({
      model: mine,
      events: ['registered_model.updated'],
    });
    const disabled = await hook({ status: 'DISABLED' });
    await client.updateModel(other, { title: 'Other' }, options);
    await addVersion(mine);
    await client.updateModel(mine, { title: 'Mine' }, options);
    await settled(id);
    expect(receiver.received.map(({ body }) => body.data)).toEqual([
      expect.objectContaining({ name: `Model ${count - 1}` }),
    ]);
    const log = await client.listWebhookDeliveries(disabled.id, {}, options);
    expect(log.items).toEqual([]);
  });

  it('try again under the same id, signed anew, and say what was wrong meanwhile', async () => {
    receiver.behave(503);
    const { id } = await hook({ events: ['registered_model.created'] });
    await makeModel();
    await receiver.wait(1);
    const [failed] = await settled(id, ({ error }) => error !== undefined);
    expect(failed).toMatchObject({
      state: 'PENDING',
      attempts: 1,
      responseStatus: 503,
      error: 'The receiver answered 503',
      dueAt: expect.any(String),
    });
    expect(await client.getWebhook(id, options)).toMatchObject({ failures: 1 });
    receiver.behave(200);
    await receiver.wait(2);
    const [delivered] = await settled(id);
    expect(delivered).toMatchObject({ id: failed.id, state: 'DELIVERED' });
    expect(delivered.error).toBeUndefined();
    const [first, second] = receiver.received;
    expect(second.headers['x-mlflow-delivery-id']).toBe(failed.id);
    expect(second.text).toBe(first.text);
    expect(second.headers['x-mlflow-signature']).toBe(
      signatureOf(second, SECRET),
    );
    expect(await client.getWebhook(id, options)).toMatchObject({ failures: 0 });
  });

  it('are not held up by a receiver that hangs', async () => {
    const hanging = await startReceiver();
    hanging.behave('hang');
    await hook({ url: hanging.url, name: 'hanging' });
    const { id } = await hook();
    const startedMillis = Date.now();
    await makeModel();
    const deliveries = await settled(id);
    expect(deliveries.map(({ state }) => state)).toEqual(['DELIVERED']);
    expect(Date.now() - startedMillis).toBeLessThan(5_000);
    await hanging.wait(1);
    await hanging.stop();
  });

  it('are told nothing of what was not committed', async () => {
    const { id } = await hook();
    const model = await makeModel();
    await settled(id);
    const before = receiver.received.length;
    await expect(
      client.setAlias(
        model,
        'champion',
        { version: 9, reason: 'None' },
        options,
      ),
    ).rejects.toThrow();
    const { items } = await client.listWebhookDeliveries(id, {}, options);
    expect(items).toHaveLength(before);
  });

  it('are tried and replayed when somebody asks', async () => {
    const { id } = await hook({ events: ['registered_model.created'] });
    expect(await client.testWebhook(id, {}, options)).toEqual({
      success: true,
      responseStatus: 204,
      responseBody: '',
    });
    receiver.behave(404);
    expect(
      await client.testWebhook(id, { event: 'model_version.created' }, options),
    ).toMatchObject({
      success: false,
      responseStatus: 404,
      errorMessage: 'The receiver answered 404',
    });
    expect(receiver.received.map(({ body }) => body.entity)).toEqual([
      'registered_model',
      'model_version',
    ]);
    receiver.behave(200);
    await makeModel();
    const [delivery, ...tests] = await settled(id);
    expect(tests.map(({ isTest, state }) => [isTest, state])).toEqual([
      [true, 'FAILED'],
      [true, 'DELIVERED'],
    ]);
    await client.replayWebhookDelivery(id, delivery.id, options);
    const all = await receiver.wait(4);
    expect(all[3].text).toBe(all[2].text);
    expect(all[3].headers['x-mlflow-delivery-id']).toBe(delivery.id);
    await client.updateWebhook(id, { status: 'DISABLED' }, options);
    await expect(
      client.replayWebhookDelivery(id, delivery.id, options),
    ).rejects.toMatchObject(says('disabled'));
  });

  it('show their secrets to nobody, and keep them encrypted', async () => {
    const made = await hook();
    expect(made.hasSecret).toBe(true);
    expect(JSON.stringify(made)).not.toContain(SECRET);
    const [row] = await knex('webhooks').where({ id: made.id });
    expect(row.secret.toString('latin1')).not.toContain(SECRET);
    const audit = await knex('audit_entries').where({ subject: made.id });
    expect(audit.map(({ action }) => action)).toEqual(['webhook-created']);
    expect(JSON.stringify(audit)).not.toContain(SECRET);
    expect(JSON.stringify(audit)).not.toContain('/hook');

    const changed = await client.updateWebhook(
      made.id,
      { secret: 'another', name: 'renamed' },
      options,
    );
    expect(changed).toMatchObject({ name: 'renamed', hasSecret: true });
    await client.testWebhook(made.id, {}, options);
    const [signed] = receiver.received;
    expect(signed.headers['x-mlflow-signature']).toBe(
      signatureOf(signed, 'another'),
    );
    await client.updateWebhook(made.id, { secret: null }, options);
    await client.testWebhook(made.id, {}, options);
    expect(receiver.received[1].headers).not.toHaveProperty(
      'x-mlflow-signature',
    );
  });

  it('are disabled when their model passes to another owner, until somebody enables them', async () => {
    const mine = await makeModel();
    const other = await makeModel();
    const events: NewWebhook['events'] = ['registered_model.updated'];
    const ofMine = await hook({ model: mine, events });
    const ofOther = await hook({ model: other, events });
    const off = await hook({ model: mine, events, status: 'DISABLED' });
    const ofAll = await hook({ events });
    await client.updateModel(mine, { title: 'As before' }, options);
    await settled(ofMine.id);
    expect(receiver.received).toHaveLength(2);

    await client.updateModel(mine, { owner: 'group:default/others' }, options);
    await settled(ofAll.id);
    const paused = await client.getWebhook(ofMine.id, options);
    expect(paused).toMatchObject({
      status: 'DISABLED',
      disabledBecause: expect.stringContaining(
        'has passed from group:default/team to group:default/others',
      ),
    });
    // The one of all models alone was told of it.
    expect(receiver.received).toHaveLength(3);
    const { items } = await client.listWebhookDeliveries(
      ofMine.id,
      {},
      options,
    );
    expect(items).toHaveLength(1);
    for (const { id } of [ofOther, off, ofAll]) {
      expect(await client.getWebhook(id, options)).not.toHaveProperty(
        'disabledBecause',
      );
    }
    const audit = await knex('audit_entries')
      .where({ action: 'webhook-paused' })
      .select('subject', 'actor', 'model');
    expect(audit).toEqual([
      { subject: ofMine.id, actor: 'user:default/ada', model: mine },
    ]);

    await client.updateWebhook(ofMine.id, { name: 'renamed' }, options);
    expect(await client.getWebhook(ofMine.id, options)).toHaveProperty(
      'disabledBecause',
    );
    const enabled = await client.updateWebhook(
      ofMine.id,
      { status: 'ACTIVE' },
      options,
    );
    expect(enabled.status).toBe('ACTIVE');
    expect(enabled).not.toHaveProperty('disabledBecause');
  });

  it.each<[Partial<NewWebhook>, string]>([
    [{ name: 'has blanks' }, 'name: '],
    [{ url: 'http://example.com/' }, 'url: expected https'],
    [{ url: 'not a url' }, 'url: expected an address'],
    [{ model: 'nobodys' }, "'nobodys'"],
  ])('are refused with %j', async (fields, message) => {
    await expect(hook(fields)).rejects.toMatchObject(says(message));
  });

  it('are managed by who may manage all, and by who may update the only model', async () => {
    const mine = await makeModel();
    const theirs = await makeModel();
    const ofAll = await hook();
    const ofTheirs = await hook({ model: theirs });
    allow(
      (name, resourceRef) =>
        name === 'ai-registry.webhook.manage' ||
        (name === 'ai-registry.model.update' && resourceRef === theirs),
    );
    const own = await hook({ model: mine });
    const { items } = await client.listWebhooks(options);
    expect(items.map(({ id }) => id)).toEqual([own.id]);
    await expect(hook()).rejects.toMatchObject(
      says('ai-registry.webhook.manage'),
    );
    await expect(hook({ model: theirs })).rejects.toMatchObject(
      says('ai-registry.model.update'),
    );
    for (const { id } of [ofAll, ofTheirs]) {
      const refused = 'You need the permission';
      await expect(client.getWebhook(id, options)).rejects.toMatchObject(
        says(refused),
      );
      await expect(
        client.updateWebhook(id, { name: 'x' }, options),
      ).rejects.toMatchObject(says(refused));
      await expect(client.deleteWebhook(id, options)).rejects.toMatchObject(
        says(refused),
      );
      await expect(client.testWebhook(id, {}, options)).rejects.toMatchObject(
        says(refused),
      );
      await expect(
        client.listWebhookDeliveries(id, {}, options),
      ).rejects.toMatchObject(says(refused));
      await expect(
        client.replayWebhookDelivery(id, own.id, options),
      ).rejects.toMatchObject(says(refused));
    }
    await client.updateWebhook(own.id, { description: 'Mine' }, options);
    await client.deleteWebhook(own.id, options);
    allow();
  });
});
