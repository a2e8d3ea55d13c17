import { InputError, NotFoundError } from '@backstage/errors';
import { PayloadTooLargeError } from '@greenroom/ai-node';
import {
  type Artifact,
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import { createHash, randomUUID } from 'node:crypto';
import {
  mkdir,
  open,
  opendir,
  readdir,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type {
  ArtifactReader,
  ArtifactStore,
  ByteRange,
  StoredArtifact,
} from '../ArtifactStore';
import { errorCodeOf, explainWriteError } from './explainWriteError';

/** An upload that nobody has written to for so long belongs to a process that died. */
const STALE_UPLOAD_MILLIS = 24 * 60 * 60 * 1000;

/**
 * Artifacts as files: `sha256/<2 digits>/<2 digits>/<digest>`, and uploads in
 * progress in `incoming` on the same file system, so that finishing one is a rename.
 */
export class FolderArtifactStore implements ArtifactStore {
  readonly #directory: string;
  readonly #maxBytes: number;

  private constructor(options: { directory: string; maxBytes: number }) {
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes;
  }

  /** Makes the folder, and clears what crashed uploads left in it. */
  static async create(options: {
    /** Absolute path. */
    directory: string;
    /** Largest artifact that is taken. */
    maxBytes: number;
  }): Promise<FolderArtifactStore> {
    const store = new FolderArtifactStore(options);
    await mkdir(store.#incoming, { recursive: true });
    await store.#removeStaleUploads();
    return store;
  }

  async put(content: AsyncIterable<Uint8Array>): Promise<Artifact> {
    const uploadPath = join(this.#incoming, randomUUID());
    try {
      const artifact = await this.#receive(uploadPath, content);
      await this.#keep(uploadPath, artifact);
      return artifact;
    } catch (error) {
      throw explainWriteError(error, this.#directory);
    } finally {
      await rm(uploadPath, { force: true });
    }
  }

  async stat(digest: Digest): Promise<Artifact | undefined> {
    const found = await ifPresent(stat(this.#pathOf(digest)));
    return found && { digest, sizeBytes: found.size };
  }

  async open(digest: Digest, range?: ByteRange): Promise<Readable> {
    const handle = await this.#openFile(digest);
    return handle.createReadStream({ ...range, highWaterMark: 256 * 1024 });
  }

  async openReader(digest: Digest): Promise<ArtifactReader> {
    const handle = await this.#openFile(digest);
    const { size } = await handle.stat();
    return {
      sizeBytes: size,
      read: async (position, length) => {
        const buffer = Buffer.allocUnsafe(length);
        const { bytesRead } = await handle.read(buffer, 0, length, position);
        return buffer.subarray(0, bytesRead);
      },
      close: () => handle.close(),
    };
  }

  async withLocalFile<T>(
    digest: Digest,
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    if (!(await this.stat(digest))) throw unknownArtifact(digest);
    return work(this.#pathOf(digest));
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    const folder = join(this.#directory, 'sha256');
    const entries =
      (await ifPresent(opendir(folder, { recursive: true }))) ?? [];
    for await (const entry of entries) {
      const digest: Digest = `sha256:${entry.name}`;
      if (!entry.isFile() || !DIGEST_PATTERN.test(digest)) continue;
      const found = await ifPresent(stat(join(entry.parentPath, entry.name)));
      if (!found) continue;
      yield { digest, sizeBytes: found.size, storedAt: found.mtime };
    }
  }

  async delete(digest: Digest): Promise<void> {
    await rm(this.#pathOf(digest), { force: true });
  }

  async #receive(
    uploadPath: string,
    content: AsyncIterable<Uint8Array>,
  ): Promise<Artifact> {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const handle = await open(uploadPath, 'wx');
    try {
      for await (const chunk of content) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > this.#maxBytes) {
          throw new PayloadTooLargeError(
            `The artifact is larger than the ${
              this.#maxBytes
            } bytes that this registry takes (aiRegistry.artifacts.maxBytes)`,
          );
        }
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
  }

  async #keep(uploadPath: string, artifact: Artifact): Promise<void> {
    const path = this.#pathOf(artifact.digest);
    await mkdir(dirname(path), { recursive: true });
    await rename(uploadPath, path);
    await syncDirectory(dirname(path));
  }

  async #openFile(digest: Digest): Promise<FileHandle> {
    const handle = await ifPresent(open(this.#pathOf(digest), 'r'));
    if (!handle) throw unknownArtifact(digest);
    return handle;
  }

  async #removeStaleUploads(): Promise<void> {
    const oldestMillis = Date.now() - STALE_UPLOAD_MILLIS;
    for (const name of await readdir(this.#incoming)) {
      const path = join(this.#incoming, name);
      const found = await ifPresent(stat(path));
      if (found && found.mtimeMs < oldestMillis) {
        await rm(path, { force: true });
      }
    }
  }

  #pathOf(digest: Digest): string {
    if (!DIGEST_PATTERN.test(digest)) {
      throw new InputError(
        `digest '${digest}' is not of the form sha256: and 64 hexadecimal digits`,
      );
    }
    const hex = digest.slice('sha256:'.length);
    return join(
      this.#directory,
      'sha256',
      hex.slice(0, 2),
      hex.slice(2, 4),
      hex,
    );
  }

  get #incoming(): string {
    return join(this.#directory, 'incoming');
  }
}

function unknownArtifact(digest: Digest): NotFoundError {
  return new NotFoundError(`There is no artifact with the digest ${digest}`);
}

/** Makes the rename itself survive a power failure. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function ifPresent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
