import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorMessage } from '../errors';
import type { Logger } from '../logger';

/** The bytes of an artifact are not those that the snapshot names. */
export class WrongArtifactError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongArtifactError';
  }
}

export interface ArtifactReference {
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
  sizeBytes: number;
  /** Path under the control plane's base URL. */
  artifactPath: string;
}

const HEX_PATTERN = /^[0-9a-f]{64}$/;

/** Artifacts on disk, each in a file that is named after its content. */
export class ArtifactCache {
  readonly #directory: string;
  readonly #open: (path: string, signal?: AbortSignal) => Promise<Readable>;
  readonly #logger: Logger;

  constructor(options: {
    directory: string;
    /** Opens the bytes at the control plane. */
    open: (path: string, signal?: AbortSignal) => Promise<Readable>;
    logger: Logger;
  }) {
    this.#directory = options.directory;
    this.#open = options.open;
    this.#logger = options.logger;
  }

  /**
   * Makes sure that an artifact is on disk and whole. A file that is there is hashed
   * again, since disks and people change files; one that is damaged is fetched anew.
   *
   * @returns path of the file.
   * @throws WrongArtifactError when the control plane sends other bytes; nothing is kept then.
   *   Another error when it could not be fetched, which says so if a damaged file was the reason.
   */
  async ensure(
    reference: ArtifactReference,
    signal?: AbortSignal,
  ): Promise<string> {
    const file = this.#fileOf(reference.digest);
    const damage = await findDamage(file, reference.digest);
    if (damage === undefined) {
      await this.#download(reference, file, signal);
    } else if (damage !== 'none') {
      await this.#replace(reference, file, damage, signal);
    }
    return file;
  }

  /**
   * Removes the artifacts that nobody needs.
   *
   * @param isUsed - is asked right before each removal, since needs change meanwhile
   */
  async removeUnused(isUsed: (digest: string) => boolean): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) {
      if (HEX_PATTERN.test(name) && !isUsed(`sha256:${name}`)) {
        await rm(join(this.#directory, name), { force: true });
      }
    }
  }

  #fileOf(digest: string): string {
    return join(this.#directory, digest.slice('sha256:'.length));
  }

  async #replace(
    reference: ArtifactReference,
    file: string,
    damage: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#logger.warn('a copy of an artifact is damaged: it is fetched again', {
      digest: reference.digest,
      file,
      damage,
    });
    try {
      await this.#download(reference, file, signal);
    } catch (error) {
      if (error instanceof WrongArtifactError) throw error;
      throw new Error(
        `the copy ${file} is damaged (${damage}), and it could not be fetched again: ${errorMessage(
          error,
        )}`,
        { cause: error },
      );
    }
  }

  async #download(
    { digest, sizeBytes, artifactPath }: ArtifactReference,
    file: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const stream = await this.#open(artifactPath, signal);
    const temporary = `${file}.${randomUUID()}.tmp`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      let received = 0;
      for await (const chunk of stream) {
        received += chunk.length;
        if (received > sizeBytes) {
          throw new WrongArtifactError(
            `the artifact is longer than the ${sizeBytes} bytes that the snapshot says`,
          );
        }
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      const found = `sha256:${hash.digest('hex')}`;
      if (found !== digest) {
        throw new WrongArtifactError(
          `the artifact's digest is ${found}, expected ${digest}`,
        );
      }
      await handle.sync();
      await handle.close();
      await rename(temporary, file);
    } catch (error) {
      stream.destroy();
      await handle.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** @returns undefined when there is no such file, else what is wrong with it or `none`. */
async function findDamage(
  file: string,
  digest: string,
): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  try {
    const actual = await hashFile(file);
    return actual === digest ? 'none' : `its digest is ${actual}`;
  } catch (error) {
    return `it cannot be read: ${errorMessage(error)}`;
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
