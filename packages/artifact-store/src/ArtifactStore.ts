import type { Artifact, Digest } from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';

/** Part of an artifact, in bytes from 0; both ends belong to it. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface StoredArtifact extends Artifact {
  /** When its content was stored last: storing it again makes it young again. */
  storedAt: Date;
}

/** An artifact, and where it is to lie among others. */
export interface LentFile {
  path: string;
  digest: Digest;
}

/** Reads pieces of one artifact in any order. */
export interface ArtifactReader {
  sizeBytes: number;
  /** The bytes from `position` on; fewer than `length` at the end of the artifact. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Keeps files under the digest of their content. What is in it never changes;
 * storing the same content twice is one artifact.
 */
export interface ArtifactStore {
  /**
   * Stores a stream of any length in constant memory. It is there completely or,
   * when the stream breaks off, not at all. Throws a PayloadTooLargeError when it
   * is longer than the store takes. Throws the signal's reason when it is aborted before
   * the artifact is there.
   */
  put(
    content: AsyncIterable<Uint8Array>,
    options?: { signal?: AbortSignal },
  ): Promise<Artifact>;
  /** Undefined when there is no such artifact. */
  stat(digest: Digest): Promise<Artifact | undefined>;
  /** Throws a NotFoundError when there is no such artifact. */
  open(digest: Digest, range?: ByteRange): Promise<Readable>;
  /** Throws a NotFoundError when there is no such artifact. */
  openReader(digest: Digest): Promise<ArtifactReader>;
  /**
   * Lends the artifact as a file that other programs can read, until the work is done.
   * Throws a NotFoundError when there is no such artifact.
   */
  withLocalFile<T>(
    digest: Digest,
    work: (path: string) => Promise<T>,
  ): Promise<T>;
  /**
   * Lends artifacts as files of one folder, until the work is done. Paths are relative to it
   * and checked by the caller. Throws a NotFoundError when one of the artifacts is not there.
   */
  withLocalFolder<T>(
    files: readonly LentFile[],
    work: (folder: string) => Promise<T>,
  ): Promise<T>;
  /** Every artifact, in no order. Those that come and go meanwhile may be in it or not. */
  list(): AsyncIterable<StoredArtifact>;
  /** Does nothing when there is no such artifact. */
  delete(digest: Digest): Promise<void>;
  /**
   * Removes an artifact unless it was stored since `storedBefore`, also while somebody stores it again:
   * an S3 server only up to the moment in which it is asked to remove it.
   *
   * @returns whether it was removed
   */
  deleteUnlessStoredSince(digest: Digest, storedBefore: Date): Promise<boolean>;
  /** Removes what uploads left that were broken off, by a kill for example, more than a day ago. */
  removeLeftovers(): Promise<void>;
}
