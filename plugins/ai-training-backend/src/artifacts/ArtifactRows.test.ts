import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { ArtifactRows } from './ArtifactRows';

jest.setTimeout(60_000);

const databases = trainingDatabases();
const digest = (digit: number): Digest => `sha256:${String(digit).repeat(64)}`;

describe('ArtifactRows', () => {
  let knex: Knex;
  let rows: ArtifactRows;

  beforeEach(async () => {
    knex = await databases.open();
    rows = new ArtifactRows({ knex });
  });
  afterEach(() => knex.destroy());

  const put = (
    path: string,
    fields: { digest?: Digest; experiment?: string } = {},
  ) =>
    rows.put({
      experiment: '0',
      path,
      digest: digest(1),
      sizeBytes: path.length,
      updatedBy: 'user:default/ada',
      ...fields,
    });
  const listAll = async (folder: string, limit = 2) => {
    const names: string[] = [];
    let from: string | undefined;
    do {
      const page = await rows.list('0', folder, { from, limit });
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      names.push(
        ...page.entries.map(({ name, isFolder }) =>
          isFolder ? `${name}/` : name,
        ),
      );
      from = page.next;
    } while (from !== undefined);
    return names;
  };

  it('lists what lies directly in a folder', async () => {
    for (const path of [
      'r/artifacts/a',
      'r/artifacts/a-b',
      'r/artifacts/model/x/y/z',
      'r/artifacts/model/MLmodel',
      'r/artifacts/model0',
      'r/artifacts/model.txt',
      'r/artifacts/größe/😀',
      'r/artifacts/größe/ß/x',
      'r/artifactsx',
      's/artifacts/other',
    ]) {
      await put(path);
    }
    const all = ['a', 'a-b', 'größe/', 'model.txt', 'model/', 'model0'];
    for (const limit of [1, 2, 5, 6, 7, 100]) {
      expect(await listAll('r/artifacts', limit)).toEqual(all);
    }
    expect(await listAll('r/artifacts/größe')).toEqual(['ß/', '😀']);
    expect(await listAll('r/artifacts/model')).toEqual(['MLmodel', 'x/']);
    expect(await listAll('r/artifacts/nothing')).toEqual([]);
    expect(await listAll('r/artifacts/model/MLmodel')).toEqual([]);
    expect(
      (await rows.list('0', 'r/artifacts/model', { limit: 1 })).entries,
    ).toEqual([
      {
        name: 'MLmodel',
        isFolder: false,
        sizeBytes: 'r/artifacts/model/MLmodel'.length,
      },
    ]);
    expect((await rows.list('1', 'r/artifacts', { limit: 9 })).entries).toEqual(
      [],
    );
  });

  it('passes over what lies deeper', async () => {
    await knex.raw(
      `insert into artifacts (experiment, path, digest, size_bytes, updated_by)
       select 0, 'r/artifacts/' || d || '/' || n, 'sha256:x', 1, 'x'
       from generate_series(1, 3) d, generate_series(1, 10000) n`,
    );
    await knex.raw('analyze artifacts');
    const start = performance.now();
    expect(await listAll('r/artifacts', 1_000)).toEqual(['1/', '2/', '3/']);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('puts a file in the place of another', async () => {
    await put('r/artifacts/a');
    await put('r/artifacts/a', { digest: digest(2) });
    expect(await rows.find('0', 'r/artifacts/a')).toEqual({
      digest: digest(2),
      sizeBytes: 13,
    });
    expect(await rows.findUsed([digest(1), digest(2)])).toEqual([digest(2)]);
  });

  it('has no file and folder of one name', async () => {
    await put('r/artifacts/a/b');
    await expect(put('r/artifacts/a')).rejects.toThrow(
      "Invalid path 'r/artifacts/a': it is a folder, in which 'r/artifacts/a/b' lies",
    );
    await expect(put('r/artifacts/a/b/c/d')).rejects.toThrow(
      "'r/artifacts/a/b' is a file, and so can have nothing in it",
    );
    await put('r/artifacts/a0');
  });

  it('removes a file, or all in a folder', async () => {
    for (const name of ['a', 'b/c', 'b/d/e', 'b.txt', 'b0']) {
      await put(`r/artifacts/${name}`);
    }
    await rows.delete('0', 'r/artifacts/b');
    expect(await listAll('r/artifacts')).toEqual(['a', 'b.txt', 'b0']);
    await rows.delete('0', 'r/artifacts/a');
    await rows.delete('0', 'r/artifacts/nothing');
    expect(await listAll('r/artifacts')).toEqual(['b.txt', 'b0']);
  });
});
