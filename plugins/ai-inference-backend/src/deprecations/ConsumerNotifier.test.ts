import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { readPortalPages } from '@greenroom/ai-node';
import type { ListedDeprecation } from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import { createStores } from '../__testUtils__/createStores';
import { FakeRegistry } from '../__testUtils__/FakeRegistry';
import { desiredDeployment, modelVersion } from '../__testUtils__/fixtures';
import { KeyStore } from '../keys/KeyStore';
import { ConsumerNotifier } from './ConsumerNotifier';
import { ConsumerStore } from './ConsumerStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const DEPRECATION: ListedDeprecation = {
  model: 'digits',
  since: '2026-05-01T00:00:00.000Z',
  message: 'The new one is better.',
  deprecatedBy: 'user:default/ada',
};

describe('ConsumerNotifier', () => {
  let registry: FakeRegistry;
  let plane: Awaited<ReturnType<typeof createStores>>;
  const send = jest.fn(
    async (_message: {
      recipients: { entityRef?: string | string[] };
      payload: { title: string; description?: string };
    }) => {},
  );

  beforeEach(async () => {
    send.mockReset();
    registry = await FakeRegistry.start();
    registry.versions = [modelVersion(1)];
    plane = await createStores({
      knex: await databases.init('POSTGRES_18'),
      registry,
    });
  });

  afterEach(() => registry.stop());

  const look = () =>
    new ConsumerNotifier({
      copies: plane.deprecationCopies,
      consumers: new ConsumerStore(plane),
      changes: plane.changes,
      notifications: {
        send: async message => send(message as Parameters<typeof send>[0]),
      },
      pages: readPortalPages(mockServices.rootConfig()),
      logger: plane.logger,
      clock: plane.clock,
    }).run(new AbortController().signal);

  async function addKey(
    owner: string,
    models: string[],
    more: Partial<{ expiresAt: string; used: boolean; revoked: boolean }> = {},
  ) {
    const keys = new KeyStore(plane);
    const id = randomUUID();
    await keys.insert({
      id,
      purpose: 'caller',
      name: `key of ${owner}`,
      owner,
      models,
      scopes: [],
      sha256: id,
      prefix: 'gr_abc',
      createdAt: plane.clock().toISOString(),
      createdBy: owner,
      expiresAt: more.expiresAt ?? '2030-01-01T00:00:00.000Z',
    });
    if (more.used) await keys.recordUse([id], plane.clock());
    if (more.revoked) {
      await plane.knex.transaction(tx =>
        keys.revoke(tx, { id, revokedBy: owner, now: plane.clock() }),
      );
    }
  }

  const said = () =>
    send.mock.calls.map(([{ recipients, payload }]) => [
      recipients.entityRef,
      payload.title,
    ]);

  it('tells owners of good keys that cover the model once, apart by whether they call it', async () => {
    await addKey('user:default/uses', ['digits'], { used: true });
    await addKey('group:default/may', ['*']);
    await addKey('user:default/other', ['letters'], { used: true });
    await addKey('user:default/gone', ['digits'], { revoked: true });
    await addKey('user:default/over', ['digits'], {
      expiresAt: '2020-01-01T00:00:00.000Z',
    });
    await addKey('service:robot', ['digits'], { used: true });
    registry.deprecations = [DEPRECATION];
    await plane.reconcile(desiredDeployment(1));
    // Two processes, and again after a restart.
    await Promise.all([look(), look()]);
    await look();
    expect(said()).toEqual([
      [['user:default/uses'], "Model 'digits' is deprecated"],
      [['group:default/may'], "Model 'digits' is deprecated"],
    ]);
    const audit = await plane.knex('audit_entries').where({
      action: 'deprecation-told',
    });
    expect(audit).toMatchObject([
      {
        model: 'digits',
        after: {
          news: 'announced',
          to: ['user:default/uses', 'group:default/may'],
        },
      },
    ]);
  });

  it('tells it again where it could not be told, and of a version by itself', async () => {
    await addKey('user:default/uses', ['digits'], { used: true });
    registry.deprecations = [{ ...DEPRECATION, version: 1 }];
    await plane.reconcile(desiredDeployment(1));
    send.mockRejectedValueOnce(new Error('away'));
    await look();
    expect(plane.logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('will be tried again'),
      expect.anything(),
    );
    expect(
      await plane.knex('audit_entries').where({ action: 'deprecation-told' }),
    ).toEqual([]);
    await look();
    await look();
    expect(said().slice(1)).toEqual([
      [['user:default/uses'], "Version 1 of model 'digits' is deprecated"],
    ]);
  });

  it('tells that it was taken back, and nothing of what nobody had heard of', async () => {
    await addKey('user:default/uses', ['digits']);
    registry.deprecations = [DEPRECATION];
    await plane.reconcile(desiredDeployment(1));
    await look();
    registry.deprecations = [];
    await plane.reconcile(desiredDeployment(1));
    await look();
    await look();
    expect(said().slice(1)).toEqual([
      [['user:default/uses'], "Model 'digits' is not deprecated any more"],
    ]);
    registry.deprecations = [DEPRECATION];
    await plane.reconcile(desiredDeployment(1));
    registry.deprecations = [];
    await plane.reconcile(desiredDeployment(1));
    await look();
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('knows what it knew while the registry is away, or from before there were any', async () => {
    registry.deprecations = [DEPRECATION];
    await plane.reconcile(desiredDeployment(1));
    registry.deprecations = undefined;
    await plane.reconcile(desiredDeployment(1));
    expect(await plane.deprecationCopies.listOf(['digits'])).toEqual([
      DEPRECATION,
    ]);
  });
});
