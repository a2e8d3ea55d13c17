import {
  type Artifact,
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import {
  link,
  mkdir,
  open,
  opendir,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type {
  ArtifactReader,
  ArtifactStore,
  ByteRange,
  LentFile,
  StoredArtifact,
} from '../ArtifactStore';
import { hexOf, unknownArtifact } from '../digest';
import { explainWriteError } from '../files/explainWriteError';
import { freeBuffers } from '../files/freeBuffers';
import { ifPresent } from '../files/ifPresent';
import { lendFolder } from '../files/lendFolder';
import { receiveFile } from '../files/receiveFile';
import { removeStaleFiles } from '../files/removeStaleFiles';

const READ_BYTES = 1024 * 1024;

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
    await store.removeLeftovers();
    return store;
  }

  async put(
    content: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Artifact> {
    const uploadPath = join(this.#incoming, randomUUID());
    try {
      const artifact = await receiveFile(uploadPath, content, {
        maxBytes: this.#maxBytes,
        ...options,
      });
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
    return Readable.from(readChunks(handle, range), {
      objectMode: false,
      highWaterMark: READ_BYTES,
    }).once('close', () => handle.close().catch(() => {}));
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

  async withLocalFolder<T>(
    files: readonly LentFile[],
    work: (folder: string) => Promise<T>,
  ): Promise<T> {
    return lendFolder({
      folder: join(this.#incoming, randomUUID()),
      files,
      // The same bytes under a second name: on the same disk, nothing is copied.
      place: async ({ digest }, path) => {
        const linked = await ifPresent(
          link(this.#pathOf(digest), path).then(() => true),
        );
        if (!linked) throw unknownArtifact(digest);
      },
      work,
    });
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

  async deleteUnlessStoredSince(
    digest: Digest,
    storedBefore: Date,
  ): Promise<boolean> {
    const path = this.#pathOf(digest);
    const isOld = async (file: string) =>
      ((await ifPresent(stat(file)))?.mtime ?? storedBefore) < storedBefore;
    if (!(await isOld(path))) return false;
    // Taken aside first: what is stored from here on is another file, and stays.
    const aside = join(this.#incoming, randomUUID());
    const taken = await ifPresent(rename(path, aside).then(() => true));
    if (!taken) return false;
    try {
      if (await isOld(aside)) return true;
      // Stored again just before it was taken. Where it is there once more, both are the same.
      await link(aside, path).catch(error => {
        if (error.code !== 'EEXIST') throw error;
      });
      return false;
    } finally {
      await rm(aside, { force: true });
    }
  }

  async removeLeftovers(): Promise<void> {
    await removeStaleFiles(this.#incoming);
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

  #pathOf(digest: Digest): string {
    const hex = hexOf(digest);
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

/** A file's bytes, at most so many at once; `end` belongs to them. */
async function* readChunks(
  handle: FileHandle,
  range: ByteRange = { start: 0, end: Infinity },
): AsyncGenerator<Buffer> {
  const { size } = await handle.stat();
  const end = Math.min(range.end + 1, size);
  for (let position = range.start; position < end; ) {
    const length = Math.min(READ_BYTES, end - position);
    const { buffer, bytesRead } = await handle.read(
      Buffer.allocUnsafeSlow(length),
      0,
      length,
      position,
    );
    if (bytesRead === 0) return;
    freeBuffers(length);
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
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
