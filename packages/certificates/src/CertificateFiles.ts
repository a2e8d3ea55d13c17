import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Certificates, expiryOf, problemWith } from './certificates';

/** A mounted secret is replaced within a minute of its change. */
const LOOK_MILLIS = 10_000;

/** Where it is said that certificates were renewed, or cannot be. */
export interface CertificateLog {
  info(message: string, fields: Record<string, string>): void;
  warn(message: string, fields: Record<string, string>): void;
}

/** Absolute paths of PEM files. */
export interface CertificatePaths {
  identity?: { certificate: string; privateKey: string };
  authorities?: string;
}

/** The files cannot be used as they are. */
export class CertificateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CertificateError';
  }
}

/**
 * Certificates in files that somebody renews. Looked at again and again, since notices of changes do not come from all
 * kinds of mounted folders; what cannot be used, such as half of a new pair, is told and not taken.
 */
export class CertificateFiles {
  readonly #what: string;
  readonly #paths: CertificatePaths;
  readonly #logger: CertificateLog;
  readonly #listeners: ((certificates: Certificates) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #current: Certificates;
  /** Of what was told of last, so that it is told once. */
  #toldOf: string | undefined;
  #looking = false;

  /** @throws CertificateError that says what is wrong, without anything of a key */
  constructor(options: {
    /** Whose certificates they are, for the log. */
    what: string;
    paths: CertificatePaths;
    logger: CertificateLog;
    lookMillis?: number;
  }) {
    this.#what = options.what;
    this.#paths = options.paths;
    this.#logger = options.logger;
    this.#current = readCertificates(options.what, options.paths);
    this.#timer = setInterval(
      () => void this.look(),
      options.lookMillis ?? LOOK_MILLIS,
    );
    this.#timer.unref();
  }

  get current(): Certificates {
    return this.#current;
  }

  /** Until when its own certificate holds; undefined where it has none. */
  get expiresAt(): Date | undefined {
    const { identity } = this.#current;
    return identity && expiryOf(identity.certificate);
  }

  /** Calls back with those that connections use from now on: at once, and after each change. */
  use(listener: (certificates: Certificates) => void): void {
    this.#listeners.push(listener);
    listener(this.#current);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Takes what has changed since it was looked at last. */
  async look(): Promise<void> {
    // A disk that hangs gathers no looks.
    if (this.#looking) return;
    this.#looking = true;
    try {
      const found = await read(this.#paths);
      if (isSame(found, this.#current)) {
        this.#toldOf = undefined;
        return;
      }
      const problem = problemWith(found);
      if (problem) throw new Error(problem);
      this.#current = found;
      this.#toldOf = undefined;
      for (const listener of this.#listeners) listener(found);
      this.#logger.info('certificates were renewed', {
        of: this.#what,
        ...(this.expiresAt && { expiresAt: this.expiresAt.toISOString() }),
      });
    } catch (error) {
      const told = String(error);
      if (this.#toldOf === told) return;
      this.#toldOf = told;
      this.#logger.warn(
        'changed certificates cannot be used: the ones before go on',
        { of: this.#what, error: told, files: filesOf(this.#paths).join(', ') },
      );
    } finally {
      this.#looking = false;
    }
  }
}

/** @throws CertificateError */
export function readCertificates(
  what: string,
  paths: CertificatePaths,
): Certificates {
  let certificates: Certificates;
  try {
    certificates = assemble(
      paths,
      filesOf(paths).map(file => readFileSync(file)),
    );
  } catch (error) {
    throw new CertificateError(
      `the certificates of ${what} cannot be read: ${String(error)}`,
    );
  }
  const problem = problemWith(certificates);
  if (!problem) return certificates;
  throw new CertificateError(
    `the certificates of ${what} cannot be used: ${problem} (${filesOf(
      paths,
    ).join(', ')})`,
  );
}

async function read(paths: CertificatePaths): Promise<Certificates> {
  return assemble(
    paths,
    await Promise.all(filesOf(paths).map(file => readFile(file))),
  );
}

/** @param contents - in the order of {@link filesOf} */
function assemble(paths: CertificatePaths, contents: Buffer[]): Certificates {
  const left = [...contents];
  const next = () => left.shift()!;
  return {
    ...(paths.identity && {
      identity: { certificate: next(), privateKey: next() },
    }),
    ...(paths.authorities !== undefined && { authorities: next() }),
  };
}

function filesOf({ identity, authorities }: CertificatePaths): string[] {
  return [identity?.certificate, identity?.privateKey, authorities].filter(
    file => file !== undefined,
  );
}

function isSame(one: Certificates, other: Certificates): boolean {
  const equal = (a?: Buffer, b?: Buffer) =>
    a === undefined || b === undefined ? a === b : a.equals(b);
  return (
    equal(one.identity?.certificate, other.identity?.certificate) &&
    equal(one.identity?.privateKey, other.identity?.privateKey) &&
    equal(one.authorities, other.authorities)
  );
}
