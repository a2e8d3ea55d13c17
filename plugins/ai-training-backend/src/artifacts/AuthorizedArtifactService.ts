import type { ByteRange } from '@greenroom/artifact-store';
import type { BundleFile } from '@greenroom/bundle-file';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { ArtifactOwner, ArtifactPath } from './artifactPath';
import type { ArtifactPage, ArtifactRow } from './ArtifactRows';
import type { ArtifactService, OwnerPlace } from './ArtifactService';

/** Asks whether the caller may do it in the experiment, then delegates. */
export class AuthorizedArtifactService implements ArtifactService {
  readonly #artifacts: ArtifactService;
  readonly #guard: Pick<ExperimentGuard, 'requireRead' | 'requireWrite'>;

  constructor(options: {
    artifacts: ArtifactService;
    guard: Pick<ExperimentGuard, 'requireRead' | 'requireWrite'>;
  }) {
    this.#artifacts = options.artifacts;
    this.#guard = options.guard;
  }

  async put(
    path: ArtifactPath,
    content: AsyncIterable<Uint8Array>,
    options: CallOptions & { signal?: AbortSignal },
  ): Promise<void> {
    await this.#guard.requireWrite(path.experiment, options, path.owner);
    return this.#artifacts.put(path, content, options);
  }

  async find(path: ArtifactPath, options: CallOptions): Promise<ArtifactRow> {
    await this.#guard.requireRead([path.experiment], options);
    return this.#artifacts.find(path, options);
  }

  open(file: ArtifactRow, range?: ByteRange): Promise<Readable> {
    return this.#artifacts.open(file, range);
  }

  async list(
    path: ArtifactPath,
    options: CallOptions & { from?: string },
  ): Promise<ArtifactPage> {
    await this.#guard.requireRead([path.experiment], options);
    return this.#artifacts.list(path, options);
  }

  async listFiles(
    path: ArtifactPath,
    options: CallOptions,
  ): Promise<BundleFile[]> {
    await this.#guard.requireRead([path.experiment], options);
    return this.#artifacts.listFiles(path, options);
  }

  async delete(path: ArtifactPath, options: CallOptions): Promise<void> {
    await this.#guard.requireWrite(path.experiment, options, path.owner);
    return this.#artifacts.delete(path, options);
  }

  async findOwner(
    owner: ArtifactOwner,
    options: CallOptions,
  ): Promise<OwnerPlace> {
    const place = await this.#artifacts.findOwner(owner, options);
    await this.#guard.requireRead([place.experiment], options);
    return place;
  }
}
