import { InputError, NotFoundError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { ArtifactStore, ByteRange } from '@greenroom/artifact-store';
import { type BundleFile, MAX_BUNDLE_FILES } from '@greenroom/bundle-file';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../callOptions';
import type { LoggedModelStore } from '../loggedModels/LoggedModelStore';
import type { RunStore } from '../runs/RunStore';
import {
  type ArtifactOwner,
  type ArtifactPath,
  pathInExperiment,
} from './artifactPath';
import type { ArtifactPage, ArtifactRow, ArtifactRows } from './ArtifactRows';

/** What one page of a folder has at most. */
export const ARTIFACT_PAGE_SIZE = 1_000;

/** What is known of a run or logged model before somebody asks for its files. */
export interface OwnerPlace {
  owner: ArtifactOwner;
  experiment: string;
  /** URI below which its files are. */
  artifactUri: string;
}

/** What can be done with files of runs and logged models. */
export interface ArtifactService {
  /**
   * Stores a file, in the place of the one that was there; nothing of it when the stream breaks off.
   *
   * @throws PayloadTooLargeError when it is longer than the store takes
   * @throws NotFoundError when there is no such run or logged model in the experiment
   * @throws InputError when it is deleted
   */
  put(
    path: ArtifactPath,
    content: AsyncIterable<Uint8Array>,
    options: CallOptions & { signal?: AbortSignal },
  ): Promise<void>;
  /** Throws a NotFoundError when there is no such file. */
  find(path: ArtifactPath, options: CallOptions): Promise<ArtifactRow>;
  /** Opens a file that was found before. */
  open(file: ArtifactRow, range?: ByteRange): Promise<Readable>;
  /** Nothing where there is no such folder. */
  list(
    path: ArtifactPath,
    options: CallOptions & { from?: string },
  ): Promise<ArtifactPage>;
  /**
   * All files in a folder, by their paths in it; nothing where there is no such folder.
   *
   * @throws InputError when there are more than a version may have
   */
  listFiles(path: ArtifactPath, options: CallOptions): Promise<BundleFile[]>;
  /** Removes a file or all in a folder, where there is one. */
  delete(path: ArtifactPath, options: CallOptions): Promise<void>;
  /** Throws a NotFoundError when there is no such run or logged model. */
  findOwner(owner: ArtifactOwner, options: CallOptions): Promise<OwnerPlace>;
}

/** Does what it is asked; `AuthorizedArtifactService` asks whether it may. */
export class DefaultArtifactService implements ArtifactService {
  readonly #rows: ArtifactRows;
  readonly #store: ArtifactStore;
  readonly #runs: Pick<RunStore, 'get'>;
  readonly #models: Pick<LoggedModelStore, 'getMany'>;

  constructor(options: {
    rows: ArtifactRows;
    store: ArtifactStore;
    runs: Pick<RunStore, 'get'>;
    models: Pick<LoggedModelStore, 'getMany'>;
  }) {
    this.#rows = options.rows;
    this.#store = options.store;
    this.#runs = options.runs;
    this.#models = options.models;
  }

  async put(
    path: ArtifactPath,
    content: AsyncIterable<Uint8Array>,
    options: CallOptions & { signal?: AbortSignal },
  ): Promise<void> {
    requireName(path);
    await this.#requireActive(path);
    const { credentials, signal } = options;
    const artifact = await this.#store.put(content, { signal });
    await this.#rows.put({
      ...artifact,
      experiment: path.experiment,
      path: pathInExperiment(path),
      updatedBy: userRefOf(credentials),
    });
  }

  async find(path: ArtifactPath): Promise<ArtifactRow> {
    const name = pathInExperiment(path);
    const file = await this.#rows.find(path.experiment, name);
    if (file) return file;
    throw new NotFoundError(
      `There is no artifact '${path.path}' of ${describe(
        path.owner,
      )} in experiment ${path.experiment}`,
    );
  }

  open({ digest }: ArtifactRow, range?: ByteRange): Promise<Readable> {
    return this.#store.open(digest, range);
  }

  list(path: ArtifactPath, { from }: { from?: string }): Promise<ArtifactPage> {
    return this.#rows.list(path.experiment, pathInExperiment(path), {
      from,
      limit: ARTIFACT_PAGE_SIZE,
    });
  }

  async listFiles(path: ArtifactPath): Promise<BundleFile[]> {
    const files = await this.#rows.listFiles(
      path.experiment,
      pathInExperiment(path),
      { limit: MAX_BUNDLE_FILES + 1 },
    );
    if (files.length > MAX_BUNDLE_FILES) {
      throw new InputError(
        `There are more than ${MAX_BUNDLE_FILES} files in '${
          path.path
        }' of ${describe(path.owner)}: a version has no more`,
      );
    }
    return files;
  }

  async delete(path: ArtifactPath): Promise<void> {
    await this.#requireActive(path);
    await this.#rows.delete(path.experiment, pathInExperiment(path));
  }

  async findOwner(owner: ArtifactOwner): Promise<OwnerPlace> {
    const { experiment, artifactUri } = await this.#ownerOf(owner);
    return { owner, experiment, artifactUri };
  }

  async #requireActive({ experiment, owner }: ArtifactPath): Promise<void> {
    const found = await this.#ownerOf(owner);
    if (found.experiment !== experiment) {
      throw new NotFoundError(
        `There is no ${describe(
          owner,
        )} in experiment ${experiment}: it belongs to experiment ${
          found.experiment
        }`,
      );
    }
    if (found.lifecycle === 'deleted') {
      throw new InputError(
        `The ${describe(
          owner,
        )} must be in the 'active' state. Current state is deleted.`,
      );
    }
  }

  async #ownerOf(owner: ArtifactOwner) {
    if (owner.kind === 'run') return this.#runs.get(owner.id);
    const [model] = await this.#models.getMany([owner.id]);
    if (model) return model;
    throw new NotFoundError(`Logged model with ID '${owner.id}' not found.`);
  }
}

function requireName({ path }: ArtifactPath): void {
  if (path === '') {
    throw new InputError(
      "Invalid path: it names the folder 'artifacts' itself, expected a file in it",
    );
  }
}

function describe({ kind, id }: ArtifactOwner): string {
  return kind === 'run' ? `run ${id}` : `logged model ${id}`;
}
