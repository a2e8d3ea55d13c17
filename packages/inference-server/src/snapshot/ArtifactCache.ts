import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

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

  constructor(options: {
    directory: string;
    /** Opens the bytes at the control plane. */
    open: (path: string, signal?: AbortSignal) => Promise<Readable>;
  }) {
    this.#directory = options.directory;
    this.#open = options.open;
  }

  /**
   * Makes sure that an artifact is on disk and whole. A file that is there is hashed
   * again, since disks and people change files.
   *
   * @returns path of the file.
   * @throws WrongArtifactError when the control plane sends other bytes; nothing is kept then.
   */
  async ensure(
    reference: ArtifactReference,
    signal?: AbortSignal,
  ): Promise<string> {
    const file = this.#fileOf(reference.digest);
    if (await isFile(file)) {
      if ((await hashFile(file)) === reference.digest) return file;
      await rm(file, { force: true });
    }
    await this.#download(reference, file, signal);
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

async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ?? false;
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
