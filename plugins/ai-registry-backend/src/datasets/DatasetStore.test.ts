import type { Digest } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { type DatasetFields, DatasetStore } from './DatasetStore';
import {
  type DatasetVersionFields,
  DatasetVersionStore,
} from './DatasetVersionStore';

jest.setTimeout(60_000);

const databases = registryDatabases();
const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

describe('the stores of datasets', () => {
  let knex: Knex;
  let datasets: DatasetStore;
  let versions: DatasetVersionStore;

  beforeAll(async () => {
    knex = await databases.open();
    datasets = new DatasetStore({ knex });
    versions = new DatasetVersionStore({ knex });
  });

  beforeEach(async () => {
    await knex('dataset_versions').delete();
    await knex('datasets').delete();
  });

  const insert = (dataset: Partial<DatasetFields> & { name: string }) =>
    knex.transaction(tx =>
      datasets.insert(tx, {
        title: dataset.name,
        description: '',
        owner: 'group:default/team',
        tags: {},
        createdBy: 'user:default/ada',
        ...dataset,
      }),
    );

  const addVersion = (
    dataset: string,
    version: Partial<DatasetVersionFields> = {},
  ) =>
    knex.transaction(async tx => {
      const number = await datasets.takeVersionNumber(tx, dataset);
      await versions.insert(tx, {
        dataset,
        version: number,
        description: '',
        kind: 'stored',
        digest: digestOf('a'),
        fileDigest: digestOf('b'),
        schemaDigest: digestOf('c'),
        format: 'csv',
        rows: 3_000_000_000,
        columns: [{ name: 'id', type: 'integer' }],
        sizeBytes: 5_000_000_000,
        createdBy: 'user:default/ada',
        ...version,
      });
      return number;
    });

  it('give every dataset exactly once, in order, for any page size', async () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(name, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (names, limit) => {
          await knex('datasets').delete();
          for (const each of names) await insert({ name: each });
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await datasets.list({ limit, cursor });
            expect(page.totalItems).toBe(names.length);
            expect(page.items.length).toBeLessThanOrEqual(limit);
            seen.push(...page.items.map(item => item.name));
            cursor = page.nextCursor;
          } while (cursor);
          expect(new Set(seen).size).toBe(names.length);
          const { rows } = await knex.raw(
            'select name from datasets order by name',
          );
          expect(seen).toEqual(rows.map((row: { name: string }) => row.name));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('find by words, owner, tags, and what may be seen', async () => {
    await insert({ name: 'capitals', title: 'Capital cities' });
    await insert({
      name: 'digits',
      owner: 'group:default/others',
      tags: { task: 'vision' },
    });
    const namesOf = async (query: Parameters<typeof datasets.list>[0]) =>
      (await datasets.list(query)).items.map(({ name }) => name);
    expect(await namesOf({ search: 'CITIES capi' })).toEqual(['capitals']);
    expect(await namesOf({ search: 'it' })).toEqual(['capitals', 'digits']);
    expect(await namesOf({ search: 'cities digits' })).toEqual([]);
    expect(await namesOf({ owner: 'group:default/others' })).toEqual([
      'digits',
    ]);
    expect(await namesOf({ tags: ['task=vision'] })).toEqual(['digits']);
    expect(
      await namesOf({ visible: { ownerIn: ['group:default/team'] } }),
    ).toEqual(['capitals']);
    await expect(datasets.list({ cursor: 'nonsense' })).rejects.toMatchObject({
      name: 'InputError',
    });
  });

  it('use the index for a few words among many datasets', async () => {
    await knex.raw(
      `insert into datasets (name, title, description, owner, tags, created_at, created_by, updated_at)
       select 'set-' || i, 'Set ' || md5(i::text), '', 'group:default/team', '{}', now(), 'user:default/ada', now()
       from generate_series(1, 10000) as i`,
    );
    await knex.raw('analyze datasets');
    const { items, totalItems } = await datasets.list({
      search: 'set-9876',
    });
    expect(items.map(({ name }) => name)).toEqual(['set-9876']);
    expect(totalItems).toBe(1);
    const { rows } = await knex.raw(
      `explain select * from datasets where name > 'set-5' order by name limit 51`,
    );
    expect(JSON.stringify(rows)).toContain('datasets_pkey');
  });

  it('number versions, give them newest first, and keep large numbers', async () => {
    await insert({ name: 'capitals' });
    for (let i = 0; i < 3; i += 1) await addVersion('capitals');
    const first = await versions.list('capitals', { limit: 2 });
    expect(first.items.map(({ version }) => version)).toEqual([3, 2]);
    expect(first.totalItems).toBe(3);
    expect(first.items[0]).toMatchObject({
      rows: 3_000_000_000,
      sizeBytes: 5_000_000_000,
    });
    const second = await versions.list('capitals', {
      limit: 2,
      cursor: first.nextCursor,
    });
    expect(second.items.map(({ version }) => version)).toEqual([1]);
    expect(second.nextCursor).toBeUndefined();
    await expect(
      versions.get({ dataset: 'capitals', version: 4 }),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(
      knex.transaction(tx => datasets.takeVersionNumber(tx, 'nothing')),
    ).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('find versions by their digest or that of their file, the newest first', async () => {
    await insert({ name: 'one' });
    await insert({ name: 'two' });
    await addVersion('one');
    await addVersion('two', { digest: digestOf('d') });
    await addVersion('two', {
      digest: digestOf('e'),
      fileDigest: digestOf('f'),
    });
    const found = async (letter: string) =>
      (await versions.findByDigest(digestOf(letter))).map(
        ({ dataset, version }) => `${dataset} ${version}`,
      );
    expect(await found('a')).toEqual(['one 1']);
    expect(await found('b')).toEqual(['two 1', 'one 1']);
    expect(await found('f')).toEqual(['two 2']);
    expect(await found('c')).toEqual([]);
  });

  it('take no version that is half stored and half external', async () => {
    await insert({ name: 'one' });
    const external = {
      kind: 'external',
      uri: 's3://bucket/rows',
      fileDigest: undefined,
      schemaDigest: undefined,
      format: undefined,
      rows: undefined,
      columns: undefined,
      sizeBytes: undefined,
    } as const;
    await expect(addVersion('one', external)).resolves.toBe(1);
    await expect(
      addVersion('one', { ...external, format: 'csv' }),
    ).rejects.toThrow(/dataset_versions_kind_check/);
    await expect(addVersion('one', { uri: 's3://x/y' })).rejects.toThrow(
      /dataset_versions_kind_check/,
    );
  });
});
