import fc from 'fast-check';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { type ModelFields, ModelStore } from './ModelStore';

const databases = registryDatabases();

describe('ModelStore', () => {
  let knex: Knex;
  let store: ModelStore;

  beforeAll(async () => {
    knex = await databases.open();
    store = new ModelStore({ knex });
  });

  beforeEach(async () => {
    await knex('models').delete();
  });

  const insert = (model: Partial<ModelFields> & { name: string }) =>
    knex.transaction(tx =>
      store.insert(tx, {
        externalName: model.name,
        title: model.name,
        description: '',
        task: 'regression',
        owner: 'group:default/health-team',
        tags: {},
        createdBy: 'user:default/ada',
        ...model,
      }),
    );

  const namesOf = async (query: Parameters<ModelStore['list']>[0]) => {
    const { items, totalItems } = await store.list(query);
    expect(totalItems).toBe(items.length);
    return items.map(item => item.name);
  };

  it('gives every model exactly once, in order, for any page size', async () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (names, limit) => {
          await knex('models').delete();
          for (const each of names) await insert({ name: each });
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await store.list({ limit, cursor });
            expect(page.totalItems).toBe(names.length);
            expect(page.items.length).toBeLessThanOrEqual(limit);
            seen.push(...page.items.map(item => item.name));
            cursor = page.nextCursor;
          } while (cursor);
          expect([...seen].sort()).toEqual([...names].sort());
          const { rows } = await knex.raw(
            'select name from models order by name',
          );
          expect(seen).toEqual(rows.map((row: { name: string }) => row.name));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('does not skip or repeat when models come and go between pages', async () => {
    for (const name of ['b', 'd', 'f']) await insert({ name });
    const first = await store.list({ limit: 2 });
    await insert({ name: 'a' });
    await insert({ name: 'e' });
    await knex('models').where({ name: 'd' }).delete();
    const second = await store.list({ limit: 2, cursor: first.nextCursor });
    expect(second.items.map(({ name }) => name)).toEqual(['e', 'f']);
  });

  it('finds words in name, title, description and tags, all of them', async () => {
    await insert({ name: 'digits', title: 'Handwritten Numbers' });
    await insert({
      name: 'diabetes',
      description: 'Progression of 100% of_it',
    });
    await insert({ name: 'street', tags: { domain: 'Vision' } });
    await expect(namesOf({ search: 'NUMBERS' })).resolves.toEqual(['digits']);
    await expect(namesOf({ search: ' di  progress ' })).resolves.toEqual([
      'diabetes',
    ]);
    await expect(namesOf({ search: 'vision' })).resolves.toEqual(['street']);
    await expect(namesOf({ search: 'digits diabetes' })).resolves.toEqual([]);
    await expect(namesOf({ search: '100%' })).resolves.toEqual(['diabetes']);
    await expect(namesOf({ search: 'd_gits' })).resolves.toEqual([]);
    await expect(namesOf({ search: '' })).resolves.toHaveLength(3);
  });

  it('finds any part of a text, whatever it is made of', async () => {
    await knex.transaction(tx =>
      store.insert(tx, {
        name: 'text',
        externalName: 'text',
        title: 'Größe 🚦🚦 of A',
        description: 'a{b},"c"\\d null',
        task: 'regression',
        owner: 'group:default/health-team',
        tags: { 'a b': 'x' },
        createdBy: 'user:default/ada',
      }),
    );
    const text = `text größe 🚦🚦 of a a{b},"c"\\d null`;
    const characters = [...text];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(characters.length - 1),
        fc.integer({ min: 1, max: 9 }),
        async (from, length) => {
          const search = characters.slice(from, from + length).join('');
          await expect(namesOf({ search })).resolves.toEqual(['text']);
          await expect(namesOf({ search: `${search}#` })).resolves.toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads only the models that a search finds', async () => {
    await knex.raw(
      `insert into models (name, external_name, title, description, task, owner, tags, created_at, created_by, updated_at)
       select 'model-' || lpad(n::text, 5, '0'), 'model-' || n, 'Model ' || n, 'Filled in.', 'regression',
         'group:default/health-team', '{}', now(), 'user:default/ada', now()
       from generate_series(1, 5000) as n`,
    );
    await knex.raw('analyze models');
    const read = await knex.transaction(async tx => {
      const before = await countRead(tx);
      const page = await new ModelStore({ knex: tx }).list({
        search: 'Filled model-0123',
        limit: 50,
      });
      expect(page.totalItems).toBe(10);
      return (await countRead(tx)) - before;
    });
    // Once for the index, once for the page and once for the count of all.
    expect(read).toBe(3 * 10);
    const common = await store.list({ search: 'filled', limit: 5 });
    expect(common.totalItems).toBe(5_000);
  });

  it('filters by owner and by all tags', async () => {
    await insert({ name: 'a', tags: { stage: 'demo', size: '' } });
    await insert({ name: 'b', tags: { stage: 'demo', formula: 'x=1' } });
    await insert({ name: 'c', owner: 'user:default/grace' });
    await expect(namesOf({ owner: 'user:default/grace' })).resolves.toEqual([
      'c',
    ]);
    await expect(namesOf({ tags: ['stage=demo'] })).resolves.toEqual([
      'a',
      'b',
    ]);
    await expect(
      namesOf({ tags: ['stage=demo', 'formula=x=1'] }),
    ).resolves.toEqual(['b']);
    await expect(namesOf({ tags: ['size='] })).resolves.toEqual(['a']);
  });

  it('applies conditions of any nesting', async () => {
    await insert({ name: 'a', owner: 'group:default/a' });
    await insert({ name: 'b', owner: 'group:default/b' });
    await insert({ name: 'c', owner: 'group:default/c' });
    const ownedBy = (...teams: string[]) => ({
      ownerIn: teams.map(team => `group:default/${team}`),
    });
    await expect(namesOf({ visible: ownedBy('a', 'c') })).resolves.toEqual([
      'a',
      'c',
    ]);
    await expect(
      namesOf({ visible: { anyOf: [ownedBy('a'), ownedBy('b')] } }),
    ).resolves.toEqual(['a', 'b']);
    await expect(
      namesOf({
        visible: { allOf: [ownedBy('a', 'b'), { not: ownedBy('a') }] },
      }),
    ).resolves.toEqual(['b']);
    await expect(
      namesOf({
        search: 'c',
        visible: { anyOf: [ownedBy('a'), ownedBy('b')] },
      }),
    ).resolves.toEqual([]);
    await expect(namesOf({ visible: ownedBy() })).resolves.toEqual([]);
    await insert({ name: 'a-b' });
    await expect(
      namesOf({ visible: { nameLike: ['b', 'a-%'] } }),
    ).resolves.toEqual(['a-b', 'b']);
  });

  it('gives numbers without gaps to versions that come at once', async () => {
    await insert({ name: 'busy' });
    const numbers = await Promise.all(
      Array.from({ length: 20 }, () =>
        knex.transaction(tx => store.takeVersionNumber(tx, 'busy')),
      ),
    );
    expect(numbers.sort((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('knows no model that is not there', async () => {
    await expect(store.get('nobody')).rejects.toThrow(/no model 'nobody'/);
    await expect(
      knex.transaction(tx => store.lock(tx, 'nobody')),
    ).rejects.toThrow(/no model 'nobody'/);
    await expect(
      knex.transaction(tx => store.takeVersionNumber(tx, 'nobody')),
    ).rejects.toThrow(/no model 'nobody'/);
  });
});

/** Rows of `models` that were read, as far as the connection has not handed it in yet. */
async function countRead(tx: Knex): Promise<number> {
  const { rows } = await tx.raw(
    `select seq_tup_read + idx_tup_fetch as read
     from pg_stat_xact_user_tables where relname = 'models'`,
  );
  return Number(rows[0].read);
}
