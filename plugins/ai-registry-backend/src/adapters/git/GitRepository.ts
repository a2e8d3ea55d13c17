import type {
  Commit,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import { type GitCommand, isCommitId } from './GitCommand';
import type { GitObjects } from './GitObjects';
import { GREENROOM } from './GitWriter';
import { straightLine } from './History';
import type { CommitObject } from './objects';
import { batchesOf, toListedFile } from './listing';
import { GitError } from './runGit';
import { Trees } from './Trees';

/** A bare Git repository, read with plumbing commands: there is no work tree. */
export class GitRepository {
  readonly directory: string;
  readonly #git: GitCommand;
  readonly #objects: GitObjects;
  readonly #trees: Trees;

  constructor(git: GitCommand, objects: GitObjects) {
    this.directory = git.directory;
    this.#git = git;
    this.#objects = objects;
    this.#trees = new Trees(objects);
  }

  /** Commit that a ref or revision stands for; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    return (await this.#objects.find(`${revision}^{commit}`))?.id;
  }

  /** Commits of those of these refs that there are. */
  async tips(...names: string[]): Promise<Map<string, string>> {
    const commits = await Promise.all(names.map(name => this.resolve(name)));
    return new Map(
      names.flatMap((name, index) => {
        const commit = commits[index];
        return commit === undefined ? [] : [[name, commit] as const];
      }),
    );
  }

  /** Each ref of these names, or below them, with its commit. */
  async refs(...names: string[]): Promise<Map<string, string>> {
    const lines = await this.#git.lines([
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

  /** Names of the refs below these whose commits the other has in its past. */
  async refsMergedInto(
    other: string,
    ...names: string[]
  ): Promise<Set<string>> {
    return new Set(
      await this.#git.lines([
        'for-each-ref',
        '--format=%(refname)',
        `--merged=${other}`,
        ...names,
      ]),
    );
  }

  /** Files at or below the path. Of a larger file than `maxFileBytes` only the size is told. */
  async readFiles(options: {
    revision: string;
    path: string;
    maxFileBytes?: number;
  }): Promise<RepositoryFile[]> {
    const { revision, path: wanted, maxFileBytes = Infinity } = options;
    const listing = await this.#git.text({
      args: [
        'ls-tree',
        '-r',
        '-z',
        '-l',
        '--full-tree',
        '--',
        revision,
        wanted,
      ],
    });
    const entries = listing.split('\0').filter(Boolean).map(toListedFile);
    const blobs = entries.filter(({ type }) => type === 'blob');
    const small = blobs.filter(({ sizeBytes }) => sizeBytes <= maxFileBytes);
    const contents = new Map<string, string>();
    for (const batch of batchesOf(small)) {
      await Promise.all(
        batch.map(async ({ path, object }) =>
          contents.set(path, await this.#readBlob(object)),
        ),
      );
    }
    return blobs.map(({ path, sizeBytes }) => ({
      path,
      sizeBytes,
      content: contents.get(path),
    }));
  }

  async #readBlob(id: string): Promise<string> {
    const found = await this.#objects.find(id);
    if (found) return found.content.toString('utf8');
    throw new GitError(['cat-file'], undefined, `${id} missing`);
  }

  /**
   * Content of one file; undefined where it does not exist.
   *
   * @throws GitError where there is no such revision
   */
  async readFile(options: {
    revision: string;
    path: string;
  }): Promise<string | undefined> {
    const { revision, path } = options;
    // Steps of a promotion read the same manifest again and again.
    return this.#git.once(
      [revision],
      ['file', revision, path],
      () => this.#readFile(revision, path),
      content => content?.length,
    );
  }

  async #readFile(revision: string, path: string): Promise<string | undefined> {
    if (!isPlainPath(path)) return undefined;
    const found = await this.#objects.find(`${revision}:${path}`);
    if (found) {
      return found.type === 'blob' ? found.content.toString('utf8') : undefined;
    }
    if (!(await this.#objects.find(`${revision}^{tree}`))) {
      throw new GitError(['cat-file'], undefined, `there is no '${revision}'`);
    }
    return undefined;
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant];
    return this.#git.once([ancestor, descendant], args, async () => {
      const known = await this.#baseOnLine(ancestor, descendant);
      if (known !== undefined) return known === ancestor;
      const { exitCode } = await this.#git.run({
        args,
        expectedExitCodes: [1],
      });
      return exitCode === 0;
    });
  }

  /** Last commit that two lines of history have in common; undefined when they have none. */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const args = ['merge-base', a, b];
    return this.#git.once([a, b], args, async () => {
      const known = await this.#baseOnLine(a, b);
      if (known !== undefined) return known;
      const { stdout, exitCode } = await this.#git.run({
        args,
        expectedExitCodes: [1],
      });
      return exitCode === 0 ? stdout.toString('utf8').trim() : undefined;
    });
  }

  /** The one that the other is a few commits ahead of; undefined when it is not so simple. */
  async #baseOnLine(a: string, b: string): Promise<string | undefined> {
    if (!isCommitId(a) || !isCommitId(b)) return undefined;
    if (await straightLine(this.#objects, b, a)) return a;
    return (await straightLine(this.#objects, a, b)) ? b : undefined;
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
      this.#git.lines(['rev-list', '--first-parent', since]),
      this.#git.lines(['rev-list', '--ancestry-path', since]),
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
    const text = await this.#git.textOnce(
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
    const line = await this.#commitsSince(from, to);
    const all =
      line?.flatMap(({ author, committer }) => [author, committer]) ??
      (await this.#logPeople(from, to));
    const people = new Map<string, Person>();
    for (const person of all) {
      if (person.email !== GREENROOM.email) people.set(person.email, person);
    }
    return [...people.values()];
  }

  async #commitsSince(
    from: string,
    to: string,
  ): Promise<CommitObject[] | undefined> {
    if (!isCommitId(from) || !isCommitId(to)) return undefined;
    const base = await this.mergeBase(from, to);
    return base === undefined
      ? undefined
      : straightLine(this.#objects, to, base);
  }

  async #logPeople(from: string, to: string): Promise<Person[]> {
    const text = await this.#git.textOnce(
      [from, to],
      [
        'log',
        '--no-show-signature',
        '--format=%an%x00%ae%n%cn%x00%ce',
        `${from}..${to}`,
      ],
    );
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => {
        const [name, email] = line.split('\0');
        return { name, email };
      });
  }

  /** Files that differ between two commits. */
  async changedPaths(from: string, to: string): Promise<string[]> {
    const paths = await this.#git.once(
      [from, to],
      ['changed-paths', from, to],
      async () => {
        const [before, after] = await Promise.all([
          this.#treeOf(from),
          this.#treeOf(to),
        ]);
        return this.#trees.changedPaths(before, after);
      },
      found => found.join().length,
    );
    return [...paths];
  }

  async #treeOf(revision: string): Promise<string> {
    const tree = await this.#objects.find(`${revision}^{tree}`);
    if (tree) return tree.id;
    throw new GitError(['cat-file'], undefined, `there is no '${revision}'`);
  }

  /** Not remembered: it may be long. */
  async diff(from: string, to: string): Promise<string> {
    return this.#git.text({
      args: ['diff-tree', '-p', '-r', '--no-color', '--no-ext-diff', from, to],
    });
  }
}

/** Others are none that Git keeps, or would be taken for something else than a path. */
function isPlainPath(path: string): boolean {
  return path.split('/').every(name => !['', '.', '..'].includes(name));
}
