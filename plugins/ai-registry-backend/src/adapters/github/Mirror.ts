import { ServiceUnavailableError, toError } from '@backstage/errors';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commitStart } from '../git/commitStart';
import { openGit, type OpenedRepository } from '../git/openGit';
import { branchRef, keptRef, MAIN_REF } from '../git/refs';
import { GitError } from '../git/runGit';
import { CopyError } from './GitHubError';

const NETWORK_TIMEOUT_MILLIS = 60_000;
const MOST_PUSHES = 4;
const FIRST_PAUSE_MILLIS = 100;
const MIRROR_OF = 'greenroom.mirrorOf';
/** How GitHub names the user of a token. */
const TOKEN_USER = 'x-access-token';

/** Git says no more than this of why a push was refused. */
const MOST_REFUSAL_CHARACTERS = 500;

export interface MirrorOptions {
  /** Absolute path of the bare repository. */
  directory: string;
  /** Where it is fetched from and pushed to, without credentials. */
  url: string;
  token(): Promise<string>;
  /** Names of those that get a folder in a repository that is still empty. */
  environments: readonly string[];
}

/**
 * A bare copy of a repository that lives elsewhere: everything is read from it, and what is
 * written is pushed before anybody hears of it.
 *
 * @remarks
 *
 * The token goes to Git through the environment alone: arguments, addresses, settings on disk and
 * messages never have it.
 */
export class Mirror {
  readonly opened: OpenedRepository;
  readonly #options: MirrorOptions;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** Opens the copy, or begins an empty one: {@link fetch} fills it. */
  static async open(options: MirrorOptions): Promise<Mirror> {
    const { directory, url } = options;
    const opened = openGit(directory);
    const isNew =
      !existsSync(directory) || (await readdir(directory)).length === 0;
    if (isNew) {
      await mkdir(path.dirname(directory), { recursive: true });
      await opened.writer.initialize();
      await opened.git.run({ args: ['config', MIRROR_OF, url] });
    }
    const { stdout } = await opened.git.run({
      args: ['config', '--get', MIRROR_OF],
      expectedExitCodes: [1, 128],
    });
    const mirrored = stdout.toString('utf8').trim();
    if (mirrored !== url) {
      throw new ServiceUnavailableError(
        `'${directory}' is ${
          mirrored ? `a copy of ${mirrored}` : 'no copy of another repository'
        }, and would be overwritten with ${url}: set aiRegistry.environments.directory to another folder`,
      );
    }
    return new Mirror(opened, options);
  }

  private constructor(opened: OpenedRepository, options: MirrorOptions) {
    this.opened = opened;
    this.#options = options;
  }

  /** Makes all branches be as they are now; of many that ask meanwhile, one goes. */
  fetch(): Promise<void> {
    if (!this.#running) return this.#fetchNow();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#fetchNow();
      });
    return this.#next;
  }

  /** Also commits that no branch has any more. */
  async fetchPull(number: number): Promise<void> {
    await this.#network([
      'fetch',
      '--quiet',
      '--no-tags',
      this.#options.url,
      `+refs/pull/${number}/head:${keptRef(number)}`,
    ]);
  }

  /**
   * Moves a branch there and here.
   *
   * @param to - undefined removes it
   *
   * @returns false when it is not where the caller saw it (`from`) any more
   */
  async push(options: {
    branch: string;
    from: string | undefined;
    to: string | undefined;
  }): Promise<boolean> {
    const { branch, from, to } = options;
    const ref = branchRef(branch);
    let refusal: string | undefined;
    for (let attempt = 1; attempt <= MOST_PUSHES; attempt++) {
      refusal = await this.#pushOnce({ ref, from, to });
      if (!refusal) {
        await this.opened.writer.updateRef({ ref, from, to });
        return true;
      }
      // Who lost a race hears "stale info", "cannot lock ref" or "failed to update ref", by the
      // server's version: where the branch is now tells, and not the words.
      await this.fetch();
      const now = (await this.opened.repository.refs(ref)).get(ref);
      if (now !== from) return false;
      // The winner may hold the lock without having moved the branch yet.
      if (!/lock|failed to update ref/.test(refusal)) break;
      await sleep(FIRST_PAUSE_MILLIS * attempt);
    }
    throw new ServiceUnavailableError(
      `The push of branch '${branch}' was refused: ${refusal?.slice(
        0,
        MOST_REFUSAL_CHARACTERS,
      )}`,
    );
  }

  /** @returns why it was refused */
  async #pushOnce(options: {
    ref: string;
    from: string | undefined;
    to: string | undefined;
  }): Promise<string | undefined> {
    const { ref, from, to } = options;
    const { stdout } = await this.#network(
      [
        'push',
        '--porcelain',
        `--force-with-lease=${ref}:${from ?? ''}`,
        this.#options.url,
        `${to ?? ''}:${ref}`,
      ],
      [1],
    );
    return stdout
      .toString('utf8')
      .split('\n')
      .find(line => line.startsWith('!'))
      ?.split('\t')
      .at(-1);
  }

  #fetchNow(): Promise<void> {
    const running = this.#fetchOnce().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #fetchOnce(): Promise<void> {
    const { url } = this.#options;
    await this.#network([
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      url,
      '+refs/heads/*:refs/heads/*',
    ]);
    const branches = await this.opened.repository.refs('refs/heads/');
    if (branches.has(MAIN_REF)) return;
    if (branches.size > 0) {
      throw new ServiceUnavailableError(
        `${url} has branches but no 'main': push one to it`,
      );
    }
    const commit = await commitStart(
      this.opened.writer,
      this.#options.environments,
    );
    await this.push({ branch: 'main', from: undefined, to: commit });
  }

  /** A command that talks to the other side. */
  async #network(args: string[], expectedExitCodes: number[] = []) {
    const { url, token } = this.#options;
    const credentials = Buffer.from(`${TOKEN_USER}:${await token()}`);
    const settings = {
      // Only there: a redirect would take it elsewhere.
      [`http.${url}.extraHeader`]: `Authorization: Basic ${credentials.toString(
        'base64',
      )}`,
      'http.followRedirects': 'false',
      'http.lowSpeedLimit': '1000',
      'http.lowSpeedTime': '20',
      'gc.autoDetach': 'false',
    };
    const environment: Record<string, string> = {
      GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    };
    Object.entries(settings).forEach(([name, value], index) => {
      environment[`GIT_CONFIG_KEY_${index}`] = name;
      environment[`GIT_CONFIG_VALUE_${index}`] = value;
    });
    try {
      return await this.opened.git.run({
        args,
        environment,
        expectedExitCodes,
        timeoutMillis: NETWORK_TIMEOUT_MILLIS,
      });
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw new CopyError(
        `${url} does not answer Git as it should: see whether it is up, and whether the credentials under integrations.github may read and write it`,
        toError(error),
      );
    }
  }
}
