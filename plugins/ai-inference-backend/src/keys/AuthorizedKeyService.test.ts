import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  ChangeLog,
  migrateDatabase,
  OwnershipClaims,
} from '@greenroom/ai-node';
import type { NewApiKey } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { PACKAGE_NAME } from '../router';
import type { Announcement } from '../events/announcement';
import { RequestUseStore } from '../requestUse/RequestUseStore';
import { TokenUseStore } from '../tokenUse/TokenUseStore';
import { AuthorizedKeyService } from './AuthorizedKeyService';
import { DefaultKeyService } from './KeyService';
import { KeyStore } from './KeyStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const NOW = new Date('2026-11-25T12:00:00Z');
const DAY_MILLIS = 24 * 3_600_000;
const EXISTING = ['user:default/ada', 'group:default/vision'];

const ada = { credentials: mockCredentials.user('user:default/ada') };
const grace = { credentials: mockCredentials.user('user:default/grace') };

const key = (changes: Partial<NewApiKey> = {}): NewApiKey => ({
  name: 'checkout',
  models: ['digits'],
  ...changes,
});

describe('issuing keys', () => {
  let knex: Knex;
  /** `<permission>` or `<permission> on <resource>`. */
  let refused: string[];

  beforeAll(async () => {
    const client = await databases.init('POSTGRES_18');
    knex = await migrateDatabase({
      database: mockServices.database.mock({ getClient: async () => client }),
      packageName: PACKAGE_NAME,
    });
  });
  beforeEach(async () => {
    await knex('api_keys').delete();
    refused = [
      'ai-inference.key.create-for-others',
      'ai-inference.key.create-for-all-models',
      'ai-inference.key.revoke',
    ];
  });

  const service = (registryAway = false) =>
    new AuthorizedKeyService({
      environments: DEFAULT_ENVIRONMENTS,
      permissions: mockServices.permissions.mock({
        authorize: async questions =>
          questions.map(({ permission: { name }, resourceRef }) => ({
            result:
              refused.includes(name) ||
              refused.includes(`${name} on ${resourceRef}`)
                ? AuthorizeResult.DENY
                : AuthorizeResult.ALLOW,
          })),
      }),
      claims: new OwnershipClaims({
        userInfo: mockServices.userInfo.mock({
          getUserInfo: async credentials => {
            const { userEntityRef } = credentials.principal as {
              userEntityRef: string;
            };
            const groups =
              userEntityRef === 'user:default/ada'
                ? ['group:default/vision']
                : [];
            return {
              userEntityRef,
              ownershipEntityRefs: [userEntityRef, ...groups],
            };
          },
        }),
        issuedTokens: { findByName: async () => undefined },
        config: new ConfigReader({}),
      }),
      keys: new DefaultKeyService({
        keys: new KeyStore({ knex }),
        tokenUse: new TokenUseStore({ knex }),
        requestUse: new RequestUseStore({ knex }),
        changes: new ChangeLog<Announcement>({ knex }),
        directory: { has: async ref => EXISTING.includes(ref) },
        models: {
          find: async model => {
            if (registryAway) throw new Error('The registry does not answer');
            return model === 'digits' ? 'group:default/vision' : undefined;
          },
        },
        maxLifetimeMillis: 30 * DAY_MILLIS,
        clock: () => NOW,
      }),
    });

  it('gives a key an owner and an end, those of its issuer and the longest life when none is named', async () => {
    expect(await service().issue(key(), ada)).toMatchObject({
      owner: 'user:default/ada',
      createdBy: 'user:default/ada',
      expiresAt: '2026-12-25T12:00:00.000Z',
    });
    const owner = 'group:default/vision';
    expect(await service().issue(key({ owner }), ada)).toMatchObject({ owner });
    expect(await knex('api_keys').pluck('owner')).toContain(owner);
  });

  it('refuses a life that is longer than the setting', async () => {
    const expiresAt = '2027-11-25T12:00:00Z';
    await expect(service().issue(key({ expiresAt }), ada)).rejects.toThrow(
      /lives at most 30 days \(aiInference\.keys\.maxLifetimeDays\)/,
    );
  });

  it('refuses owners that do not exist, and such as one does not belong to', async () => {
    await expect(
      service().issue(key({ owner: 'group:default/health' }), ada),
    ).rejects.toThrow(/owner: you do not belong to 'group:default\/health'/);
    refused = [];
    await expect(
      service().issue(key({ owner: 'group:default/health' }), ada),
    ).rejects.toThrow(/there is no 'group:default\/health' in the catalog/);
    await expect(
      service().issue(key({ owner: 'group:default/vision' }), grace),
    ).resolves.toMatchObject({ owner: 'group:default/vision' });
  });

  it('refuses all models to those without the permission for that', async () => {
    const all = key({ models: ['*'] });
    await expect(service().issue(all, ada)).rejects.toThrow(
      /'ai-inference.key.create-for-all-models'/,
    );
    refused = [];
    await expect(service().issue(all, ada)).resolves.toMatchObject({
      models: ['*'],
    });
  });

  it('refuses models that do not exist', async () => {
    await expect(
      service().issue(key({ models: ['digits', 'digit'] }), ada),
    ).rejects.toThrow(/models has 'digit', which is not registered/);
    await expect(service(true).issue(key(), ada)).rejects.toThrow(
      /registry does not answer/,
    );
    expect(await knex('api_keys')).toEqual([]);
  });

  it('lets a key do no more than who issues it', async () => {
    refused.push('ai-inference.model.invoke on production/digits');
    await expect(service().issue(key(), ada)).rejects.toThrow(
      /may do no more than who issues it.* on 'production\/digits': ask an owner/,
    );
  });

  it('gives keys limits, which who issued or owns them changes, and tells data planes', async () => {
    const limits = { perMinute: 1_000, perDay: 100_000, mode: 'hard' as const };
    const { id } = await service().issue(key({ limits }), ada);
    const store = new KeyStore({ knex });
    const grantOf = async () => (await store.listGrants(NOW))[0].grant?.limits;
    expect(await grantOf()).toEqual(limits);
    const [{ changeId }] = await store.listGrants(NOW);

    const softer = { perDay: 5, mode: 'soft' as const };
    expect(
      await service().setLimits(id, { limits: softer }, ada),
    ).toMatchObject({
      limits: softer,
    });
    expect(await store.listChanges(changeId)).toMatchObject([
      { id, grant: { limits: softer } },
    ]);
    await expect(service().setLimits(id, {}, grace)).rejects.toThrow(
      /'ai-inference.key.revoke'/,
    );
    const [entry] = await knex('audit_entries')
      .where({ action: 'key-limits-changed' })
      .select('actor', 'before', 'after');
    expect(entry).toEqual({
      actor: 'user:default/ada',
      before: { limits },
      after: { limits: softer },
    });
    const { items } = await service().list({ limit: 1 }, ada);
    expect(items).toMatchObject([{ limits: softer, usedToday: [] }]);

    expect(await service().setLimits(id, {}, ada)).not.toHaveProperty('limits');
    expect(await grantOf()).toBeUndefined();
    await service().revoke(id, ada);
    await expect(
      service().setLimits(id, { limits: softer }, ada),
    ).rejects.toThrow(/was revoked/);
  });

  it.each([
    [{ mode: 'hard' as const }, /limits has neither perMinute nor perDay/],
    [
      { perMinute: 0, mode: 'hard' as const },
      /limits.perMinute is 0: expected/,
    ],
    [{ perDay: 1.5, mode: 'soft' as const }, /limits.perDay is 1.5: expected/],
    [{ perDay: 2e12, mode: 'soft' as const }, /limits.perDay is 2000000000000/],
  ])('refuses limits that cannot be meant: %j', async (limits, message) => {
    await expect(service().issue(key({ limits }), ada)).rejects.toThrow(
      message,
    );
  });

  it('gives keys limits of requests beside those of tokens, and tells data planes', async () => {
    const requestLimits = {
      requestsPerSecond: 10,
      burst: 20,
      requestsInFlight: 4,
      rowsPerMinute: 5_000,
      mode: 'hard' as const,
    };
    const limits = { perDay: 5, mode: 'soft' as const };
    const { id } = await service().issue(key({ requestLimits, limits }), ada);
    const store = new KeyStore({ knex });
    const [{ changeId, grant }] = await store.listGrants(NOW);
    expect(grant).toMatchObject({ requestLimits, limits });
    const fewer = { rowsPerMinute: 7, mode: 'soft' as const };
    const changed = await service().setLimits(
      id,
      { requestLimits: fewer },
      ada,
    );
    expect(changed).not.toHaveProperty('limits');
    expect(await store.listChanges(changeId)).toMatchObject([
      { id, grant: { requestLimits: fewer } },
    ]);
    const [entry] = await knex('audit_entries')
      .where({ action: 'key-limits-changed', subject: id })
      .select('before', 'after');
    expect(entry).toEqual({
      before: { limits, requestLimits },
      after: { requestLimits: fewer },
    });
  });

  it.each([
    [{ mode: 'hard' as const }, /has none of requestsPerSecond, requests/],
    [{ burst: 3, mode: 'hard' as const }, /has none of requestsPerSecond/],
    [
      { burst: 3, rowsPerMinute: 1, mode: 'hard' as const },
      /burst .* needs requestsPerSecond/,
    ],
    [
      { requestsPerSecond: 0.5, mode: 'hard' as const },
      /requestsPerSecond is 0.5: expected a whole number of requests from 1/,
    ],
    [
      { rowsPerMinute: 0, mode: 'hard' as const },
      /rowsPerMinute is 0: expected a whole number of rows/,
    ],
  ])(
    'refuses limits of requests that cannot be meant: %j',
    async (requestLimits, message) => {
      await expect(
        service().issue(key({ requestLimits }), ada),
      ).rejects.toThrow(message);
    },
  );

  it('takes limits that do not say how hard they are as hard ones', async () => {
    const { id } = await service().issue(key(), ada);
    expect(
      await service().setLimits(
        id,
        { requestLimits: { requestsPerSecond: 5 }, limits: { perDay: 9 } },
        ada,
      ),
    ).toMatchObject({
      requestLimits: { requestsPerSecond: 5, mode: 'hard' },
      limits: { perDay: 9, mode: 'hard' },
    });
  });

  it('gives keys no scopes but those that are asked for, and tells data planes', async () => {
    expect(await service().issue(key(), ada)).toMatchObject({ scopes: [] });
    await knex('api_keys').delete();
    const { id } = await service().issue(
      key({ scopes: ['load', 'versions', 'load'] }),
      ada,
    );
    const store = new KeyStore({ knex });
    const [{ changeId, grant }] = await store.listGrants(NOW);
    expect(grant?.scopes).toEqual(['versions', 'load']);
    await expect(service().setScopes(id, ['load'], grace)).rejects.toThrow(
      /'ai-inference.key.revoke'/,
    );
    expect(await service().setScopes(id, [], ada)).toMatchObject({
      scopes: [],
    });
    expect(await store.listChanges(changeId)).toMatchObject([
      { id, grant: { scopes: [] } },
    ]);
    const [entry] = await knex('audit_entries')
      .where({ action: 'key-scopes-changed', subject: id })
      .select('actor', 'before', 'after');
    expect(entry).toEqual({
      actor: 'user:default/ada',
      before: { scopes: ['versions', 'load'] },
      after: { scopes: [] },
    });
  });

  it('lets only people give a key its owner that train with it, who belong to that owner', async () => {
    refused = [];
    const owner = 'group:default/vision';
    const train = key({ owner, scopes: ['train'] });
    // She may issue keys for others, and uses no quota of theirs by that.
    await expect(service().issue(train, grace)).rejects.toThrow(
      /scopes: a key with 'train' uses the quota of 'group:default\/vision'/,
    );
    const { id } = await service().issue(key({ owner }), grace);
    await expect(service().setScopes(id, ['train'], grace)).rejects.toThrow(
      /only people who belong to it give one/,
    );
    expect(await service().setScopes(id, ['train'], ada)).toMatchObject({
      scopes: ['train'],
    });
    const [{ grant }] = await new KeyStore({ knex }).listGrants(NOW);
    expect(grant).toMatchObject({ owner, scopes: ['train'] });
    await expect(service().issue(train, ada)).resolves.toMatchObject({ owner });
  });

  it('lets nobody give a key more who may not call its models any more', async () => {
    const { id } = await service().issue(key({ scopes: ['versions'] }), ada);
    refused.push('ai-inference.model.invoke on production/digits');
    await expect(
      service().setScopes(id, ['versions', 'load'], ada),
    ).rejects.toThrow(/you need the permission 'ai-inference.model.invoke'/);
    await expect(service().setScopes(id, [], ada)).resolves.toMatchObject({
      scopes: [],
    });
  });

  it('shows and revokes the keys of its owners, page by page', async () => {
    const owner = 'group:default/vision';
    refused = [];
    for (const name of ['a', 'b', 'c']) {
      await service().issue(key({ name, owner }), grace);
    }
    await service().issue(key({ name: 'own', owner: EXISTING[0] }), grace);
    refused = ['ai-inference.key.revoke'];
    await knex('api_keys').where({ name: 'own' }).update({ owner: 'user:x/y' });

    const first = await service().list({ limit: 2 }, ada);
    expect(first.totalItems).toBe(3);
    const second = await service().list(
      { limit: 2, cursor: first.nextCursor },
      ada,
    );
    expect(second.nextCursor).toBeUndefined();
    const names = [...first.items, ...second.items].map(({ name }) => name);
    expect(names.sort()).toEqual(['a', 'b', 'c']);
    expect((await service().list({ limit: 9 }, grace)).totalItems).toBe(4);

    await expect(
      service().revoke(first.items[0].id, ada),
    ).resolves.toMatchObject({ revokedAt: expect.any(String) });
    const [own] = await knex('api_keys').where({ name: 'own' });
    await expect(service().revoke(own.id, ada)).rejects.toThrow(
      /'ai-inference.key.revoke'/,
    );
    await expect(
      service().list({ limit: 1, cursor: 'made-up' }, ada),
    ).rejects.toThrow(/cursor 'made-up'/);
  });
});
