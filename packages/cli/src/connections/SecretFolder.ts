import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandError, EXIT_CODES } from '../CommandError';

/** What a data plane takes as `file:NAME`. */
const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** Bits that let others than the owner read or write. */
const OTHERS = 0o077;
/** As a data plane defaults. */
const DEFAULT_DATA_DIRECTORY = '.data/data-plane';
const DEFAULT_ENVIRONMENT = 'production';
const ENVIRONMENT_PATTERN = /^[a-z][a-z0-9-]*$/;

/**
 * Where a data plane with these variables looks for secrets.
 *
 * @throws CommandError where both options are given, or the environment cannot be one
 */
export function secretFolderOf(
  options: { directory: string | undefined; environment: string | undefined },
  variables: Record<string, string | undefined>,
): string {
  const { GREENROOM_SECRETS_DIR: secrets, GREENROOM_DATA_DIR: data } =
    variables;
  const { directory, environment } = options;
  if (directory && environment) {
    throw new CommandError(
      '--directory names the folder itself: leave --environment out, or name the folder of data by GREENROOM_DATA_DIR',
      EXIT_CODES.usage,
    );
  }
  if (directory) return resolve(directory);
  if (secrets && !environment) return resolve(secrets);
  const name =
    environment || variables.GREENROOM_ENVIRONMENT || DEFAULT_ENVIRONMENT;
  if (!ENVIRONMENT_PATTERN.test(name)) {
    throw new CommandError(
      `'${name}' cannot be the name of an environment: expected lower-case letters, digits and dashes`,
      EXIT_CODES.usage,
    );
  }
  return resolve(data || DEFAULT_DATA_DIRECTORY, name, 'secrets');
}

/** A folder with a file for each secret, which its owner alone reads. */
export class SecretFolder {
  readonly #directory: string;

  /** @param directory - absolute path; made when something is put into it */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws CommandError when a data plane takes no secret of this name */
  check(name: string): void {
    if (NAME_PATTERN.test(name)) return;
    throw new CommandError(
      `'${name}' cannot be the name of a secret: expected at most 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
      EXIT_CODES.usage,
    );
  }

  /** Readers see the value before or the one after, and never a part. @returns what was done */
  async set(name: string, value: string): Promise<string> {
    this.check(name);
    const path = join(this.#directory, name);
    // Data planes and list() take no name that begins with a dot.
    const temporary = join(this.#directory, `.${name}.${randomUUID()}`);
    try {
      await mkdir(this.#directory, {
        recursive: true,
        mode: OWNER_ONLY_FOLDER,
      });
      const file = await open(temporary, 'wx', OWNER_ONLY);
      try {
        await file.writeFile(value);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw failed(`The secret was not written to ${path}`, error);
    }
    return `Secret ${name} is in ${path}. Name it as file:${name}.`;
  }

  /** @returns a line for each, without values */
  async list(): Promise<string[]> {
    const names = await this.#names();
    if (names.length === 0) return [`No secrets in ${this.#directory}`];
    return Promise.all(
      names.map(async name => {
        const { mode, mtime } = await stat(join(this.#directory, name));
        const warning =
          (mode & OTHERS) === 0
            ? ''
            : '  others can read it, so that data planes do not take it: chmod 600 it';
        return `${name}  set ${mtime.toISOString()}${warning}`;
      }),
    );
  }

  /** @returns what was done */
  async remove(name: string): Promise<string> {
    this.check(name);
    const path = join(this.#directory, name);
    try {
      await rm(path);
    } catch (error) {
      throw failed(`The secret ${name} was not removed`, error);
    }
    return `Secret ${name} is gone from ${this.#directory}.`;
  }

  async #names(): Promise<string[]> {
    try {
      const entries = await readdir(this.#directory, { withFileTypes: true });
      return entries
        .filter(entry => !entry.isDirectory() && NAME_PATTERN.test(entry.name))
        .map(({ name }) => name)
        .sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw failed('The secrets cannot be listed', error);
    }
  }
}

function failed(what: string, error: unknown): CommandError {
  const why = error instanceof Error ? error.message : String(error);
  return new CommandError(`${what}: ${why}`, EXIT_CODES.failed);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error
    ? String(error.code)
    : undefined;
}
