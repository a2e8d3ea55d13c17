import {
  BundleError,
  bundleBytes,
  MAX_ENCODED_BYTES,
  parseBundle,
  type Bundle,
} from '@greenroom/bundle-file';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { errorMessage } from '../errors';
import type { Logger } from '../logger';
import { fetchFile, findDamage, WrongArtifactError } from './fetchFile';
import { removeAllBut } from './removeAllBut';
import { SiblingFiles } from './SiblingFiles';
import { BUNDLES_FOLDER } from './stateFolder';

export interface ArtifactReference {
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string;
  /** Of all files together. */
  sizeBytes: number;
  /** Number of files of a bundle; undefined where the digest is of the file itself. */
  files?: number;
  /** Path under the control plane's base URL. */
  artifactPath: string;
}

const HEX_PATTERN = /^[0-9a-f]{64}$/;

interface EnsureOptions {
  signal?: AbortSignal;
  /** Whether what is missing or damaged is said, and not fetched. */
  onlyHere?: boolean;
}

/**
 * Artifacts on disk, each in a file that is named after its content; and bundles, each laid out
 * in a folder that is named after the digest of its list of files.
 */
export class ArtifactCache {
  readonly #directory: string;
  readonly #siblings: SiblingFiles | undefined;
  readonly #open: (path: string, signal?: AbortSignal) => Promise<Readable>;
  readonly #logger: Logger;
  /** Work on each artifact, by digest: models may share one, and are loaded at once. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: {
    directory: string;
    /** Of other such caches on this disk, whose files are used before one is fetched. */
    siblings?: SiblingFiles;
    /** Opens the bytes at the control plane. */
    open: (path: string, signal?: AbortSignal) => Promise<Readable>;
    logger: Logger;
  }) {
    this.#directory = options.directory;
    this.#siblings = options.siblings;
    this.#open = options.open;
    this.#logger = options.logger;
  }

  /**
   * Makes sure that an artifact is on disk and whole. A file that is there is hashed
   * again, since disks and people change files; one that is damaged is fetched anew.
   *
   * @returns path of the file.
   * @throws WrongArtifactError when the control plane sends other bytes; nothing is kept then.
   *   Another error when it is not here and not to be fetched, or could not be fetched, which says so if a damaged file was the reason.
   */
  async ensure(
    reference: ArtifactReference,
    options: EnsureOptions = {},
  ): Promise<string> {
    return await this.#inTurn(reference.digest, () =>
      this.#ensureFile(reference, options),
    );
  }

  /**
   * The same for all files of a bundle. A fetch that broke off goes on with the files that are
   * missing; what is in the folder besides the bundle's files is removed.
   */
  async ensureBundle(
    reference: ArtifactReference,
    options: EnsureOptions = {},
  ): Promise<{ folder: string; bundle: Bundle }> {
    return await this.#inTurn(reference.digest, () =>
      this.#ensureFiles(reference, options),
    );
  }

  /**
   * Removes the artifacts and bundles that nobody needs.
   *
   * @param isUsed - is asked right before each removal, since needs change meanwhile
   */
  async removeUnused(isUsed: (digest: string) => boolean): Promise<void> {
    for (const directory of [this.#directory, this.#bundles]) {
      const names = await readdir(directory).catch(() => []);
      for (const name of names) {
        if (HEX_PATTERN.test(name) && !isUsed(`sha256:${name}`)) {
          await rm(join(directory, name), { recursive: true, force: true });
        }
      }
    }
  }

  get #bundles(): string {
    return join(this.#directory, BUNDLES_FOLDER);
  }

  #folderOf(digest: string): string {
    return join(this.#bundles, hexOf(digest));
  }

  async #ensureFile(
    reference: ArtifactReference,
    options: EnsureOptions,
  ): Promise<string> {
    const file = join(this.#directory, hexOf(reference.digest));
    await this.#ensureAt(file, reference, options);
    return file;
  }

  async #ensureFiles(
    reference: ArtifactReference,
    options: EnsureOptions,
  ): Promise<{ folder: string; bundle: Bundle }> {
    const { digest, artifactPath } = reference;
    const list = await this.#ensureFile(
      { ...reference, sizeBytes: MAX_ENCODED_BYTES },
      options,
    );
    const bundle = readList(await readFile(list), reference);
    const folder = this.#folderOf(digest);
    await removeAllBut(
      folder,
      bundle.files.map(({ path }) => path),
    );
    for (const file of bundle.files) {
      await this.#ensureAt(
        join(folder, file.path),
        {
          ...file,
          artifactPath: artifactPath.replace(hexOf(digest), hexOf(file.digest)),
        },
        options,
      ).catch(error => {
        throw naming(file.path, error);
      });
    }
    return { folder, bundle };
  }

  /** Does the work when the one before on the same artifact is over, however that ended. */
  async #inTurn<T>(digest: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(digest);
    const turn = before ? before.then(work, work) : work();
    this.#turns.set(digest, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(digest) === turn) this.#turns.delete(digest);
    }
  }

  async #ensureAt(
    file: string,
    reference: Pick<ArtifactReference, 'digest' | 'sizeBytes' | 'artifactPath'>,
    { signal, onlyHere = false }: EnsureOptions,
  ): Promise<void> {
    const { digest, sizeBytes: maxBytes, artifactPath } = reference;
    const damage = await findDamage(file, digest);
    if (damage === 'none') return;
    if (onlyHere) throw new Error(damage ?? 'the file is missing');
    const path = relative(this.#directory, file);
    if (await this.#siblings?.link(path, { file, digest }, signal)) return;
    const fetchIt = () =>
      fetchFile({
        open: () => this.#open(artifactPath, signal),
        file,
        digest,
        maxBytes,
      });
    if (damage === undefined) await fetchIt();
    else await this.#replace({ file, digest, damage, fetchIt });
  }

  async #replace(options: {
    file: string;
    digest: string;
    damage: string;
    fetchIt: () => Promise<void>;
  }): Promise<void> {
    const { file, digest, damage, fetchIt } = options;
    this.#logger.warn('a copy of an artifact is damaged: it is fetched again', {
      digest,
      file,
      damage,
    });
    try {
      await fetchIt();
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
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}

/** The list is the right one by its digest; the snapshot must say the same of it. */
function readList(bytes: Uint8Array, reference: ArtifactReference): Bundle {
  let bundle: Bundle;
  try {
    bundle = parseBundle(bytes);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new WrongArtifactError(`the artifact is no bundle: ${error.message}`);
  }
  const sizeBytes = bundleBytes(bundle.files);
  const { length } = bundle.files;
  if (length !== reference.files || sizeBytes !== reference.sizeBytes) {
    throw new WrongArtifactError(
      `the bundle has ${length} files and ${sizeBytes} bytes, but the snapshot says ${reference.files} and ${reference.sizeBytes}`,
    );
  }
  return bundle;
}

function naming(path: string, error: unknown): Error {
  const message = `file '${path}' of the bundle: ${errorMessage(error)}`;
  return error instanceof WrongArtifactError
    ? new WrongArtifactError(message)
    : new Error(message, { cause: error });
}
