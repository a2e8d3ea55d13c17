import type { Entity } from '@backstage/catalog-model';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { SourceEntityProvider } from './SourceEntityProvider';

interface Item {
  name: string;
  title: string;
  /** Whether it has an entity of another kind beside. */
  hasApi?: boolean;
}

const entityOf = (kind: string, { name, title }: Item): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, title },
});

/** Items by their name; what is unreachable fails until it is reachable again. */
async function connect(
  items: Map<string, Item>,
  onList: () => Promise<void> = async () => {},
) {
  const provider = new SourceEntityProvider<Item>({
    providerName: 'things',
    async list() {
      const listed = new Map(items);
      await onList();
      return listed;
    },
    async find(names) {
      return new Map(
        names.flatMap(name => {
          const item = items.get(name);
          if (item?.title === 'unreachable') {
            throw new Error('registry is down');
          }
          return item ? [[name, item] as const] : [];
        }),
      );
    },
    toEntities: item => [
      entityOf('Resource', item),
      ...(item.hasApi ? [entityOf('API', item)] : []),
    ],
    refsOf: name => [`resource:default/${name}`, `api:default/${name}`],
  });
  const mutations: EntityProviderMutation[] = [];
  const refreshed: string[][] = [];
  await provider.connect({
    applyMutation: async mutation => {
      mutations.push(mutation);
    },
    refresh: async ({ keys }) => {
      refreshed.push(keys);
    },
  });
  return { provider, mutations, refreshed };
}

const itemsOf = (...items: Item[]) =>
  new Map(items.map(item => [item.name, item]));

const titlesOf = (mutation: EntityProviderMutation) =>
  (mutation.type === 'full' ? mutation.entities : mutation.added).map(item =>
    'entity' in item ? item.entity.metadata.title : undefined,
  );

describe('SourceEntityProvider', () => {
  it('puts the entities of all things into the catalog', async () => {
    const { provider, mutations } = await connect(
      itemsOf(
        { name: 'a', title: 'A', hasApi: true },
        { name: 'b', title: 'B' },
      ),
    );
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
    expect(mutations[0].type).toBe('full');
    expect(titlesOf(mutations[0])).toEqual(['A', 'A', 'B']);
  });

  it('updates what has changed, and removes what is gone, of each kind', async () => {
    const { provider, mutations } = await connect(
      itemsOf(
        { name: 'a', title: 'A', hasApi: true },
        { name: 'b', title: 'B' },
      ),
    );
    ['a', 'b', 'gone', 'a'].forEach(name => provider.markChanged(name));
    await provider.syncChanged();
    expect(mutations).toHaveLength(1);
    expect(titlesOf(mutations[0])).toEqual(['A', 'A', 'B']);
    expect(mutations[0]).toMatchObject({
      type: 'delta',
      removed: [
        { entityRef: 'api:default/b', locationKey: 'ai-registry' },
        { entityRef: 'resource:default/gone', locationKey: 'ai-registry' },
        { entityRef: 'api:default/gone', locationKey: 'ai-registry' },
      ],
    });
    await provider.syncChanged();
    expect(mutations).toHaveLength(1);
  });

  it('lets a change go ahead of a long list that is still read', async () => {
    const items = itemsOf({ name: 'a', title: 'old' });
    let release = () => {};
    const listed = new Promise<void>(resolve => {
      release = resolve;
    });
    const { provider, mutations } = await connect(items, () => listed);
    const all = provider.syncAll();
    items.set('a', { name: 'a', title: 'new' });
    provider.markChanged('a');
    await provider.syncChanged();
    expect(mutations.map(({ type }) => type)).toEqual(['delta']);
    release();
    await all;
  });

  it('does not let an old list undo a newer change', async () => {
    const items = itemsOf(
      { name: 'a', title: 'old' },
      { name: 'gone', title: 'Gone' },
    );
    const { provider, mutations } = await connect(items, async () => {
      // The list has been read by now.
      items.set('a', { name: 'a', title: 'new' });
      items.delete('gone');
      ['a', 'gone'].forEach(name => provider.markChanged(name));
    });
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
    expect(titlesOf(mutations[0])).toEqual(['new']);
  });

  it('keeps a change in mind that could not be brought over', async () => {
    const items = itemsOf({ name: 'a', title: 'unreachable' });
    const { provider, mutations } = await connect(items);
    provider.markChanged('a');
    await expect(provider.syncChanged()).rejects.toThrow('registry is down');
    expect(mutations).toEqual([]);
    items.set('a', { name: 'a', title: 'reachable again' });
    await provider.syncChanged();
    expect(mutations.map(titlesOf)).toEqual([['reachable again']]);
  });

  it('goes on after the list could not be read', async () => {
    let down = true;
    const { provider, mutations } = await connect(
      itemsOf({ name: 'a', title: 'A' }),
      async () => {
        if (down) throw new Error('registry is down');
      },
    );
    await expect(provider.syncAll()).rejects.toThrow('registry is down');
    down = false;
    await provider.syncAll();
    expect(mutations).toHaveLength(1);
  });

  it('has entities processed again by the key that they have', async () => {
    const { provider, refreshed } = await connect(new Map());
    await provider.processAgain('unread');
    expect(refreshed).toEqual([['unread']]);
  });

  it('refuses to work before the catalog has connected', async () => {
    const provider = new SourceEntityProvider<Item>({
      providerName: 'things',
      list: async () => new Map(),
      find: async () => new Map(),
      toEntities: () => [],
      refsOf: () => [],
    });
    await expect(provider.syncAll()).rejects.toThrow(/not connected/);
  });
});
