import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GitHostUnderTest } from '../../../environments/testing/gitHostConformance';

const run = promisify(execFile);

/** A person's clone of a repository, worked on with Git's everyday commands. */
export async function createClone(options: {
  /** The repository to clone. */
  directory: string;
  /** Where clones may be put. */
  folder: string;
}): Promise<Omit<GitHostUnderTest, 'host'>> {
  async function inClone<T>(
    work: (git: (...args: string[]) => Promise<string>, at: string) => T,
  ): Promise<Awaited<T>> {
    const at = await mkdtemp(path.join(options.folder, 'clone-'));
    const git = async (...args: string[]) => {
      const settings = ['user.name=Hand', 'user.email=hand@example.com'];
      const flags = settings.flatMap(setting => ['-c', setting]);
      const { stdout } = await run('git', [...flags, ...args], { cwd: at });
      return stdout.trim();
    };
    await git('clone', '--quiet', options.directory, '.');
    try {
      return await work(git, at);
    } finally {
      await rm(at, { recursive: true });
    }
  }

  return {
    push: ({ branch, onto = branch, path: file, content, author }) =>
      inClone(async (git, at) => {
        await git('checkout', '--quiet', '-B', onto, `origin/${branch}`);
        if (content === undefined) {
          await git('rm', '--quiet', file);
        } else {
          await mkdir(path.dirname(path.join(at, file)), { recursive: true });
          await writeFile(path.join(at, file), content);
          await git('add', file);
        }
        await git(
          ...['-c', `user.name=${author.name}`],
          ...['-c', `user.email=${author.email}`],
          ...['commit', '--quiet', '-m', `Set ${file}`],
        );
        await git('push', '--quiet', 'origin', onto);
        return git('rev-parse', 'HEAD');
      }),
    removeBranch: branch =>
      inClone(async git => {
        await git('push', '--quiet', 'origin', '--delete', branch);
      }),
    mergeByHand: ({ branch, fastForward }) =>
      inClone(async git => {
        const flag = fastForward ? '--ff-only' : '--no-ff';
        await git('merge', '--quiet', flag, `origin/${branch}`);
        await git('push', '--quiet', 'origin', 'main');
      }),
  };
}
