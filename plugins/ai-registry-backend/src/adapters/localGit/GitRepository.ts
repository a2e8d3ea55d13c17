import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type {
  Commit,
  FileChange,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import { GitError, runGit, type RunGitOptions } from './runGit';

/** Committer of everything that the portal writes; the author is the person who asked. */
export const GREENROOM: Person = {
  name: 'Greenroom',
  email: 'greenroom@users.greenroom.invalid',
};

type GitCall = Omit<RunGitOptions, 'gitDirectory'>;

type MergedTrees = { tree: string } | { conflicts: string[] };

const COMMIT_PATTERN = /^[0-9a-f]{40,64}$/;
const MOST_REMEMBERED_ANSWERS = 2000;

/**
 * A bare Git repository, worked on with plumbing commands: there is no work tree.
 * What was once found out about commits, which never change, is remembered.
 */
export class GitRepository {
  readonly directory: string;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Commit that a ref or revision stands for; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    const { stdout, exitCode } = await this.#git({
      args: [
        'rev-parse',
        '--verify',
        '--quiet',
        '--end-of-options',
        `${revision}^{commit}`,
      ],
      expectedExitCodes: [1],
    });
    // Git before 2.30 repeats `--end-of-options` in its answer.
    const commit = stdout.toString('utf8').trim().split('\n').pop();
    return exitCode === 0 ? commit : undefined;
  }

  /** Each ref of these names, or below them, with its commit. */
  async refs(...names: string[]): Promise<Map<string, string>> {
    const lines = await this.#lines([
      'for-each-ref',
      '--format=%(objectname) %(refname)',
      ...names,
    ]);
    return new Map(
      lines.map(line => {
        const [commit, name] = line.split(' ');
        return [name, commit];
      }),
    );
  }

  /** Files at or below the path, read in one go. */
  async readFiles(options: {
    revision: string;
    path: string;
  }): Promise<RepositoryFile[]> {
    const { revision, path: wanted } = options;
    const listing = await this.#text({
      args: ['ls-tree', '-r', '-z', '--full-tree', '--', revision, wanted],
    });
    const entries = listing
      .split('\0')
      .filter(Boolean)
      .map(line => {
        const [meta, filePath] = line.split('\t');
        const [, type, object] = meta.split(' ');
        return { type, object, path: filePath };
      })
      .filter(entry => entry.type === 'blob');
    const contents = await this.#readBlobs(entries.map(e => e.object));
    return entries.map((entry, index) => ({
      path: entry.path,
      content: contents[index],
    }));
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant];
    const call = { args, expectedExitCodes: [1] };
    const commits = [ancestor, descendant];
    const { exitCode } = await this.#once(commits, args, () => this.#git(call));
    return exitCode === 0;
  }

  /** Last commit that two lines of history have in common; undefined when they have none. */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const args = ['merge-base', a, b];
    const call = { args, expectedExitCodes: [1] };
    const answer = await this.#once([a, b], args, () => this.#git(call));
    return answer.exitCode === 0
      ? answer.stdout.toString('utf8').trim()
      : undefined;
  }

  /**
   * The first commit on the line's own history (first parents) that has the given
   * commit in its past, or is it; undefined when the line does not have it.
   */
  async firstOnLineWith(
    commit: string,
    line: string,
  ): Promise<string | undefined> {
    if (!(await this.isAncestor(commit, line))) return undefined;
    const since = `${commit}..${line}`;
    const [ownLine, descendants] = await Promise.all([
      this.#lines(['rev-list', '--first-parent', since]),
      this.#lines(['rev-list', '--ancestry-path', since]),
    ]);
    const isDescendant = new Set(descendants);
    const oldest = ownLine.filter(c => isDescendant.has(c)).at(-1);
    if (!oldest) return commit;
    // After a fast-forward the commit itself is on the line.
    return (await this.resolve(`${oldest}^1`)) === commit ? commit : oldest;
  }

  async lastChange(options: {
    path: string;
    revision: string;
  }): Promise<Commit | undefined> {
    const text = await this.#textOnce(
      [options.revision],
      [
        'log',
        '-1',
        '--first-parent',
        '--no-show-signature',
        '--format=%H%x00%an%x00%ae%x00%cI%x00%s',
        options.revision,
        '--',
        options.path,
      ],
    );
    if (!text) return undefined;
    const [revision, name, email, committedAt, subject] = text
      .trimEnd()
      .split('\0');
    return { revision, author: { name, email }, committedAt, subject };
  }

  /** Authors and committers of the commits of `to` that `from` does not have. */
  async contributors(from: string, to: string): Promise<Person[]> {
    const text = await this.#textOnce(
      [from, to],
      [
        'log',
        '--no-show-signature',
        '--format=%an%x00%ae%n%cn%x00%ce',
        `${from}..${to}`,
      ],
    );
    const people = new Map<string, Person>();
    for (const line of text.split('\n').filter(Boolean)) {
      const [name, email] = line.split('\0');
      if (email !== GREENROOM.email) people.set(email, { name, email });
    }
    return [...people.values()];
  }

  async changedPaths(from: string, to: string): Promise<string[]> {
    const text = await this.#textOnce(
      [from, to],
      ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to],
    );
    return text.split('\0').filter(Boolean);
  }

  async diff(from: string, to: string): Promise<string> {
    return this.#textOnce(
      [from, to],
      ['diff-tree', '-p', '-r', '--no-color', '--no-ext-diff', from, to],
    );
  }

  /** Writes a commit whose files are those of `parent` with the changes; no ref moves. */
  async commitFiles(options: {
    parent: string | undefined;
    changes: FileChange[];
    message: string;
    author: Person;
  }): Promise<string> {
    const tree = await this.#withIndex(async environment => {
      if (options.parent) {
        await this.#git({ args: ['read-tree', options.parent], environment });
      }
      const lines: string[] = [];
      for (const { path: filePath, content } of options.changes) {
        if (content === undefined) {
          lines.push(`0 ${'0'.repeat(40)}\t${filePath}\0`);
        } else {
          const blob = await this.#text({
            args: ['hash-object', '-w', '--stdin'],
            input: content,
          });
          lines.push(`100644 ${blob.trim()}\t${filePath}\0`);
        }
      }
      await this.#git({
        args: ['update-index', '-z', '--index-info'],
        input: lines.join(''),
        environment,
      });
      return this.#text({ args: ['write-tree'], environment });
    });
    return this.commitTree({
      tree: tree.trim(),
      parents: options.parent ? [options.parent] : [],
      message: options.message,
      author: options.author,
    });
  }

  async commitTree(options: {
    tree: string;
    parents: string[];
    message: string;
    author: Person;
  }): Promise<string> {
    const commit = await this.#text({
      args: [
        'commit-tree',
        options.tree,
        ...options.parents.flatMap(parent => ['-p', parent]),
      ],
      input: options.message,
      environment: {
        GIT_AUTHOR_NAME: cleanIdentity(options.author.name),
        GIT_AUTHOR_EMAIL: cleanIdentity(options.author.email),
        GIT_COMMITTER_NAME: GREENROOM.name,
        GIT_COMMITTER_EMAIL: GREENROOM.email,
      },
    });
    return commit.trim();
  }

  /**
   * Tree of both lines of history together. A file that both changed, differently,
   * is a conflict even when the lines do not touch: half of one manifest and half
   * of another is a deployment that nobody reviewed.
   */
  mergeTrees(ours: string, theirs: string): Promise<MergedTrees> {
    return this.#once([ours, theirs], ['merge-trees', ours, theirs], () =>
      this.#mergeTrees(ours, theirs),
    );
  }

  async #mergeTrees(ours: string, theirs: string): Promise<MergedTrees> {
    const base = await this.mergeBase(ours, theirs);
    if (base === undefined) {
      return { conflicts: await this.changedPaths(ours, theirs) };
    }
    if (base === ours) {
      const tree = await this.#text({
        args: ['rev-parse', `${theirs}^{tree}`],
      });
      return { tree: tree.trim() };
    }
    return this.#withIndex(async environment => {
      await this.#git({
        args: ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs],
        environment,
      });
      const unmerged = await this.#text({
        args: ['ls-files', '-u', '-z'],
        environment,
      });
      if (unmerged) {
        const paths = unmerged.split('\0').filter(Boolean);
        return { conflicts: [...new Set(paths.map(p => p.split('\t')[1]))] };
      }
      const tree = await this.#text({ args: ['write-tree'], environment });
      return { tree: tree.trim() };
    });
  }

  /**
   * Moves a ref when it still points where the caller saw it (`from`; undefined:
   * it does not exist), or removes it (`to` undefined).
   *
   * @returns false when somebody else was faster
   */
  async updateRef(options: {
    ref: string;
    from: string | undefined;
    to: string | undefined;
  }): Promise<boolean> {
    const { ref, from, to } = options;
    const args = to
      ? ['update-ref', ref, to, from ?? '0'.repeat(to.length)]
      : ['update-ref', '-d', ref, from ?? ''];
    try {
      await this.#git({ args });
      return true;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if ((await this.resolve(ref)) === from) throw error;
      return false;
    }
  }

  /** Runs `git init` and settings; harmless on a repository that exists. */
  async initialize(): Promise<void> {
    await this.#git({ args: ['init', '--bare', '--quiet'] });
    const settings = {
      'receive.denyNonFastForwards': 'true',
      'receive.fsckObjects': 'true',
      'core.logAllRefUpdates': 'true',
    };
    for (const [name, value] of Object.entries(settings)) {
      await this.#git({ args: ['config', name, value] });
    }
    await this.#git({ args: ['symbolic-ref', 'HEAD', 'refs/heads/main'] });
  }

  async #readBlobs(objects: string[]): Promise<string[]> {
    if (objects.length === 0) return [];
    const { stdout } = await this.#git({
      args: ['cat-file', '--batch'],
      input: objects.map(object => `${object}\n`).join(''),
    });
    const contents: string[] = [];
    let position = 0;
    while (position < stdout.length) {
      const headerEnd = stdout.indexOf(0x0a, position);
      const header = stdout.toString('utf8', position, headerEnd);
      const sizeBytes = Number(header.split(' ')[2]);
      if (!Number.isInteger(sizeBytes)) {
        throw new GitError(['cat-file'], undefined, header);
      }
      const start = headerEnd + 1;
      contents.push(stdout.toString('utf8', start, start + sizeBytes));
      position = start + sizeBytes + 1;
    }
    return contents;
  }

  async #withIndex<T>(
    work: (environment: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    const index = path.join(this.directory, `greenroom-index-${randomUUID()}`);
    try {
      return await work({ GIT_INDEX_FILE: index });
    } finally {
      await rm(index, { force: true });
    }
  }

  async #text(call: GitCall): Promise<string> {
    return (await this.#git(call)).stdout.toString('utf8');
  }

  #textOnce(commits: string[], args: string[]): Promise<string> {
    return this.#once(commits, args, () => this.#text({ args }));
  }

  /** Asks only the first time, when the question is about commits and not about refs. */
  #once<T>(
    commits: string[],
    question: string[],
    ask: () => Promise<T>,
  ): Promise<T> {
    if (!commits.every(commit => COMMIT_PATTERN.test(commit))) return ask();
    const key = question.join('\0');
    const known = this.#answers.get(key) as Promise<T> | undefined;
    if (known) return known;
    const answer = ask();
    this.#answers.set(key, answer);
    answer.catch(() => this.#answers.delete(key));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST_REMEMBERED_ANSWERS) {
      this.#answers.delete(oldest);
    }
    return answer;
  }

  async #lines(args: string[]): Promise<string[]> {
    return (await this.#text({ args })).split('\n').filter(Boolean);
  }

  #git(call: GitCall) {
    return runGit({ gitDirectory: this.directory, ...call });
  }
}

/** Git refuses an empty identity, and these characters would end it early. */
function cleanIdentity(text: string): string {
  const isSafe = (c: string) => c >= ' ' && !'<>\x7f'.includes(c);
  return [...text].filter(isSafe).join('').trim() || 'unknown';
}
