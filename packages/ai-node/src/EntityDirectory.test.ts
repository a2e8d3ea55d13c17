import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  CatalogEntityDirectory,
  OWNER_KINDS,
  requireEntity,
} from './EntityDirectory';
import { OwnershipClaims } from './OwnershipClaims';

const entity = (kind: string, name: string) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { namespace: 'default', name },
});

describe('requireEntity', () => {
  const directory = new CatalogEntityDirectory({
    catalog: catalogServiceMock({
      entities: [entity('Group', 'vision'), entity('System', 'demo')],
    }),
    auth: mockServices.auth(),
  });
  const owner = (entityRef: string) =>
    requireEntity(directory, { field: 'owner', entityRef, kinds: OWNER_KINDS });

  it('writes what exists in full', async () => {
    await expect(owner('Group:Vision')).resolves.toBe('group:default/vision');
  });

  it('refuses what does not exist, or is of another kind, by the name of the field', async () => {
    await expect(owner('group:default/nobody')).rejects.toThrow(
      /owner: there is no 'group:default\/nobody' in the catalog/,
    );
    await expect(owner('system:default/demo')).rejects.toThrow(
      /owner: 'system:default\/demo' is a system: name a group or a user/,
    );
  });

  it('accepts nothing while the catalog is away', async () => {
    const catalog = catalogServiceMock.mock();
    catalog.getEntityByRef.mockRejectedValue(new Error('connection refused'));
    const away = new CatalogEntityDirectory({
      catalog,
      auth: mockServices.auth(),
    });
    await expect(
      requireEntity(away, {
        field: 'owner',
        entityRef: 'group:default/vision',
        kinds: OWNER_KINDS,
      }),
    ).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringMatching(/catalog does not answer/),
    });
  });
});

describe('OwnershipClaims', () => {
  const claims = new OwnershipClaims({
    userInfo: mockServices.userInfo({
      ownershipEntityRefs: ['user:default/ada', 'group:default/vision'],
    }),
    issuedTokens: { findByName: async () => undefined },
    config: new ConfigReader({
      backend: {
        auth: {
          externalAccess: [
            {
              type: 'greenroom',
              options: {
                name: 'ci',
                owner: 'group:default/vision',
                token: 'a-token-of-more-than-24-characters',
                scopes: [],
              },
            },
          ],
        },
      },
    }),
  });

  it("are a person's groups, a token's owner, and nothing for other programs", async () => {
    expect(await claims.of(mockCredentials.user('user:default/ada'))).toEqual([
      'user:default/ada',
      'group:default/vision',
    ]);
    expect(await claims.of(mockCredentials.service('greenroom:ci'))).toEqual([
      'group:default/vision',
    ]);
    for (const subject of ['greenroom:gone', 'ci', 'plugin:catalog']) {
      expect(await claims.of(mockCredentials.service(subject))).toEqual([]);
    }
  });
});
