import type { Stats } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a secret lies: an environment variable, or a file in the folder of secrets. */
const REFERENCE_PATTERN =
  /^(?:env:([A-Za-z_][A-Za-z0-9_]{0,127})|file:([A-Za-z0-9][A-Za-z0-9._-]{0,127}))$/;
/** A key of a service account has about 2,400 bytes. */
const MAX_SECRET_BYTES = 64 * 1024;
/** Bits that let others than the owner read or write. */
const OTHERS = 0o077;
/** A new file is seen after this time at the latest. */
const FRESH_MILLIS = 1_000;
/** Variables that the data plane reads itself, its token among them. */
const OWN_SETTINGS = 'GREENROOM_';
/** What is shorter may be a word of any sentence. */
const LEAST_REDACTED_CHARACTERS = 8;
/** Of secrets that were rotated, some are remembered; the oldest go first. */
const MOST_GIVEN = 1_000;

const LINE_BREAK = /[\r\n]/;
/** Printable characters of ASCII: keys and tokens have no others. */
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** A secret that cannot be had; the message names where it should lie, never what it is. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}

export function isSecretReference(text: string): boolean {
  return REFERENCE_PATTERN.test(text);
}

interface Kept {
  path: string;
  value: string;
  changedMillis: number;
  seenMillis: number;
}

/**
 * The secrets of connections, which only the data plane knows. A file that is replaced counts
 * from the next second on, without a restart.
 */
export class Secrets {
  readonly #directories: readonly string[];
  readonly #environment: Record<string, string | undefined>;
  readonly #nowMillis: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #given = new Set<string>();

  constructor(options: {
    /** Folders with a file for each secret that is kept in one; the first one that has it counts. */
    directories: readonly string[];
    environment: Record<string, string | undefined>;
    nowMillis?: () => number;
  }) {
    this.#directories = options.directories;
    this.#environment = options.environment;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /**
   * @param reference - `env:NAME` or `file:NAME`
   * @throws SecretError when it is not there, empty, too long, or open to others
   */
  async get(reference: string): Promise<string> {
    const [, variable, file] = REFERENCE_PATTERN.exec(reference) ?? [];
    if (variable !== undefined) return this.#fromEnvironment(variable);
    if (file !== undefined) return this.#fromFile(file);
    throw new SecretError(
      'a secret is expected to be named as env:NAME or file:NAME',
    );
  }

  /**
   * A secret that is sent as part of a header.
   *
   * @param reference - as of {@link Secrets.get}
   * @throws SecretError also when it has more than one line, or what no header may have
   */
  async getLine(reference: string): Promise<string> {
    const value = await this.get(reference);
    if (LINE_BREAK.test(value)) {
      throw new SecretError(
        `the secret ${reference} has a line break within: expected one line; fill it again`,
      );
    }
    if (!HEADER_VALUE.test(value)) {
      throw new SecretError(
        `the secret ${reference} has a character that cannot be sent in a header: fill it again`,
      );
    }
    return value;
  }

  /** A text without the secrets that were given out: services repeat what they were sent. */
  redact(text: string): string {
    let redacted = text;
    for (const secret of this.#given) {
      redacted = redacted.replaceAll(secret, '(a secret)');
    }
    return redacted;
  }

  #fromEnvironment(variable: string): string {
    if (variable.startsWith(OWN_SETTINGS)) {
      throw new SecretError(
        `the environment variable ${variable} is the data plane's own: give the connection another one`,
      );
    }
    const value = this.#environment[variable]?.trim();
    if (value) return this.#giveOut(value);
    throw new SecretError(
      `the environment variable ${variable} of the data plane is not set`,
    );
  }

  async #fromFile(name: string): Promise<string> {
    const nowMillis = this.#nowMillis();
    const kept = this.#kept.get(name);
    if (kept && nowMillis - kept.seenMillis < FRESH_MILLIS) return kept.value;
    const file = await this.#find(name);
    if (file === undefined) {
      this.#kept.delete(name);
      throw new SecretError(
        `the data plane has no secret file "${name}": fill it with greenroom connections set ${name}`,
      );
    }
    const { path, found } = file;
    if (kept?.path === path && kept.changedMillis === found.mtimeMs) {
      kept.seenMillis = nowMillis;
      return kept.value;
    }
    if ((found.mode & OTHERS) !== 0 && !(await isMounted(path))) {
      throw new SecretError(
        `the secret file "${name}" can be read by others: chmod 600 it`,
      );
    }
    if (found.size > MAX_SECRET_BYTES) {
      throw new SecretError(
        `the secret file "${name}" has ${found.size} bytes, expected at most ${MAX_SECRET_BYTES}`,
      );
    }
    const value = (await readFile(path, 'utf8')).trim();
    if (value === '') {
      throw new SecretError(
        `the secret file "${name}" is empty: fill it with greenroom connections set ${name}`,
      );
    }
    this.#kept.set(name, {
      path,
      value,
      changedMillis: found.mtimeMs,
      seenMillis: nowMillis,
    });
    return this.#giveOut(value);
  }

  async #find(
    name: string,
  ): Promise<{ path: string; found: Stats } | undefined> {
    for (const directory of this.#directories) {
      const path = join(directory, name);
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile()) return { path, found };
    }
    return undefined;
  }

  /** Each line by itself: errors quote parts of a key. */
  #giveOut(value: string): string {
    for (const line of value.split('\n')) {
      if (line.trim().length < LEAST_REDACTED_CHARACTERS) continue;
      this.#given.add(line.trim());
    }
    for (const oldest of this.#given) {
      if (this.#given.size <= MOST_GIVEN) break;
      this.#given.delete(oldest);
    }
    return value;
  }
}

/** A mounted Secret of Kubernetes is a link into its volume, whose modes say nothing. */
async function isMounted(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink();
}
