import type {
  Commit,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import type { GitCommand } from './GitCommand';
import { GREENROOM } from './GitWriter';
import { GitError } from './runGit';

/** Bytes of files that are read with one Git command. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A bare Git repository, read with plumbing commands: there is no work tree. */
export class GitRepository {
  readonly directory: string;
  readonly #git: GitCommand;

  constructor(git: GitCommand) {
    this.directory = git.directory;
    this.#git = git;
  }

  /** Commit that a ref or revision stands for; undefined when there is none. */
  async resolve(revision: string): Promise<string | undefined> {
    const { stdout, exitCode } = await this.#git.run({
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
    const entries = listing.split('\0').filter(Boolean).map(toTreeEntry);
    const blobs = entries.filter(({ type }) => type === 'blob');
    const small = blobs.filter(({ sizeBytes }) => sizeBytes <= maxFileBytes);
    const contents = new Map<string, string>();
    for (const batch of batchesOf(small)) {
      const texts = await this.#readBlobs(batch.map(({ object }) => object));
      batch.forEach(({ path }, index) => contents.set(path, texts[index]));
    }
    return blobs.map(({ path, sizeBytes }) => ({
      path,
      sizeBytes,
      content: contents.get(path),
    }));
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant];
    const call = { args, expectedExitCodes: [1] };
    const commits = [ancestor, descendant];
    const { exitCode } = await this.#git.once(commits, args, () =>
      this.#git.run(call),
    );
    return exitCode === 0;
  }

  /** Last commit that two lines of history have in common; undefined when they have none. */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    const args = ['merge-base', a, b];
    const call = { args, expectedExitCodes: [1] };
    const answer = await this.#git.once([a, b], args, () =>
      this.#git.run(call),
    );
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
    const text = await this.#git.textOnce(
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
    const text = await this.#git.textOnce(
      [from, to],
      ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to],
    );
    return text.split('\0').filter(Boolean);
  }

  /** Not remembered: it may be long. */
  async diff(from: string, to: string): Promise<string> {
    return this.#git.text({
      args: ['diff-tree', '-p', '-r', '--no-color', '--no-ext-diff', from, to],
    });
  }

  async #readBlobs(objects: string[]): Promise<string[]> {
    if (objects.length === 0) return [];
    const { stdout } = await this.#git.run({
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
}

interface TreeEntry {
  type: string;
  object: string;
  sizeBytes: number;
  path: string;
}

/** A line of `ls-tree -l`: mode, type, object and size, a tab, and the path. */
function toTreeEntry(line: string): TreeEntry {
  const tab = line.indexOf('\t');
  const [, type, object, size] = line.slice(0, tab).split(/ +/);
  return { type, object, sizeBytes: Number(size), path: line.slice(tab + 1) };
}

/** Parts that each fit well into what one Git command may print. */
function batchesOf(entries: TreeEntry[]): TreeEntry[][] {
  const batches: TreeEntry[][] = [];
  let batchBytes = Infinity;
  for (const entry of entries) {
    if (batchBytes + entry.sizeBytes > MAX_BATCH_BYTES) {
      batches.push([]);
      batchBytes = 0;
    }
    batches.at(-1)!.push(entry);
    batchBytes += entry.sizeBytes;
  }
  return batches;
}
