import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import { scopedPermissions } from './scopedPermissions';
import { isLikeName, toLikePatterns } from './tokenTerms';

const snapshotRead = createPermission({
  name: 'ai-inference.snapshot.read',
  attributes: { action: 'read' },
  resourceType: 'ai-deployment',
});
const modelRead = createPermission({
  name: 'ai-registry.model.read',
  attributes: { action: 'read' },
  resourceType: 'ai-model',
});
const keyCreate = createPermission({
  name: 'ai-inference.key.create',
  attributes: { action: 'create' },
});

const config = new ConfigReader({
  backend: {
    auth: {
      externalAccess: [
        {
          type: 'greenroom',
          options: {
            name: 'data-plane-production',
            owner: 'group:default/ml-platform',
            token: 'a-token-of-more-than-24-characters',
            expiresAt: '2027-01-01',
            scopes: [
              { permission: 'ai-inference.snapshot.read', on: 'production/*' },
              {
                permission: 'ai-registry.model.read',
                on: ['*/digits', '*/a-b*', 'production/other'],
              },
            ],
          },
        },
      ],
    },
  },
});

describe('scopedPermissions', () => {
  const delegate = mockServices.permissions.mock({
    authorize: async requests =>
      requests.map(() => ({ result: AuthorizeResult.ALLOW })),
    authorizeConditional: async requests =>
      requests.map(() => ({ result: AuthorizeResult.ALLOW })),
  });
  let now = new Date('2026-11-25T12:00:00Z');
  const permissions = scopedPermissions({
    permissions: delegate,
    issuedTokens: { findByName: async () => undefined },
    config,
    clock: () => now,
  });
  const dataPlane = mockCredentials.service('greenroom:data-plane-production');

  const ask = async (
    credentials: Parameters<typeof permissions.authorize>[1]['credentials'],
    request: Parameters<typeof permissions.authorize>[0][number],
  ) => (await permissions.authorize([request], { credentials }))[0].result;
  const readIn = (environment: string) => ({
    permission: snapshotRead,
    resourceRef: `${environment}/*`,
  });

  it('lets a token do what its scopes say, where they say it', async () => {
    expect(await ask(dataPlane, readIn('production'))).toBe('ALLOW');
    expect(await ask(dataPlane, readIn('staging'))).toBe('DENY');
    expect(await ask(dataPlane, { permission: keyCreate })).toBe('DENY');
    const listing = [{ permission: snapshotRead }];
    const options = { credentials: dataPlane };
    expect(await permissions.authorizeConditional(listing, options)).toEqual([
      { result: 'DENY' },
    ]);
  });

  it('lists for a token the things that its scopes name', async () => {
    const [decision] = await permissions.authorizeConditional(
      [{ permission: modelRead }],
      { credentials: dataPlane },
    );
    expect(decision).toEqual({
      result: 'CONDITIONAL',
      pluginId: 'ai-registry',
      resourceType: 'ai-model',
      conditions: {
        rule: 'IS_NAMED',
        resourceType: 'ai-model',
        params: { patterns: ['digits', 'a-b*'] },
      },
    });
    expect(toLikePatterns(['digits', 'a_b*'])).toEqual(['digits', 'a\\_b%']);
    expect(isLikeName(['digits', 'a_b*'], 'a_bc')).toBe(true);
    expect(isLikeName(['digits', 'a_b*'], 'axbc')).toBe(false);
  });

  it('refuses a token that has lapsed, and one that is configured no more', async () => {
    now = new Date('2027-01-01T00:00:00Z');
    expect(await ask(dataPlane, readIn('production'))).toBe('DENY');
    now = new Date('2026-11-25T12:00:00Z');
    const gone = mockCredentials.service('greenroom:gone');
    expect(await ask(gone, readIn('production'))).toBe('DENY');
  });

  it('gives other programs nothing but what their restrictions name', async () => {
    const plain = mockCredentials.service('data-plane');
    expect(await ask(plain, readIn('production'))).toBe('DENY');
    const named = mockCredentials.service('ci', {
      permissionNames: ['ai-inference.key.create'],
    });
    expect(await ask(named, { permission: keyCreate })).toBe('ALLOW');
    expect(await ask(named, readIn('production'))).toBe('DENY');
    const readers = mockCredentials.service('reader', {
      permissionAttributes: { action: ['read'] },
    });
    expect(await ask(readers, readIn('production'))).toBe('ALLOW');
    expect(await ask(readers, { permission: keyCreate })).toBe('DENY');
  });

  it('leaves people and plugins of this backend to the permission service', async () => {
    for (const credentials of [
      mockCredentials.user(),
      mockCredentials.none(),
      mockCredentials.service('plugin:ai-monitoring'),
    ]) {
      expect(await ask(credentials, { permission: keyCreate })).toBe('ALLOW');
    }
  });
});
