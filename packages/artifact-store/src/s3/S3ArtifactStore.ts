import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  type Artifact,
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type {
  ArtifactReader,
  ArtifactStore,
  ByteRange,
  LentFile,
  StoredArtifact,
} from '../ArtifactStore';
import { hexOf, unknownArtifact } from '../digest';
import { explainWriteError } from '../files/explainWriteError';
import { lendFolder } from '../files/lendFolder';
import { receiveFile } from '../files/receiveFile';
import { removeStaleFiles, STALE_MILLIS } from '../files/removeStaleFiles';
import { createS3Client, type S3Access } from './createS3Client';
import { explainS3Error, isMissing } from './explainS3Error';
import { S3Reader } from './S3Reader';
import { sendFile } from './sendFile';

const MEBIBYTE = 1024 ** 2;

export interface S3ArtifactStoreOptions extends S3Access {
  /** Put before each key, e.g. `greenroom/`; empty for none. */
  prefix: string;
  /** Absolute path of the folder where uploads are received, and lent files lie. */
  directory: string;
  /** Largest artifact that is taken. */
  maxBytes: number;
  /**
   * Files up to this size are sent at once, larger ones in parts; in bytes, at least 5 MiB.
   * @defaultValue 16 MiB
   */
  partBytes?: number;
}

/**
 * Artifacts as objects of an S3 bucket: `<prefix>sha256/<digest>`.
 *
 * @remarks
 *
 * An upload is received into a file first: its digest, which is its key, is known at its end
 * only, and what lies in a file can be sent again when a request fails. So there are never half
 * or wrongly named objects in the bucket, and nothing has to be copied within it. The disk must
 * have room for the uploads that run at the same time, `maxBytes` each at most.
 */
export class S3ArtifactStore implements ArtifactStore {
  readonly #options: S3ArtifactStoreOptions;
  readonly #client: S3Client;
  readonly #partBytes: number;

  private constructor(options: S3ArtifactStoreOptions) {
    this.#options = options;
    this.#client = createS3Client(options);
    this.#partBytes = options.partBytes ?? 16 * MEBIBYTE;
  }

  /** Makes the folder for uploads. The bucket may be away meanwhile. */
  static async create(
    options: S3ArtifactStoreOptions,
  ): Promise<S3ArtifactStore> {
    const store = new S3ArtifactStore(options);
    await mkdir(store.#incoming, { recursive: true });
    await removeStaleFiles(store.#incoming);
    return store;
  }

  async put(
    content: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal } = {},
  ): Promise<Artifact> {
    const { maxBytes } = this.#options;
    const path = join(this.#incoming, randomUUID());
    try {
      const artifact = await receiveFile(path, content, {
        maxBytes,
        ...options,
      });
      await this.#send(path, artifact, options.signal);
      return artifact;
    } catch (error) {
      throw explainWriteError(error, this.#options.directory);
    } finally {
      await rm(path, { force: true });
    }
  }

  async stat(digest: Digest): Promise<Artifact | undefined> {
    const command = new HeadObjectCommand(this.#object(digest));
    const head = await this.#ifPresent(this.#client.send(command));
    return head && { digest, sizeBytes: head.ContentLength ?? 0 };
  }

  async open(digest: Digest, range?: ByteRange): Promise<Readable> {
    const command = new GetObjectCommand({
      ...this.#object(digest),
      ...(range && { Range: `bytes=${range.start}-${range.end}` }),
    });
    const found = await this.#ifPresent(this.#client.send(command));
    if (!found) throw unknownArtifact(digest);
    if (!(found.Body instanceof Readable)) {
      throw new Error('The S3 client gave no stream of Node');
    }
    return found.Body;
  }

  async openReader(digest: Digest): Promise<ArtifactReader> {
    const artifact = await this.stat(digest);
    if (!artifact) throw unknownArtifact(digest);
    return new S3Reader({
      sizeBytes: artifact.sizeBytes,
      fetch: async (start, end) => {
        const part = await this.open(digest, { start, end });
        return this.#explained(buffer(part));
      },
    });
  }

  async withLocalFile<T>(
    digest: Digest,
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const path = join(this.#incoming, randomUUID());
    try {
      await this.#fetch(digest, path);
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  async withLocalFolder<T>(
    files: readonly LentFile[],
    work: (folder: string) => Promise<T>,
  ): Promise<T> {
    return lendFolder({
      folder: join(this.#incoming, randomUUID()),
      files,
      place: ({ digest }, path) => this.#fetch(digest, path),
      work,
    });
  }

  async *list(): AsyncGenerator<StoredArtifact> {
    const { bucket: Bucket, prefix } = this.#options;
    const folder = `${prefix}sha256/`;
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket, Prefix: folder },
    );
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size, LastModified } of Contents) {
          const digest: Digest = `sha256:${Key.slice(folder.length)}`;
          if (!DIGEST_PATTERN.test(digest)) continue;
          yield {
            digest,
            sizeBytes: Size ?? 0,
            storedAt: LastModified ?? new Date(),
          };
        }
      }
    } catch (error) {
      throw explainS3Error(error, this.#options);
    }
  }

  async delete(digest: Digest): Promise<void> {
    const command = new DeleteObjectCommand(this.#object(digest));
    await this.#ifPresent(this.#client.send(command));
  }

  async deleteUnlessStoredSince(
    digest: Digest,
    storedBefore: Date,
  ): Promise<boolean> {
    const command = new HeadObjectCommand(this.#object(digest));
    const head = await this.#ifPresent(this.#client.send(command));
    if (!head?.LastModified || head.LastModified >= storedBefore) return false;
    await this.delete(digest);
    return true;
  }

  async removeLeftovers(): Promise<void> {
    await removeStaleFiles(this.#incoming);
    const { bucket: Bucket } = this.#options;
    const oldest = new Date(Date.now() - STALE_MILLIS);
    for (const { Key, UploadId, Initiated } of await this.#openUploads()) {
      if (Initiated === undefined || Initiated > oldest) continue;
      await this.#ifPresent(
        this.#client.send(
          new AbortMultipartUploadCommand({ Bucket, Key, UploadId }),
        ),
      );
    }
  }

  /** Writes an artifact to a new file. */
  async #fetch(digest: Digest, path: string): Promise<void> {
    const content = await this.open(digest);
    const found = await this.#explained(
      receiveFile(path, content, { maxBytes: Number.MAX_SAFE_INTEGER }),
    ).catch(error => {
      throw explainWriteError(error, this.#options.directory);
    });
    if (found.digest !== digest) {
      throw new Error(
        `The artifact store sent other bytes than those of ${digest}: restore the bucket from a backup`,
      );
    }
  }

  /** Uploads in parts that were neither finished nor broken off. */
  async #openUploads(): Promise<MultipartUpload[]> {
    const { bucket: Bucket, prefix } = this.#options;
    const found: MultipartUpload[] = [];
    let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await this.#explained(
        this.#client.send(
          new ListMultipartUploadsCommand({
            Bucket,
            Prefix: `${prefix}sha256/`,
            ...next,
          }),
        ),
      );
      found.push(...(page.Uploads ?? []));
      next =
        page.IsTruncated && page.NextKeyMarker
          ? {
              KeyMarker: page.NextKeyMarker,
              UploadIdMarker: page.NextUploadIdMarker,
            }
          : undefined;
    }
    return found;
  }

  async #send(
    path: string,
    { digest, sizeBytes }: Artifact,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      await sendFile({
        client: this.#client,
        object: this.#object(digest),
        path,
        sizeBytes,
        partBytes: this.#partBytes,
        signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw explainS3Error(error, this.#options);
    }
  }

  /** Undefined when the bucket has no such object. */
  async #ifPresent<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw explainS3Error(error, this.#options);
    }
  }

  async #explained<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw explainS3Error(error, this.#options);
    }
  }

  #object(digest: Digest): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.#options;
    return { Bucket: bucket, Key: `${prefix}sha256/${hexOf(digest)}` };
  }

  get #incoming(): string {
    return join(this.#options.directory, 'incoming');
  }
}
