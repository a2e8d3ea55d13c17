import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { OwnedModels } from './OwnedModels';

describe('OwnedModels', () => {
  const owners = ['user:default/ada', 'group:default/vision'];
  const create = (names: Record<string, string[]>, pageSize = 2) =>
    new OwnedModels({
      auth: mockServices.auth(),
      claims: { of: async () => owners },
      registry: {
        async listModels({ owner = '', cursor } = {}) {
          if (!(owner in names)) throw new Error('away');
          const start = Number(cursor ?? 0);
          const page = names[owner].slice(start, start + pageSize);
          return {
            items: page.map(name => ({
              name,
              externalName: name,
              title: name,
              description: '',
              task: 'classification',
              owner,
              tags: {},
              versionCount: 0,
              aliases: [],
              createdAt: '',
              createdBy: '',
              updatedAt: '',
            })),
            totalItems: names[owner].length,
            nextCursor:
              start + pageSize < names[owner].length
                ? String(start + pageSize)
                : undefined,
          };
        },
      },
    });

  it('are those of the person and of their groups, all pages of them', async () => {
    const owned = create({
      'user:default/ada': ['own'],
      'group:default/vision': ['a', 'b', 'c', 'd', 'e'],
    });
    expect(await owned.of(mockCredentials.user())).toEqual({
      models: ['own', 'a', 'b', 'c', 'd', 'e'],
      owners,
    });
  });

  it('are not guessed while the registry is away', async () => {
    await expect(create({}).of(mockCredentials.user())).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });
});
