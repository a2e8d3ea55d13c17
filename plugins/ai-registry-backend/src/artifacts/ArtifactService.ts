import { NotFoundError } from '@backstage/errors';
import type { Artifact, Digest } from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../models/ModelService';
import type { ArtifactCollector, CollectionReport } from './ArtifactCollector';
import type { ArtifactStore, ByteRange } from '@greenroom/artifact-store';

export interface UploadOptions extends CallOptions {
  signal?: AbortSignal;
}

/** What callers can do with artifacts. */
export interface ArtifactService {
  /** Keeps nothing when `signal` is aborted before the artifact is stored. */
  upload(
    content: AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<Artifact>;
  /** Throws a NotFoundError when there is no such artifact. */
  find(digest: Digest, options: CallOptions): Promise<Artifact>;
  /** Opens an artifact that was found before. */
  open(artifact: Artifact, range?: ByteRange): Promise<Readable>;
  /** Removes artifacts that nobody uses, or says which it would remove. */
  collect(
    request: { dryRun: boolean },
    options: CallOptions,
  ): Promise<CollectionReport>;
}

/** Does what it is asked; {@link AuthorizedArtifactService} asks whether it may. */
export class DefaultArtifactService implements ArtifactService {
  readonly #artifacts: ArtifactStore;
  readonly #collector: ArtifactCollector;

  constructor(options: {
    artifacts: ArtifactStore;
    collector: ArtifactCollector;
  }) {
    this.#artifacts = options.artifacts;
    this.#collector = options.collector;
  }

  async upload(
    content: AsyncIterable<Uint8Array>,
    { signal }: UploadOptions,
  ): Promise<Artifact> {
    return this.#artifacts.put(content, { signal });
  }

  async find(digest: Digest): Promise<Artifact> {
    const artifact = await this.#artifacts.stat(digest);
    if (!artifact) {
      throw new NotFoundError(`There is no artifact with the digest ${digest}`);
    }
    return artifact;
  }

  async open(artifact: Artifact, range?: ByteRange): Promise<Readable> {
    return this.#artifacts.open(artifact.digest, range);
  }

  async collect(request: { dryRun: boolean }): Promise<CollectionReport> {
    return this.#collector.collect(request);
  }
}
