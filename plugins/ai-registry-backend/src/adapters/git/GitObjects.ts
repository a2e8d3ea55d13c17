import { InputError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnswerParser } from './AnswerReader';
import { GitChild } from './GitChild';
import type { GitCommand } from './GitCommand';
import {
  type CommitObject,
  type GitObject,
  type ObjectType,
  parseCommit,
  parseTree,
  type TreeEntry,
} from './objects';
import { GitError, MAX_OUTPUT_BYTES } from './runGit';

const READ = ['cat-file', '--batch'];

export type WrittenType = 'blob' | 'tree' | 'commit';

/**
 * What a repository keeps, read and written by processes that stay: one that reads, and one for each type that
 * is written.
 *
 * @remarks
 *
 * Names of refs are looked up anew each time, so that pushes of others are seen at once; so are objects that
 * are not found, since others may have brought them.
 */
export class GitObjects {
  readonly #git: GitCommand;
  readonly #reader: GitChild;
  readonly #writers: Record<WrittenType, GitChild>;

  constructor(git: GitCommand) {
    const gitDirectory = git.directory;
    const writer = (type: WrittenType) =>
      new GitChild({
        gitDirectory,
        args: [
          'hash-object',
          '-w',
          '--no-filters',
          '-t',
          type,
          '--stdin-paths',
        ],
      });
    this.#git = git;
    this.#reader = new GitChild({ gitDirectory, args: READ });
    this.#writers = {
      blob: writer('blob'),
      tree: writer('tree'),
      commit: writer('commit'),
    };
  }

  /**
   * What a name stands for: an id, a ref, or anything else that Git understands; undefined when there is no such thing.
   *
   * @throws InputError for a name that could not be asked in a line
   */
  find(name: string): Promise<GitObject | undefined> {
    return this.#reader.ask(checkedLine(name), readObject);
  }

  /** Of a commit that is asked for by its id; undefined where there is none, or it is written in another way. */
  commit(id: string): Promise<CommitObject | undefined> {
    return this.#git.once(
      [id],
      ['commit', id],
      async () => {
        const found = await this.find(id);
        return found?.type === 'commit' ? parseCommit(found) : undefined;
      },
      // What is missing now may be fetched later.
      commit => (commit ? undefined : Infinity),
    );
  }

  /** What lies in a folder, in Git's order; undefined where there is no such folder. */
  async tree(name: string): Promise<TreeEntry[] | undefined> {
    const found = await this.find(name);
    return found?.type === 'tree' ? parseTree(found) : undefined;
  }

  /** @returns the id */
  async write(type: WrittenType, content: Buffer): Promise<string> {
    const file = path.join(
      this.#git.directory,
      `greenroom-object-${randomUUID()}`,
    );
    try {
      await writeFile(file, content);
      return await this.#writers[type].ask(checkedLine(file), readId);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Ends the processes when they have answered. */
  async close(): Promise<void> {
    const all = [this.#reader, ...Object.values(this.#writers)];
    await Promise.all(all.map(child => child.close()));
  }
}

/** A line that says what it is, the content, and an end of line. */
function* readObject(): AnswerParser<GitObject | undefined> {
  const header = (yield 'line').toString('utf8');
  const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(header);
  if (!match) {
    if (header.endsWith(' missing')) return undefined;
    throw new GitError(READ, undefined, header);
  }
  const [, id, type, size] = match;
  const sizeBytes = Number(size);
  if (sizeBytes > MAX_OUTPUT_BYTES) {
    const why = `${id} has more than ${MAX_OUTPUT_BYTES} bytes`;
    throw new GitError(READ, undefined, why);
  }
  const content = yield sizeBytes;
  yield 1;
  return { id, type: type as ObjectType, content };
}

function* readId(): AnswerParser<string> {
  return (yield 'line').toString('utf8').trim();
}

/** Git takes a line for a name, and ends it at NUL and before a carriage return. */
function checkedLine(name: string): string {
  const isControl = (c: string) => c < ' ' || c === '\x7f';
  if (![...name].some(isControl)) return name;
  throw new InputError(
    `${JSON.stringify(
      name,
    )} is not a name that Git can be asked for: expected no control characters, such as line breaks`,
  );
}
