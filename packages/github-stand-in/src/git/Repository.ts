import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const GITHUB = { name: 'GitHub', email: 'noreply@github.com' };

/**
 * Commits can be asked for that no branch has any more, and nothing tidies up behind a push: all of a
 * repository's life is seconds.
 */
const SETTINGS = `[http]
	receivepack = true
[uploadpack]
	allowAnySHA1InWant = true
[gc]
	auto = 0
[receive]
	autogc = false
`;

/** One empty commit on main, for Git's fast-import. */
const START = `commit refs/heads/main
committer ${GITHUB.name} <${GITHUB.email}> now
data <<END
Initial commit
END

`;

export interface CommitDetails {
  sha: string;
  tree: string;
  parents: string[];
  author: { name: string; email: string; date: string };
  committer: { name: string; email: string; date: string };
  message: string;
}

interface Person {
  name: string;
  email: string;
}

/** The bare repository that people clone and push to, and in which pull requests are merged. */
export class Repository {
  readonly directory: string;
  /** Of commits by their ids, which stay what they are. */
  readonly #known = new Map<string, Promise<Ran>>();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes it, with one commit on main. */
  async create(): Promise<void> {
    await this.#git(['init', '--bare', '--quiet', '--template=']);
    await appendFile(path.join(this.directory, 'config'), SETTINGS);
    await this.#git(['fast-import', '--quiet', '--date-format=now'], {
      input: START,
    });
    await writeFile(
      path.join(this.directory, 'HEAD'),
      'ref: refs/heads/main\n',
    );
  }

  async refs(prefix = 'refs/heads/'): Promise<Map<string, string>> {
    const lines = await this.#git([
      'for-each-ref',
      '--format=%(objectname) %(refname)',
      prefix,
    ]);
    return new Map(
      lines
        .split('\n')
        .filter(Boolean)
        .map(line => {
          const [commit, name] = line.split(' ');
          return [name.slice(prefix.length), commit] as const;
        }),
    );
  }

  async branch(name: string): Promise<string | undefined> {
    return (await this.refs()).get(name);
  }

  /** @param commit - undefined removes it */
  async setRef(ref: string, commit: string | undefined): Promise<void> {
    await this.#git(
      commit ? ['update-ref', ref, commit] : ['update-ref', '-d', ref],
    );
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const { code } = await this.#runOnce(
      ['merge-base', '--is-ancestor'],
      [ancestor, descendant],
    );
    return code === 0;
  }

  async mergeBase(a: string, b: string): Promise<string> {
    return this.#gitOnce(['merge-base'], [a, b]);
  }

  /** Commits of `to` that `from` does not have, oldest first. */
  async between(from: string, to: string): Promise<string[]> {
    const lines = await this.#gitOnce(
      ['rev-list', '--reverse'],
      [to, '--not', from],
    );
    return lines.split('\n').filter(Boolean);
  }

  async exists(commit: string): Promise<boolean> {
    return (
      (await this.#run(['cat-file', '-e', `${commit}^{commit}`])).code === 0
    );
  }

  async changedFiles(from: string, to: string): Promise<string[]> {
    const lines = await this.#gitOnce(
      ['diff-tree', '-r', '--name-only'],
      [from, to],
    );
    return lines.split('\n').filter(Boolean);
  }

  async details(commit: string): Promise<CommitDetails> {
    const format =
      '%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B';
    const text = await this.#gitOnce(
      ['log', '-1', `--format=${format}`],
      [commit],
    );
    const [sha, tree, parents, an, ae, at, cn, ce, ct, message] =
      text.split('\0');
    return {
      sha,
      tree,
      parents: parents.split(' ').filter(Boolean),
      author: { name: an, email: ae, date: at },
      committer: { name: cn, email: ce, date: ct },
      message: message.trim(),
    };
  }

  async commit(options: {
    tree: string;
    parents: string[];
    message: string;
    author: Person;
  }): Promise<string> {
    return this.#git(
      [
        'commit-tree',
        options.tree,
        ...options.parents.flatMap(parent => ['-p', parent]),
      ],
      {
        input: options.message,
        environment: {
          GIT_AUTHOR_NAME: options.author.name,
          GIT_AUTHOR_EMAIL: options.author.email,
          GIT_COMMITTER_NAME: GITHUB.name,
          GIT_COMMITTER_EMAIL: GITHUB.email,
        },
      },
    );
  }

  /** Tree of both together, line by line as GitHub does it; undefined where they conflict. */
  async mergeTrees(ours: string, theirs: string): Promise<string | undefined> {
    const base = await this.mergeBase(ours, theirs);
    const folder = await mkdtemp(path.join(tmpdir(), 'github-merge-'));
    const environment = {
      GIT_INDEX_FILE: path.join(folder, 'index'),
      GIT_WORK_TREE: folder,
    };
    try {
      const trees = [base, ours, theirs];
      await this.#git(['read-tree', '-i', '-m', '--aggressive', ...trees], {
        environment,
      });
      const merged = await this.#run(
        ['merge-index', '-o', '-q', 'git-merge-one-file', '-a'],
        { environment, cwd: folder },
      );
      if (merged.code !== 0) return undefined;
      return await this.#git(['write-tree'], { environment });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #git(args: string[], options: GitOptions = {}): Promise<string> {
    return outputOf(args, await this.#run(args, options));
  }

  async #gitOnce(args: string[], revisions: string[]): Promise<string> {
    return outputOf(args, await this.#runOnce(args, revisions));
  }

  /** Asks again only where a name is not the id of a commit, or a commit was missing. */
  #runOnce(args: string[], revisions: string[]): Promise<Ran> {
    const all = [...args, ...revisions];
    if (!revisions.every(isIdOrOption)) return this.#run(all);
    const question = all.join('\0');
    const known = this.#known.get(question);
    if (known) return known;
    const asked = this.#run(all);
    this.#known.set(question, asked);
    const forget = () => this.#known.delete(question);
    asked.then(({ code }) => {
      // 1 is an answer, such as that it is no ancestor.
      if (code !== 0 && code !== 1) forget();
    }, forget);
    return asked;
  }

  async #run(
    args: string[],
    { input, environment, cwd }: GitOptions = {},
  ): Promise<Ran> {
    const child = spawn('git', [`--git-dir=${this.directory}`, ...args], {
      env: { ...gitEnvironment(this.directory), ...environment },
      cwd,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', chunk => (stdout += chunk));
    child.stderr.on('data', chunk => (stderr += chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  }
}

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

function isIdOrOption(word: string): boolean {
  return word === '--not' || /^[0-9a-f]{40}$/.test(word);
}

function outputOf(args: string[], { code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  return stdout.trimEnd();
}

interface GitOptions {
  input?: string;
  environment?: Record<string, string>;
  cwd?: string;
}

/** Nobody's own settings change what the stand-in does. */
export function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
}
