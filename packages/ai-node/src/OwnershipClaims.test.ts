import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { OwnershipClaims } from './OwnershipClaims';

const claims = new OwnershipClaims({
  userInfo: mockServices.userInfo(),
  config: mockServices.rootConfig(),
  issuedTokens: {
    findByName: async name =>
      name === 'trainer'
        ? {
            name,
            owner: 'group:default/vision',
            scopes: [],
            plugins: [],
            hash: Buffer.alloc(32),
          }
        : undefined,
  },
});

describe('OwnershipClaims', () => {
  it('knows who owns what is made without an owner', async () => {
    await expect(
      claims.ownerFor(mockCredentials.user('user:default/ada')),
    ).resolves.toBe('user:default/ada');
    await expect(
      claims.ownerFor(mockCredentials.service('greenroom:trainer')),
    ).resolves.toBe('group:default/vision');
    for (const credentials of [
      mockCredentials.service('plugin:catalog'),
      mockCredentials.service('greenroom:nobody'),
      mockCredentials.none(),
    ]) {
      await expect(claims.ownerFor(credentials)).rejects.toThrow(/^owner: /);
    }
  });
});
