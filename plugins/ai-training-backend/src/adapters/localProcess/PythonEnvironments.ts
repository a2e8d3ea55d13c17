import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { createHash, randomUUID } from 'node:crypto';
import {
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PreparationError } from './PreparationError';
import { identityOf, isThere } from './processIdentity';
import { readPythonLock } from './pythonLock';
import { runTool } from './runTool';

/** Large packages from a far index. */
const INSTALL_LIMIT_MILLIS = 30 * 60_000;
const TOOL_LIMIT_MILLIS = 2 * 60_000;
const LOOK_AGAIN_MILLIS = 500;
const SHOWN_LINES = 8;
/** A file in an environment that can be used; when it was touched last, it was used last. */
const COMPLETE = 'complete';
/** Key of what is in it, and something of its own. */
const NAME_PATTERN = /^[0-9a-f]{24}-[0-9a-f]{8}$/;

/** Variables that pip reads. Their values may be secrets: only pip gets them. */
const PIP_VARIABLES =
  /^(PIP_.*|HOME|PATH|TMPDIR|LANG|LC_ALL|XDG_(CONFIG|CACHE)_HOME|(HTTPS?|NO)_PROXY|https?_proxy|no_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|PYENV_.*)$/;

export interface PythonEnvironmentsOptions {
  /** Absolute path of the folder that they lie in. */
  directory: string;
  /** Command of the Python that they are made with. */
  python: string;
  surroundings: Record<string, string | undefined>;
  /** How many are kept. */
  mostKept: number;
  /** Paths of those that programs use now. */
  inUse(): Promise<Set<string>>;
  logger: Pick<LoggerService, 'info' | 'warn'>;
}

interface Making {
  folder: Promise<string>;
  listeners: Set<(step: string) => void>;
}

/**
 * Folders with a Python and the packages of a lock file. One is made for each content of such a file, when it is
 * needed first, and shared by all programs that need it; of those that nobody uses the oldest ones are removed.
 */
export class PythonEnvironments {
  readonly #options: PythonEnvironmentsOptions;
  readonly #making = new Map<string, Making>();
  readonly #closing = new AbortController();
  #version: string | undefined;

  constructor(options: PythonEnvironmentsOptions) {
    this.#options = options;
  }

  /**
   * @param lock - content of the file
   * @param options.file - as messages name it
   * @param options.onStep - told what is done, while it takes its time
   * @param options.signal - ends the waiting; what others wait for goes on
   * @returns absolute path of the environment's folder
   * @throws PreparationError that says what is wrong with the list, or what pip said last
   */
  async ensure(
    lock: string,
    options: {
      file: string;
      onStep(step: string): void;
      signal: AbortSignal;
    },
  ): Promise<string> {
    const { file, onStep, signal } = options;
    const { hasHashes } = readPythonLock(lock, file);
    const key = createHash('sha256')
      .update(`${process.platform} ${process.arch} ${await this.#askVersion()}`)
      .update(lock)
      .digest('hex')
      .slice(0, 24);
    let making = this.#making.get(key);
    if (!making) {
      const listeners: Making['listeners'] = new Set();
      const tell = (step: string) => listeners.forEach(each => each(step));
      const folder = this.#make(key, { lock, file, hasHashes, tell }).finally(
        () => this.#making.delete(key),
      );
      // Whoever waits is told; perhaps nobody does any more.
      folder.catch(() => {});
      making = { folder, listeners };
      this.#making.set(key, making);
    }
    const { listeners } = making;
    listeners.add(onStep);
    try {
      return await unlessAborted(making.folder, signal);
    } finally {
      listeners.delete(onStep);
    }
  }

  /** Ends what is being made. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the control plane stops'));
    const making = [...this.#making.values()].map(({ folder }) => folder);
    await Promise.allSettled(making);
  }

  async #make(
    key: string,
    options: {
      lock: string;
      file: string;
      hasHashes: boolean;
      tell(step: string): void;
    },
  ): Promise<string> {
    const { directory, logger } = this.#options;
    await mkdir(directory, { recursive: true });
    const before = await this.#find(key);
    if (before) return before;
    const unlock = await this.#lock(join(directory, `${key}.making`));
    try {
      const meanwhile = await this.#find(key);
      if (meanwhile) return meanwhile;
      await this.#removeUnused(key);
      // Another place each time: what a control plane was making when it was killed may still be written to.
      const folder = join(directory, `${key}-${randomUUID().slice(0, 8)}`);
      const beganMillis = performance.now();
      try {
        await this.#install(folder, options);
        await writeFile(join(folder, COMPLETE), '');
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
      const seconds = Math.round((performance.now() - beganMillis) / 1_000);
      logger.info(
        `The Python environment of ${options.file} was made in ${seconds} seconds`,
      );
      return folder;
    } finally {
      await unlock();
    }
  }

  /** @returns path of one that can be used, which it is from now on */
  async #find(key: string): Promise<string | undefined> {
    const { directory } = this.#options;
    for (const name of await readdir(directory)) {
      const folder = join(directory, name);
      const isOne = NAME_PATTERN.test(name) && name.startsWith(`${key}-`);
      if (isOne && (await touch(join(folder, COMPLETE)))) return folder;
    }
    return undefined;
  }

  async #install(
    folder: string,
    options: {
      lock: string;
      file: string;
      hasHashes: boolean;
      tell(step: string): void;
    },
  ): Promise<void> {
    const { lock, file, hasHashes, tell } = options;
    const python = join(folder, 'bin', 'python');
    const list = join(folder, 'requirements.lock');
    tell('A Python environment is made');
    await this.#run(this.#options.python, ['-m', 'venv', folder], {
      failed: 'The Python environment could not be made',
    });
    await writeFile(list, lock);
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input'];
    await this.#run(
      python,
      [
        ...pip,
        'install',
        // Of no use where it is told by lines.
        '--progress-bar',
        'off',
        // What the list does not name is not installed: it would be another version each time.
        '--no-deps',
        ...(hasHashes ? ['--require-hashes'] : []),
        '--requirement',
        list,
      ],
      {
        failed: `The packages of ${file} could not be installed`,
        onLine: line =>
          tell(`Python packages: ${line.replace(/ \(from .*/, '')}`),
        timeoutMillis: INSTALL_LIMIT_MILLIS,
      },
    );
    await this.#run(python, [...pip, 'check'], {
      failed: `${file} does not name all that its packages need (\`pip freeze\` and \`pip-compile\` write complete lists)`,
    });
  }

  async #run(
    command: string,
    args: string[],
    options: {
      failed: string;
      onLine?(line: string): void;
      timeoutMillis?: number;
    },
  ): Promise<string[]> {
    const { failed, onLine, timeoutMillis = TOOL_LIMIT_MILLIS } = options;
    const { surroundings } = this.#options;
    const known = Object.entries(surroundings).flatMap(([name, value]) =>
      value !== undefined && PIP_VARIABLES.test(name) ? [[name, value]] : [],
    );
    const { exitCode, lines } = await runTool(command, args, {
      environment: Object.fromEntries(known),
      timeoutMillis,
      signal: this.#closing.signal,
      onLine,
    }).catch(error => {
      this.#closing.signal.throwIfAborted();
      throw new PreparationError(`${failed}: ${toError(error).message}`, error);
    });
    if (exitCode !== 0) {
      const said = lines.slice(-SHOWN_LINES).join('\n');
      throw new PreparationError(`${failed}: ${said}`);
    }
    return lines;
  }

  async #askVersion(): Promise<string> {
    const { python } = this.#options;
    this.#version ??= (
      await this.#run(
        python,
        [
          '-c',
          'import sys, venv, ensurepip; print(sys.version.replace(chr(10), " "))',
        ],
        {
          failed: `There is no Python 3 with venv as ${python} on this machine; install one, or name it by aiTraining.local.python`,
        },
      )
    ).join(' ');
    return this.#version;
  }

  /** Another control plane may make the same one in the same folder. */
  async #lock(file: string): Promise<() => Promise<void>> {
    const me = { pid: process.pid, identity: await identityOf(process.pid) };
    for (;;) {
      try {
        await writeFile(file, JSON.stringify(me), { flag: 'wx' });
        return () => rm(file, { force: true });
      } catch (error) {
        if (Object(error).code !== 'EEXIST') throw error;
      }
      if (!(await isHeld(file))) await rm(file, { force: true });
      else {
        await sleep(LOOK_AGAIN_MILLIS, undefined, {
          signal: this.#closing.signal,
        });
      }
    }
  }

  /** @param key - of one that is about to be made, by nobody else */
  async #removeUnused(key: string): Promise<void> {
    const { directory, mostKept, inUse } = this.#options;
    const used = await inUse();
    const found = await Promise.all(
      (
        await readdir(directory)
      )
        .filter(name => NAME_PATTERN.test(name))
        .map(async name => {
          const folder = join(directory, name);
          const usedAt = await stat(join(folder, COMPLETE)).then(
            ({ mtimeMs }) => mtimeMs,
            () => undefined,
          );
          return { name, folder, usedAt };
        }),
    );
    const halves = found.filter(
      ({ name, usedAt }) => usedAt === undefined && name.startsWith(`${key}-`),
    );
    for (const { folder } of halves) {
      await rm(folder, { recursive: true, force: true });
    }
    const removable = found
      // Without a time it is one that is being made.
      .filter(({ folder, usedAt }) => usedAt !== undefined && !used.has(folder))
      .sort((a, b) => Number(a.usedAt) - Number(b.usedAt));
    // One more is about to come.
    const excess = found.length - halves.length + 1 - mostKept;
    for (const { folder } of removable.slice(0, Math.max(0, excess))) {
      // Unusable before it is half of one.
      await rm(join(folder, COMPLETE), { force: true });
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function isHeld(file: string): Promise<boolean> {
  try {
    return await isThere(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    // Just given back, or being written in this moment.
    return Object(error).code !== 'ENOENT' && isYoung(file);
  }
}

async function isYoung(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < 10_000;
}

async function touch(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}

async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
