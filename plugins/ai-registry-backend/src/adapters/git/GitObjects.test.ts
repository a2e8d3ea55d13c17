import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { GitObjects } from './GitObjects';
import { GREENROOM } from './GitWriter';
import { openGit, type OpenedRepository } from './openGit';
import { MAIN_REF } from './refs';
import { runGit } from './runGit';
import { Trees } from './Trees';

const run = promisify(execFile);
const AUTHOR = { name: 'Ada', email: 'ada@example.com' };
const NOBODY = '0'.repeat(40);

describe.each(['sha1', 'sha256'])('GitObjects, with %s', format => {
  let folder: string;
  let opened: OpenedRepository;
  let objects: GitObjects;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'git-objects-'));
    await run('git', [
      'init',
      '-q',
      '--bare',
      `--object-format=${format}`,
      folder,
    ]);
    opened = openGit(folder);
    objects = new GitObjects(opened.git);
  });
  afterEach(async () => {
    await Promise.all([objects.close(), opened.close()]);
    await rm(folder, { recursive: true });
  });

  const git = async (...args: string[]) =>
    (await runGit({ gitDirectory: folder, args })).stdout.toString();

  const commit = (
    parent: string | undefined,
    files: Record<string, string | undefined>,
  ) =>
    opened.writer.commitFiles({
      parent,
      changes: Object.entries(files).map(([file, content]) => ({
        path: file,
        content,
      })),
      message: 'A change',
      author: AUTHOR,
    });

  it('writes folders and commits as Git does', async () => {
    const first = await commit(undefined, {
      'a/b/c.yaml': 'c',
      'a.txt': 'a',
      'a/d.yaml': 'd',
      ab: 'ab',
      'ü/ß.yaml': 'ü',
    });
    const second = await commit(first, {
      'a/b/c.yaml': undefined,
      'a/d.yaml': 'D',
      'ab/now-a-folder': 'x',
      'not/there': undefined,
    });
    await git('fsck', '--strict', '--no-dangling');
    expect(
      await git(
        '-c',
        'core.quotePath=false',
        'ls-tree',
        '-r',
        '--name-only',
        first,
      ),
    ).toBe('a.txt\na/b/c.yaml\na/d.yaml\nab\nü/ß.yaml\n');
    expect(
      await git(
        '-c',
        'core.quotePath=false',
        'ls-tree',
        '-r',
        '--name-only',
        second,
      ),
    ).toBe('a.txt\na/d.yaml\nab/now-a-folder\nü/ß.yaml\n');
    expect(await git('log', '--format=%an %ae %cn %s %P', '-1', second)).toBe(
      `Ada ada@example.com ${GREENROOM.name} A change ${first}\n`,
    );
    // Git's own index comes to the same folder.
    const index = { GIT_INDEX_FILE: path.join(folder, 'test-index') };
    const args = (...of: string[]) => ({
      gitDirectory: folder,
      args: of,
      environment: index,
    });
    await runGit(args('read-tree', second));
    const { stdout } = await runGit(args('write-tree'));
    expect(await git('rev-parse', `${second}^{tree}`)).toBe(stdout.toString());
    expect(await opened.repository.changedPaths(first, second)).toEqual(
      (
        await git(
          'diff-tree',
          '-r',
          '-z',
          '--name-only',
          '--no-renames',
          first,
          second,
        )
      )
        .split('\0')
        .filter(Boolean),
    );
    expect(
      (await readdir(folder)).filter(name => name.startsWith('greenroom-')),
    ).toEqual([]);
  });

  it('leaves names alone that are no UTF-8', async () => {
    const odd = Buffer.from([0x66, 0xff, 0x6f]).toString('latin1');
    const blob = await objects.write('blob', Buffer.from('odd'));
    const tree = await objects.write(
      'tree',
      Buffer.concat([
        Buffer.from(`100644 ${odd}\0`, 'latin1'),
        Buffer.from(blob, 'hex'),
      ]),
    );
    const changed = await new Trees(objects).write(tree, [
      { path: 'plain', content: 'plain' },
    ]);
    const entries = await objects.tree(changed);
    expect(entries?.map(({ name }) => name)).toEqual([odd, 'plain']);
  });

  it.each(['../up', 'a//b', '.git/config', 'a/.GIT/x', 'a/./b', ''])(
    'refuses to write %j',
    async file => {
      await expect(commit(undefined, { [file]: 'x' })).rejects.toThrow(
        `Invalid path '${file}'`,
      );
    },
  );

  it('tells what is missing from what is there', async () => {
    const revision = await commit(undefined, { 'a/b': 'b' });
    const { repository } = opened;
    expect(await objects.find(NOBODY)).toBeUndefined();
    expect(await repository.resolve('refs/heads/nothing')).toBeUndefined();
    expect(await repository.readFile({ revision, path: 'a/b' })).toBe('b');
    expect(await repository.readFile({ revision, path: 'a' })).toBeUndefined();
    expect(
      await repository.readFile({ revision, path: 'a/c' }),
    ).toBeUndefined();
    for (const file of ['./a/b', '../a/b', 'a/b/', '']) {
      expect(
        await repository.readFile({ revision, path: file }),
      ).toBeUndefined();
    }
    await expect(
      repository.readFile({
        revision: 'f'.repeat(revision.length),
        path: 'a/b',
      }),
    ).rejects.toThrow('there is no');
  });

  it.each(['refs/heads/main\nrefs/heads/other', 'main\0x', 'main\r'])(
    'refuses to ask for %j',
    async name => {
      const revision = await commit(undefined, { a: 'a' });
      await opened.writer.updateRef({
        ref: MAIN_REF,
        from: undefined,
        to: revision,
      });
      await expect(opened.repository.resolve(name)).rejects.toThrow(
        'expected no control characters',
      );
    },
  );

  it('sees what others push, fetch and pack meanwhile', async () => {
    const { repository, writer } = opened;
    const first = await commit(undefined, { a: '1' });
    await writer.updateRef({ ref: MAIN_REF, from: undefined, to: first });
    expect(await repository.resolve(MAIN_REF)).toBe(first);
    const clone = path.join(folder, 'clone');
    await run('git', ['clone', '-q', '-b', 'main', folder, clone]);
    const there = async (...args: string[]) =>
      (
        await run('git', [
          '-C',
          clone,
          '-c',
          'user.name=H',
          '-c',
          'user.email=h@e',
          ...args,
        ])
      ).stdout.trim();
    const push = async (content: string) => {
      await writeFile(path.join(clone, 'a'), content);
      await there('commit', '-qam', content);
      await there('push', '-q', 'origin', 'main');
      return there('rev-parse', 'HEAD');
    };
    const second = await push('2');
    expect(await repository.resolve(MAIN_REF)).toBe(second);
    // Refs and objects move into packs, and the loose ones go.
    await git('pack-refs', '--all');
    await git('gc', '-q', '--prune=now');
    expect(await repository.resolve(MAIN_REF)).toBe(second);
    expect(await repository.readFile({ revision: 'main', path: 'a' })).toBe(
      '2',
    );
    // The next push comes as a pack, which the process has not seen.
    await git('config', 'receive.unpackLimit', '1');
    const third = await push('3');
    expect(await repository.resolve(MAIN_REF)).toBe(third);
    expect(await repository.readFile({ revision: third, path: 'a' })).toBe('3');
    await git('repack', '-adq');
    const fourth = await push('4');
    expect(await repository.readFile({ revision: 'main', path: 'a' })).toBe(
      '4',
    );
    expect(await repository.readFile({ revision: first, path: 'a' })).toBe('1');
    expect(await repository.contributors(second, fourth)).toEqual([
      { name: 'H', email: 'h@e' },
    ]);
  });

  it('reads an object of many megabytes, and refuses one that is larger than any manifest', async () => {
    const content = 'x'.repeat(12 * 1024 * 1024);
    const revision = await commit(undefined, {
      large: content,
      larger: 'y'.repeat(33 * 1024 * 1024),
      small: 'small',
    });
    const { repository } = opened;
    const [large, larger, small] = await Promise.allSettled(
      ['large', 'larger', 'small'].map(file =>
        repository.readFile({ revision, path: file }),
      ),
    );
    expect(large).toEqual({ status: 'fulfilled', value: content });
    expect(larger).toMatchObject({
      reason: {
        message: expect.stringContaining('has more than 33554432 bytes'),
      },
    });
    expect(small).toEqual({ status: 'fulfilled', value: 'small' });
  });

  it('answers questions about history as Git does', async () => {
    const { repository, writer } = opened;
    const base = await commit(undefined, { a: '1' });
    const branch = await commit(await commit(base, { b: '1' }), { b: '2' });
    const main = await commit(base, { a: '2' });
    const merged = await writer.commitTree({
      tree: (await git('rev-parse', `${branch}^{tree}`)).trim(),
      parents: [main, branch],
      message: 'Merge',
      author: AUTHOR,
    });
    const unrelated = await commit(undefined, { z: '1' });
    const all = [base, branch, main, merged, unrelated];
    for (const a of all) {
      for (const b of all) {
        const { stdout } = await runGit({
          gitDirectory: folder,
          args: ['merge-base', a, b],
          expectedExitCodes: [1],
        });
        const expected = stdout.toString().trim() || undefined;
        expect(await repository.mergeBase(a, b)).toBe(expected);
        expect(await repository.isAncestor(a, b)).toBe(expected === a);
        const log = await git('log', '--format=%ae', `${a}..${b}`);
        expect(await repository.contributors(a, b)).toEqual(
          log === '' ? [] : [AUTHOR],
        );
      }
    }
  });

  it('moves a ref only from where the caller saw it', async () => {
    const { writer, repository } = opened;
    const ref = 'refs/heads/promote/x';
    const [one, two] = [
      await commit(undefined, { a: '1' }),
      await commit(undefined, { a: '2' }),
    ];
    expect(await writer.updateRef({ ref, from: undefined, to: one })).toBe(
      true,
    );
    expect(await writer.updateRef({ ref, from: undefined, to: two })).toBe(
      false,
    );
    expect(await writer.updateRef({ ref, from: two, to: one })).toBe(true);
    expect(await writer.updateRef({ ref, from: one, to: two })).toBe(true);
    expect(await repository.resolve(ref)).toBe(two);
    expect(await writer.updateRef({ ref, from: one, to: undefined })).toBe(
      false,
    );
    expect(await writer.updateRef({ ref, from: two, to: undefined })).toBe(
      true,
    );
    expect(await repository.resolve(ref)).toBeUndefined();
    await expect(
      writer.updateRef({ ref: 'refs/heads/a..b', from: undefined, to: one }),
    ).rejects.toThrow('git update-ref failed');
  });
});
