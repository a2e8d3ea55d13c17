import { mockServices } from '@backstage/backend-test-utils';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import {
  AiRegistryClient,
  DEFAULT_ENVIRONMENTS,
} from '@greenroom/plugin-ai-registry-common';
import { modelEntities } from './registryEntities';
import { RegistryEntityProvider } from './RegistryEntityProvider';

const OPTIONS = {
  pageOf: (name: string) => `http://portal/models/${name}`,
  environments: DEFAULT_ENVIRONMENTS,
};

/** A registry with these models that answers like the real one: two a page. */
function registryWith(models: Map<string, string>, onList = async () => {}) {
  const answer = (body: object, status = 200) =>
    new Response(JSON.stringify(body), {
      status,
      headers: { 'Content-Type': 'application/json' },
    });
  const toModel = (name: string) => ({
    name,
    title: models.get(name),
    description: '',
    task: 'regression',
    owner: 'group:default/health-team',
    tags: {},
    versionCount: 0,
    aliases: [],
  });
  const fetchMock = async (input: RequestInfo | URL, init?: RequestInit) => {
    expect(new Headers(init?.headers).get('Authorization')).toMatch(/^Bearer /);
    const url = new URL(String(input));
    const name = url.pathname.split('/models/')[1];
    if (name === 'unreachable' && models.get(name) !== 'reachable again')
      throw new Error('registry is down');
    if (name === undefined) {
      const names = [...models.keys()];
      const start = Number(url.searchParams.get('cursor') ?? 0);
      const items = names.slice(start, start + 2).map(toModel);
      await onList();
      return answer({
        items,
        totalItems: names.length,
        ...(start + 2 < names.length && { nextCursor: String(start + 2) }),
      });
    }
    return models.has(name)
      ? answer(toModel(name))
      : answer({ error: { name: 'NotFoundError', message: 'gone' } }, 404);
  };
  return new AiRegistryClient({
    discoveryApi: { getBaseUrl: async () => 'http://registry' },
    fetchApi: { fetch: fetchMock },
  });
}

async function connect(registry: AiRegistryClient) {
  const provider = new RegistryEntityProvider({
    entities: modelEntities({ registry, ...OPTIONS }),
    auth: mockServices.auth({ pluginId: 'catalog' }),
  });
  const mutations: EntityProviderMutation[] = [];
  await provider.connect({
    applyMutation: async mutation => {
      mutations.push(mutation);
    },
    refresh: async () => {},
  });
  return { provider, mutations };
}

const titlesOf = (mutation: EntityProviderMutation) =>
  (mutation.type === 'full' ? mutation.entities : mutation.added).map(item =>
    'entity' in item ? item.entity.metadata.title : undefined,
  );

describe('RegistryEntityProvider', () => {
  it('puts all pages of models into the catalog', async () => {
    const { provider, mutations } = await connect(
      registryWith(
        new Map([
          ['a', 'A'],
          ['b', 'B'],
          ['c', 'C'],
          ['d', 'D'],
          ['e', 'E'],
        ]),
      ),
    );
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
    expect(mutations[0].type).toBe('full');
    expect(titlesOf(mutations[0])).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  it('updates changed models, and removes those that are gone, in one turn', async () => {
    const models = new Map([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    const { provider, mutations } = await connect(registryWith(models));
    ['a', 'b', 'gone', 'a'].forEach(name => provider.markChanged(name));
    await provider.syncChanged();
    expect(mutations).toHaveLength(1);
    expect(titlesOf(mutations[0])).toEqual(['A', 'B']);
    expect(mutations[0]).toMatchObject({
      type: 'delta',
      removed: [
        { entityRef: 'resource:default/gone', locationKey: 'ai-registry' },
      ],
    });
    await provider.syncChanged();
    expect(mutations).toHaveLength(1);
  });

  it('lets a change go ahead of a long list that is still read', async () => {
    const models = new Map([['a', 'old']]);
    let release = () => {};
    const listed = new Promise<void>(resolve => {
      release = resolve;
    });
    const { provider, mutations } = await connect(
      registryWith(models, () => listed),
    );
    const all = provider.syncAll();
    models.set('a', 'new');
    provider.markChanged('a');
    await provider.syncChanged();
    expect(mutations.map(({ type }) => type)).toEqual(['delta']);
    release();
    await all;
  });

  it('does not let an old list undo a newer change', async () => {
    const models = new Map([
      ['a', 'old'],
      ['gone', 'Gone'],
    ]);
    const { provider, mutations } = await connect(
      registryWith(models, async () => {
        // The page has been read by now.
        models.set('a', 'new');
        models.delete('gone');
        ['a', 'gone'].forEach(name => provider.markChanged(name));
      }),
    );
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
    expect(titlesOf(mutations[0])).toEqual(['new']);
  });

  it('keeps a change in mind that could not be brought over', async () => {
    const models = new Map([['unreachable', 'A']]);
    const { provider, mutations } = await connect(registryWith(models));
    provider.markChanged('unreachable');
    await expect(provider.syncChanged()).rejects.toThrow('registry is down');
    expect(mutations).toEqual([]);
    models.set('unreachable', 'reachable again');
    await provider.syncChanged();
    expect(mutations.map(titlesOf)).toEqual([['reachable again']]);
  });

  it('goes on after the registry failed', async () => {
    let down = true;
    const { provider, mutations } = await connect(
      registryWith(new Map([['a', 'A']]), async () => {
        if (down) throw new Error('registry is down');
      }),
    );
    await expect(provider.syncAll()).rejects.toThrow('registry is down');
    down = false;
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
  });

  it('refuses to work before the catalog has connected', async () => {
    const provider = new RegistryEntityProvider({
      entities: modelEntities({
        registry: registryWith(new Map()),
        ...OPTIONS,
      }),
      auth: mockServices.auth({ pluginId: 'catalog' }),
    });
    await expect(provider.syncAll()).rejects.toThrow(/not connected/);
  });
});
