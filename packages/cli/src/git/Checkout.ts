import { execFile } from 'node:child_process';
import { failure } from '../CommandError';

const MAX_BYTES = 64 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** A manifest that a commit changed or took away. */
export interface ChangedFile {
  path: string;
  change: 'set' | 'removed';
}

/** A checkout of the environments repository. It is only read. */
export class Checkout {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The full id of a commit; undefined where the checkout does not have it. */
  async resolve(revision: string): Promise<string | undefined> {
    const { code, output } = await this.#git(
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    );
    // Some releases of Git print the options, too.
    const commit = output.trim().split('\n').pop() ?? '';
    return code === 0 && COMMIT.test(commit) ? commit : undefined;
  }

  /**
   * Files below a folder that differ between two commits.
   *
   * @param options.from - undefined for the commit before `to`
   * @throws CommandError where the checkout is too shallow to tell
   */
  async changes(options: {
    from?: string;
    to: string;
    folder: string;
  }): Promise<ChangedFile[]> {
    const { to, folder } = options;
    const base = options.from ?? (await this.#parent(to));
    const text = await this.#read(
      'diff',
      '--name-status',
      '--no-renames',
      '-z',
      base,
      to,
      '--',
      folder,
    );
    const fields = text.split('\0').slice(0, -1);
    const files: ChangedFile[] = [];
    for (let index = 0; index < fields.length; index += 2) {
      const change = fields[index] === 'D' ? 'removed' : 'set';
      files.push({ path: fields[index + 1], change });
    }
    return files;
  }

  /** The commit on main's own line, up to this one, that last changed the file; as the registry finds it. */
  async lastChange(commit: string, path: string): Promise<string> {
    const text = await this.#read(
      'log',
      '-1',
      '--first-parent',
      '--format=%H',
      commit,
      '--',
      path,
    );
    return text.trim() || commit;
  }

  /** Whether the commit is another one's past, or is it; one that the checkout does not have is not. */
  async isIn(commit: string, descendant: string): Promise<boolean> {
    const { code } = await this.#git(
      'merge-base',
      '--is-ancestor',
      commit,
      descendant,
    );
    return code === 0;
  }

  async #parent(commit: string): Promise<string> {
    const parent = await this.resolve(`${commit}^1`);
    if (parent) return parent;
    const shallow = await this.#read('rev-parse', '--is-shallow-repository');
    if (shallow.trim() === 'true') {
      throw failure(
        'the checkout is too shallow to tell what the commit changed: fetch its history, too (git fetch --unshallow)',
      );
    }
    // The first commit of all: it changed whatever there is.
    return (await this.#read('hash-object', '-t', 'tree', '/dev/null')).trim();
  }

  async #read(...args: string[]): Promise<string> {
    const { code, output, trouble } = await this.#git(...args);
    if (code === 0) return output;
    throw failure(`git ${args[0]} failed: ${trouble.trim()}`);
  }

  #git(
    ...args: string[]
  ): Promise<{ code: number; output: string; trouble: string }> {
    return new Promise(resolve =>
      execFile(
        'git',
        args,
        { cwd: this.#directory, maxBuffer: MAX_BYTES, encoding: 'utf8' },
        (error, output, trouble) =>
          resolve({
            code: error ? Number(error.code) || 1 : 0,
            output,
            trouble: trouble || (error?.message ?? ''),
          }),
      ),
    );
  }
}
