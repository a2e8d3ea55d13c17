import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { FileChange, Person } from '../../environments/GitHost';
import type { GitCommand } from './GitCommand';
import type { GitRepository } from './GitRepository';
import { GitError } from './runGit';

/** Committer of everything that the portal writes; the author is the person who asked. */
export const GREENROOM: Person = {
  name: 'Greenroom',
  email: 'greenroom@users.greenroom.invalid',
};

type MergedTrees = { tree: string } | { conflicts: string[] };

/** Writes to a bare Git repository, without a work tree and without touching its index. */
export class GitWriter {
  readonly #git: GitCommand;
  readonly #repository: GitRepository;

  constructor(git: GitCommand, repository: GitRepository) {
    this.#git = git;
    this.#repository = repository;
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
        await this.#git.run({
          args: ['read-tree', options.parent],
          environment,
        });
      }
      const lines: string[] = [];
      for (const { path: filePath, content } of options.changes) {
        if (content === undefined) {
          lines.push(`0 ${'0'.repeat(40)}\t${filePath}\0`);
        } else {
          const blob = await this.#git.text({
            args: ['hash-object', '-w', '--stdin'],
            input: content,
          });
          lines.push(`100644 ${blob.trim()}\t${filePath}\0`);
        }
      }
      await this.#git.run({
        args: ['update-index', '-z', '--index-info'],
        input: lines.join(''),
        environment,
      });
      return this.#git.text({ args: ['write-tree'], environment });
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
    const commit = await this.#git.text({
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
    return this.#git.once([ours, theirs], ['merge-trees', ours, theirs], () =>
      this.#mergeTrees(ours, theirs),
    );
  }

  async #mergeTrees(ours: string, theirs: string): Promise<MergedTrees> {
    const base = await this.#repository.mergeBase(ours, theirs);
    if (base === undefined) {
      return { conflicts: await this.#repository.changedPaths(ours, theirs) };
    }
    if (base === ours) {
      const tree = await this.#git.text({
        args: ['rev-parse', `${theirs}^{tree}`],
      });
      return { tree: tree.trim() };
    }
    return this.#withIndex(async environment => {
      await this.#git.run({
        args: ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs],
        environment,
      });
      const unmerged = await this.#git.text({
        args: ['ls-files', '-u', '-z'],
        environment,
      });
      if (unmerged) {
        const paths = unmerged.split('\0').filter(Boolean);
        return { conflicts: [...new Set(paths.map(p => p.split('\t')[1]))] };
      }
      const tree = await this.#git.text({ args: ['write-tree'], environment });
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
      await this.#git.run({ args });
      return true;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if ((await this.#repository.resolve(ref)) === from) throw error;
      return false;
    }
  }

  /** Runs `git init` and settings; harmless on a repository that exists. */
  async initialize(): Promise<void> {
    await this.#git.run({ args: ['init', '--bare', '--quiet'] });
    const settings = {
      'receive.denyNonFastForwards': 'true',
      'receive.fsckObjects': 'true',
      'core.logAllRefUpdates': 'true',
    };
    for (const [name, value] of Object.entries(settings)) {
      await this.#git.run({ args: ['config', name, value] });
    }
    await this.#git.run({ args: ['symbolic-ref', 'HEAD', 'refs/heads/main'] });
  }

  async #withIndex<T>(
    work: (environment: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    const index = path.join(
      this.#git.directory,
      `greenroom-index-${randomUUID()}`,
    );
    try {
      return await work({ GIT_INDEX_FILE: index });
    } finally {
      await rm(index, { force: true });
    }
  }
}

/** Git refuses an empty identity, and these characters would end it early. */
function cleanIdentity(text: string): string {
  const isSafe = (c: string) => c >= ' ' && !'<>\x7f'.includes(c);
  return [...text].filter(isSafe).join('').trim() || 'unknown';
}
