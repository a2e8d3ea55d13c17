import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { insertMany } from './insertMany';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const COLUMNS = {
  name: 'text',
  count: 'bigint',
  score: 'double precision',
  good: 'boolean',
  at: 'timestamptz',
  tags: 'text[]',
  scores: 'double precision[]',
  facts: 'jsonb',
} as const;

describe('insertMany', () => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init('POSTGRES_18');
  });

  beforeEach(async () => {
    await knex.schema.dropTableIfExists('things');
    await knex.raw(
      `create table things (id bigserial primary key, name text unique, count bigint,
         score double precision, good boolean, at timestamptz, tags text[],
         scores double precision[], facts jsonb)`,
    );
  });

  const all = () => knex('things').orderBy('id');

  it('writes ten thousand rows in their order, by chunks', async () => {
    const queries: number[] = [];
    knex.on('query', ({ bindings }) => queries.push(bindings.length));
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      name: `n${index}`,
      count: index,
    }));
    const { name, count } = COLUMNS;
    expect(
      await insertMany(knex, {
        table: 'things',
        columns: { name, count },
        rows,
        chunkRows: 3_000,
      }),
    ).toEqual({ written: 10_000, rows: [] });
    knex.removeAllListeners('query');
    expect(queries).toEqual([2, 2, 2, 2]);
    const names = (await all()).map((row: { name: string }) => row.name);
    expect(names).toEqual(rows.map(row => row.name));
  });

  it('keeps values of every kind as they are', async () => {
    const at = new Date('2026-11-25T12:00:00.123Z');
    const odd = ['', 'NULL', '{}', '"', '\\', 'a,b', "it's", '\n', 'ä🙂'];
    await insertMany(knex, {
      table: 'things',
      columns: COLUMNS,
      rows: [
        {
          name: '"quoted", \\ and {braced} ?',
          count: 9_007_199_254_740_993n,
          score: NaN,
          good: false,
          at,
          tags: odd,
          scores: [0.1, NaN, -Infinity, null, 5e-324],
          facts: { list: odd, nothing: null },
        },
        { name: 'empty', tags: [], scores: [], facts: [] },
        { name: 'text', score: Infinity, facts: 'a "text"', count: null },
        {},
      ],
    });
    const [full, empty, text, nothing] = await all();
    expect(full).toMatchObject({
      name: '"quoted", \\ and {braced} ?',
      count: '9007199254740993',
      score: NaN,
      good: false,
      at,
      tags: odd,
      scores: [0.1, NaN, -Infinity, null, 5e-324],
      facts: { list: odd, nothing: null },
    });
    expect(empty).toMatchObject({ tags: [], scores: [], facts: [] });
    expect(text).toMatchObject({ score: Infinity, facts: 'a "text"' });
    expect({ ...nothing, id: 0 }).toEqual({
      id: 0,
      ...Object.fromEntries(Object.keys(COLUMNS).map(name => [name, null])),
    });
  });

  it('leaves or merges rows that exist, and says which it wrote', async () => {
    const { name, count, score } = COLUMNS;
    const write = async (merge: ('count' | 'score')[], value: number) => {
      const inserted = await insertMany<
        'name' | 'count' | 'score',
        { name: string }
      >(knex, {
        table: 'things',
        columns: { name, count, score },
        rows: ['a', 'b'].map(text => ({
          name: text,
          count: value,
          score: value,
        })),
        onConflict: { columns: ['name'], merge },
        returning: ['name'],
        chunkRows: 1,
      });
      expect(inserted.written).toBe(inserted.rows.length);
      return inserted.rows.map(row => row.name);
    };
    expect(await write([], 1)).toEqual(['a', 'b']);
    expect(await write([], 2)).toEqual([]);
    expect(await write(['count'], 3)).toEqual(['a', 'b']);
    expect(await all()).toMatchObject([
      { name: 'a', count: '3', score: 1 },
      { name: 'b', count: '3', score: 1 },
    ]);
  });

  it('writes nothing for no rows, and names a column that cannot hold a value', async () => {
    const options = { table: 'things', columns: { name: 'text' } };
    expect(await insertMany(knex, { ...options, rows: [] })).toEqual({
      written: 0,
      rows: [],
    });
    await expect(
      insertMany(knex, { ...options, rows: [{ name: { first: 'a' } }] }),
    ).rejects.toThrow("The column 'name' of the type 'text' cannot hold");
    expect(await all()).toEqual([]);
  });
});
