// @ts-check
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a person does with a clone of the repository on GitHub. */
export class Clone {
  #url;
  #file;

  /** @param {{ url: string, file: string }} options - `file` is the manifest, from the top of the repository */
  constructor({ url, file }) {
    this.#url = url;
    this.#file = file;
  }

  /**
   * Changes the manifest and pushes it.
   *
   * @param {{ branch?: string, onto?: string, change: (text: string) => string }} options
   *   `onto` is the branch that it is pushed to, where that is another one
   */
  write({ branch = 'main', onto = branch, change }) {
    return this.#work(branch, async (git, file) => {
      writeFileSync(file, change(readFileSync(file, 'utf8')));
      await git('commit', '--quiet', '--all', '--message', 'By hand');
      await git('push', '--quiet', 'origin', `HEAD:refs/heads/${onto}`);
    });
  }

  /**
   * Makes the branch be, by force, what it was a commit ago, with something else on top or nothing.
   *
   * @param {{ branch?: string, change?: (text: string) => string }} options
   */
  rewrite({ branch = 'main', change }) {
    return this.#work(branch, async (git, file) => {
      const before = readFileSync(file, 'utf8');
      await git('reset', '--quiet', '--hard', 'HEAD^1');
      if (change) {
        writeFileSync(file, change(before));
        await git('commit', '--quiet', '--all', '--message', 'Instead');
      }
      await git('push', '--quiet', '--force', 'origin', `HEAD:${branch}`);
    });
  }

  /** @param {string} branch */
  removeBranch(branch) {
    return this.#work(branch, git =>
      git('push', '--quiet', 'origin', '--delete', branch),
    );
  }

  /**
   * The stand-in answers in this process: nothing here may hold it up.
   *
   * @param {string} branch
   * @param {(git: (...args: string[]) => Promise<unknown>, file: string) => Promise<unknown>} work
   */
  async #work(branch, work) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-clone-'));
    const identity = [
      ...['-c', 'user.name=Octo'],
      ...['-c', 'user.email=octocat@example.com'],
    ];
    const git = (...args) =>
      run('git', [...identity, ...args], { cwd: folder });
    try {
      await git('clone', '--quiet', '--branch', branch, this.#url, '.');
      await work(git, path.join(folder, this.#file));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
