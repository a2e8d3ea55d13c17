import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GitHostUnderTest } from '../../../environments/testing/gitHostConformance';

const run = promisify(execFile);

/** What a push is made of before it is on its way. */
const PREPARED = 'refs/prepared/push';

/** Nothing tidies up behind the tests' back. */
const SETTINGS = [
  'user.name=Hand',
  'user.email=hand@example.com',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap(setting => ['-c', setting]);

/** A person's clone of a repository, which it is pushed to from by Git itself. */
export async function createClone(options: {
  /** The repository to clone. */
  directory: string;
  /** Where clones may be put. */
  folder: string;
}): Promise<Omit<GitHostUnderTest, 'host'>> {
  const { directory, folder } = options;
  const bare = path.join(folder, 'hand.git');

  async function git(cwd: string, args: string[], input?: Buffer) {
    const running = run('git', [...SETTINGS, ...args], { cwd });
    running.child.stdin?.end(input);
    const { stdout } = await running;
    return stdout.trim();
  }

  /** Without a work tree: most of what people push is one file. */
  const inBare = async (...args: string[]) => {
    if (!existsSync(bare)) {
      await git(folder, ['init', '--quiet', '--bare', bare]);
    }
    return git(bare, args);
  };

  return {
    async push({ branch, onto = branch, path: file, content, author }) {
      const start = `refs/remotes/origin/${branch}`;
      await inBare(
        ...['fetch', '--quiet', '--no-tags', directory],
        `+refs/heads/${branch}:${start}`,
      );
      const commit = await git(
        bare,
        ['fast-import', '--quiet', '--force', '--date-format=now'],
        Buffer.concat([
          line(`commit ${PREPARED}`),
          line('mark :1'),
          line(`committer ${author.name} <${author.email}> now`),
          ...data(`Set ${file}\n`),
          line(`from ${start}^0`),
          ...(content === undefined
            ? [line(`D ${file}`)]
            : [line(`M 100644 inline ${file}`), ...data(content)]),
          line('get-mark :1'),
        ]),
      );
      await inBare(
        'push',
        '--quiet',
        directory,
        `${commit}:refs/heads/${onto}`,
      );
      return commit;
    },
    async removeBranch(branch) {
      await inBare('push', '--quiet', directory, `:refs/heads/${branch}`);
    },
    async mergeByHand({ branch, fastForward }) {
      const at = await mkdtemp(path.join(folder, 'clone-'));
      await git(at, ['clone', '--quiet', directory, '.']);
      const flag = fastForward ? '--ff-only' : '--no-ff';
      await git(at, ['merge', '--quiet', flag, `origin/${branch}`]);
      await git(at, ['push', '--quiet', 'origin', 'main']);
      await rm(at, { recursive: true });
    },
  };
}

function line(text: string): Buffer {
  return Buffer.from(`${text}\n`);
}

function data(content: string | Buffer): Buffer[] {
  const bytes = Buffer.from(content);
  return [line(`data ${bytes.length}`), bytes, line('')];
}
