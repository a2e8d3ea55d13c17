import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogPeople } from './CatalogPeople';

const ada = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'ada', namespace: 'default' },
  spec: {
    profile: { displayName: 'Ada L.', email: 'Ada@Example.com' },
    memberOf: [],
  },
};

describe('CatalogPeople', () => {
  const logger = mockServices.logger.mock();
  const catalog = catalogServiceMock({ entities: [ada] });
  const auth = mockServices.auth();
  const people = new CatalogPeople({ catalog, auth, logger });

  it('names authors as the catalog does, without their address', async () => {
    expect(await people.personOf('user:default/ada')).toEqual({
      name: 'Ada L.',
      email: 'user+default+ada@users.greenroom.invalid',
    });
    expect(await people.personOf('user:default/stranger')).toMatchObject({
      name: 'stranger',
    });
    expect(await people.personOf('service:external:ci')).toMatchObject({
      name: 'service:external:ci',
    });
  });

  it('knows who is behind a commit', async () => {
    const { email } = await people.personOf('user:default/ada');
    expect(await people.actorOf({ name: 'x', email })).toBe('user:default/ada');
    expect(await people.actorOf({ name: 'x', email: 'ada@example.com' })).toBe(
      'user:default/ada',
    );
    expect(
      await people.actorOf({ name: 'Bob', email: 'bob@example.com' }),
    ).toBe('Bob <bob@example.com>');
  });

  it('knows accounts of the Git host by the annotation of exactly one user, and by nothing else', async () => {
    const user = (name: string, login: string) => ({
      ...ada,
      metadata: {
        ...ada.metadata,
        name,
        annotations: { 'github.com/user-login': login },
      },
    });
    const entities = [
      user('ada', 'ada-l'),
      user('grace', 'twin'),
      user('linus', 'twin'),
    ];
    const withAccounts = new CatalogPeople({
      catalog: catalogServiceMock({ entities }),
      auth,
      logger,
      accountAnnotation: 'github.com/user-login',
    });
    const email = 'ada@example.com';
    const who = (account: string) =>
      withAccounts.actorOf({ name: account, email, account });
    expect(await who('Ada-L')).toBe('user:default/ada');
    expect(await who('twin')).toBe('twin <ada@example.com>');
    expect(await who('stranger')).toBe('stranger <ada@example.com>');
    expect(await people.actorOf({ name: 'Ada', email, account: 'ada-l' })).toBe(
      'Ada <ada@example.com>',
    );
  });

  it('knows what somebody belongs to', async () => {
    const relations = [
      { type: 'memberOf', targetRef: 'group:default/vision' },
      { type: 'ownerOf', targetRef: 'component:default/x' },
    ];
    const withGroups = new CatalogPeople({
      catalog: catalogServiceMock({ entities: [{ ...ada, relations }] }),
      auth,
      logger,
    });
    expect(await withGroups.membershipsOf('user:default/ada')).toEqual([
      'user:default/ada',
      'group:default/vision',
    ]);
    expect(await withGroups.membershipsOf('user:default/nobody')).toEqual([
      'user:default/nobody',
    ]);
  });

  it('makes do with the user name when the catalog does not answer', async () => {
    const broken = catalogServiceMock.mock();
    broken.getEntityByRef.mockRejectedValue(new Error('down'));
    broken.getEntities.mockRejectedValue(new Error('down'));
    const alone = new CatalogPeople({ catalog: broken, auth, logger });
    expect(await alone.personOf('user:default/ada')).toMatchObject({
      name: 'ada',
    });
    expect(logger.warn).toHaveBeenCalledTimes(1);
    // Whether somebody may approve depends on this one, so it must not guess.
    await expect(
      alone.actorOf({ name: 'x', email: 'x@example.com' }),
    ).rejects.toThrow('down');
  });
});
