import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import { userRefOf } from './credentials';
import { requirePermission } from './requirePermission';

const permission = createPermission({
  name: 'shelf.book.lend',
  attributes: { action: 'update' },
  resourceType: 'book',
});

describe('requirePermission', () => {
  it('passes the caller and the resource on', async () => {
    const permissions = mockServices.permissions.mock({
      authorize: jest.fn(async () => [{ result: AuthorizeResult.ALLOW }]),
    });
    const credentials = mockCredentials.user();
    await requirePermission(permissions, {
      credentials,
      permission,
      resourceRef: 'emma',
    });
    expect(permissions.authorize).toHaveBeenCalledWith(
      [{ permission, resourceRef: 'emma' }],
      { credentials },
    );
  });

  it('refuses with the permission and the resource by name', async () => {
    const permissions = mockServices.permissions.mock({
      authorize: jest.fn(async () => [{ result: AuthorizeResult.DENY }]),
    });
    await expect(
      requirePermission(permissions, {
        credentials: mockCredentials.user(),
        permission,
        resourceRef: 'emma',
      }),
    ).rejects.toThrow(/'shelf.book.lend' on 'emma'/);
  });
});

describe('what a refused program is told', () => {
  const refusal = (subject: string) =>
    requirePermission(
      mockServices.permissions.mock({
        authorize: async () => [{ result: AuthorizeResult.DENY }],
      }),
      {
        credentials: mockCredentials.service(subject),
        permission,
        resourceRef: 'production/emma',
      },
    );

  it('names the scope that its token lacks', async () => {
    await expect(refusal('greenroom:reader')).rejects.toThrow(
      /token 'reader' needs a scope .*'shelf.book.lend' on 'production\/emma'/,
    );
  });

  it('says how a token from before there were scopes is declared now', async () => {
    await expect(refusal('data-plane')).rejects.toThrow(
      /'data-plane' has no scopes.*type 'greenroom', as docs\/operations.md/,
    );
  });
});

describe('userRefOf', () => {
  it('names users, services, and nobody', () => {
    expect(userRefOf(mockCredentials.user('user:default/ada'))).toBe(
      'user:default/ada',
    );
    expect(userRefOf(mockCredentials.service('external:data-plane'))).toBe(
      'service:external:data-plane',
    );
    expect(userRefOf(mockCredentials.service('greenroom:ci'))).toBe(
      'service:ci',
    );
    expect(() => userRefOf(mockCredentials.none())).toThrow(/no identity/);
  });
});
