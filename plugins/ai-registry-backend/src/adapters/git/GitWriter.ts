import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { FileChange, Person } from '../../environments/GitHost';
import type { GitCommand } from './GitCommand';
import type { GitObjects } from './GitObjects';
import type { GitRepository } from './GitRepository';
import { printCommit } from './objects';
import { RefMover } from './RefMover';
import { GitError } from './runGit';
import { Trees } from './Trees';

/** Committer of everything that the portal writes; the author is the person who asked. */
export const GREENROOM: Person = {
  name: 'Greenroom',
  email: 'greenroom@users.greenroom.invalid',
};

type MergedTrees = { tree: string } | { conflicts: string[] };

/** Writes to a bare Git repository, without a work tree and without touching its index. */
export class GitWriter {
  readonly #git: GitCommand;
  readonly #objects: GitObjects;
  readonly #repository: GitRepository;
  readonly #trees: Trees;
  readonly #refs: RefMover;

  constructor(git: GitCommand, objects: GitObjects, repository: GitRepository) {
    this.#git = git;
    this.#objects = objects;
    this.#trees = new Trees(objects);
    this.#refs = new RefMover(git.directory);
    this.#repository = repository;
  }

  /** Writes a commit whose files are those of `parent` with the changes; no ref moves. */
  async commitFiles(options: {
    parent: string | undefined;
    changes: FileChange[];
    message: string;
    author: Person;
  }): Promise<string> {
    const { parent, changes, message, author } = options;
    const tree = await this.#trees.write(
      parent && (await this.#treeOf(parent)),
      changes,
    );
    const parents = parent ? [parent] : [];
    return this.commitTree({ tree, parents, message, author });
  }

  /** @returns the commit */
  commitTree(options: {
    tree: string;
    parents: string[];
    message: string;
    author: Person;
  }): Promise<string> {
    const commit = printCommit({
      ...options,
      committer: GREENROOM,
      atSeconds: Math.floor(Date.now() / 1_000),
    });
    return this.#objects.write('commit', commit);
  }

  /**
   * Tree of both lines of history together. A file that both changed, differently,
   * is a conflict even when the lines do not touch: half of one manifest and half
   * of another is a deployment that nobody reviewed.
   */
  mergeTrees(ours: string, theirs: string): Promise<MergedTrees> {
    return this.#git.once(
      [ours, theirs],
      ['merge-trees', ours, theirs],
      () => this.#mergeTrees(ours, theirs),
      merged => ('conflicts' in merged ? merged.conflicts.join().length : 0),
    );
  }

  async #mergeTrees(ours: string, theirs: string): Promise<MergedTrees> {
    const base = await this.#repository.mergeBase(ours, theirs);
    if (base === undefined) {
      return { conflicts: await this.#repository.changedPaths(ours, theirs) };
    }
    if (base === ours) return { tree: await this.#treeOf(theirs) };
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
    if (await this.#refs.move(options)) return true;
    const { ref, from, to } = options;
    const args = to
      ? ['update-ref', ref, to, from ?? '0'.repeat(to.length)]
      : ['update-ref', '-d', ref, from ?? ''];
    try {
      await this.#git.run({ args });
      return true;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const now = await this.#repository.resolve(ref);
      // It was moved by what was not heard of any more.
      if (now === to) return true;
      if (now === from) throw error;
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

  /** Ends the process that stays to move refs, when it has done what it was asked. */
  close(): Promise<void> {
    return this.#refs.close();
  }

  async #treeOf(commit: string): Promise<string> {
    const found = await this.#objects.find(`${commit}^{tree}`);
    if (found) return found.id;
    throw new GitError(['cat-file'], undefined, `there is no '${commit}'`);
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
