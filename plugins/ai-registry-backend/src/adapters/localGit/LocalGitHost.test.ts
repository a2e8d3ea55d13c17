import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { execFile } from 'node:child_process';
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Knex } from 'knex';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import { eachChangeRequest } from '../../environments/eachChangeRequest';
import {
  gitHostConformance,
  type GitHostUnderTest,
} from '../../environments/testing/gitHostConformance';
import { createClone } from '../git/__testUtils__/createClone';
import { layRepository } from './__testUtils__/layRepository';
import { LocalGitHost } from './LocalGitHost';

jest.setTimeout(60_000);

const run = promisify(execFile);
const author = { name: 'Ada', email: 'ada@example.com' };
const databases = registryDatabases();

describe('LocalGitHost', () => {
  let folder: string;
  let directory: string;
  let knex: Knex;
  const opened: LocalGitHost[] = [];

  async function createHost(): Promise<LocalGitHost> {
    const created = await LocalGitHost.create({
      environments: DEFAULT_ENVIRONMENTS.names,
      directory,
      knex,
    });
    opened.push(created);
    return created;
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'local-git-'));
    directory = path.join(folder, 'data', 'environments.git');
    knex = await databases.open();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(host => host.close()));
    await knex.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  describe('as a Git host', () => {
    gitHostConformance(async (): Promise<GitHostUnderTest> => {
      await layRepository(directory);
      const host = await createHost();
      const clone = await createClone({ directory, folder });
      return { host, ...clone };
    });
  });

  it('creates a repository that people can clone', async () => {
    await createHost();
    const clone = path.join(folder, 'clone');
    await run('git', ['clone', '--quiet', directory, clone]);
    expect(await readdir(path.join(clone, 'environments'))).toEqual([
      'dev',
      'production',
      'staging',
    ]);
    expect((await readdir(path.dirname(directory))).length).toBe(1);
  });

  it('opens what exists, also when several processes start at once', async () => {
    const hosts = await Promise.all([1, 2, 3].map(() => createHost()));
    const revisions = await Promise.all(hosts.map(h => h.mainRevision()));
    expect(new Set(revisions).size).toBe(1);
    const again = await createHost();
    expect(await again.mainRevision()).toBe(revisions[0]);
    expect(await readdir(path.dirname(directory))).toEqual([
      'environments.git',
    ]);
  });

  it('keeps what it reads at once small with thousands of change requests', async () => {
    const host = await createHost();
    const { head } = await host.ensureBranch({
      branch: 'change-0',
      changes: [{ path: 'a', content: 'b' }],
      message: 'm',
      author,
    });
    const numbers = Array.from({ length: 5_000 }, (_, index) => index + 1);
    const isOpen = (number: number) => number % 2 === 0;
    await knex.batchInsert(
      'local_change_requests',
      numbers.map(number => ({
        number,
        title: `Change ${number}`,
        body: 'why',
        branch: `change-${number}`,
        author: JSON.stringify(author),
        state: isOpen(number) ? 'open' : 'closed',
        head,
      })),
      1_000,
    );
    await updateRefs(
      numbers
        .filter(isOpen)
        .flatMap(number => [
          `create refs/heads/change-${number} ${head}`,
          `create refs/changes/${number}/head ${head}`,
        ]),
    );
    // The oldest of the open ones is given up by hand.
    await updateRefs([`delete refs/heads/change-2`]);

    const read: number[] = [];
    knex.on('query-response', (rows: unknown) => {
      if (Array.isArray(rows)) read.push(rows.length);
    });
    const first = await host.listChangeRequests();
    expect(first.items.map(({ number }) => number)).toEqual(
      numbers.slice(-100).reverse(),
    );
    const seen: number[] = [];
    for await (const { number } of eachChangeRequest(host, { state: 'open' }))
      seen.push(number);
    expect(seen).toEqual(numbers.filter(isOpen).slice(1).reverse());
    expect(Math.max(...read)).toBeLessThanOrEqual(1_000);
    expect((await host.getChangeRequest(2)).state).toBe('closed');
  });

  /** Changes many refs with one command, as no call of the host does. */
  async function updateRefs(commands: string[]) {
    const child = run('git', ['-C', directory, 'update-ref', '--stdin']);
    child.child.stdin?.end(`${commands.join('\n')}\n`);
    await child;
  }

  it('does not depend on the environment of the process', async () => {
    const before = { ...process.env };
    try {
      delete process.env.HOME;
      process.env.GIT_DIR = '/nowhere';
      process.env.GIT_INDEX_FILE = '/nowhere/index';
      process.env.GIT_AUTHOR_NAME = 'Mallory';
      const host = await createHost();
      await host.ensureBranch({
        branch: 'change',
        changes: [{ path: 'a', content: 'b' }],
        message: 'm',
        author: { name: 'Ada <ada>\n', email: '' },
      });
      expect((await host.getBranch('change'))?.contributors).toEqual([
        { name: 'Ada ada', email: 'unknown' },
      ]);
    } finally {
      process.env = before;
    }
  });

  it('works on a repository that belongs to somebody else', async () => {
    await createHost();
    if (process.getuid?.() === 0) await chown(directory, 12345, 12345);
    const host = await createHost();
    expect(await host.mainRevision()).toMatch(/^[0-9a-f]{40}$/);
  });

  it('takes nothing from a request for an option or a shell command', async () => {
    const host = await createHost();
    const revision = await host.mainRevision();
    const nasty = '--output=$(touch pwned);`id`';
    expect(await host.readFile({ path: nasty, revision })).toBeUndefined();
    await expect(
      host.ensureBranch({
        branch: 'a..b --force',
        changes: [{ path: 'a', content: 'b' }],
        message: 'm',
        author: { name: 'a', email: 'b' },
      }),
    ).rejects.toThrow('git update-ref failed');
  });

  it('says what to do when the folder is no repository', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'notes.txt'), 'mine');
    await expect(createHost()).rejects.toThrow(
      'is not a bare Git repository: set aiRegistry.environments.directory',
    );
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });

  it('says what to do when the repository is damaged', async () => {
    await createHost();
    await rm(path.join(directory, 'objects'), { recursive: true });
    await mkdir(path.join(directory, 'objects'));
    await expect(createHost()).rejects.toThrow(
      'cannot be read: restore it from a clone',
    );
  });

  it('says that Git is missing', async () => {
    const before = process.env.PATH;
    try {
      process.env.PATH = folder;
      await expect(createHost()).rejects.toThrow(
        'Git is not installed, or not in the PATH',
      );
    } finally {
      process.env.PATH = before;
    }
  });
});
