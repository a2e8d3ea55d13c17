import { InputError } from '@backstage/errors';
import {
  type Bundle,
  BundleError,
  bundleBytes,
  type BundleFile,
  checkBundle,
  descriptorFileOf,
  encodeBundle,
  onnxFileOf,
} from '@greenroom/bundle-file';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type {
  Artifact,
  Digest,
  ModelFormat,
  NewVersion,
  ReferenceFile,
} from '@greenroom/plugin-ai-registry-common';
import { mapConcurrently } from './mapConcurrently';

/** Files that the artifact store is asked for at the same time. */
const CONCURRENCY = 16;
const MAX_NAMED = 10;

/** What a new version is made of; everything of it is in the artifact store. */
export interface TakenFiles {
  format: ModelFormat;
  /** Of the single file, or of the list of the bundle's files. */
  digest: Digest;
  sizeBytes: number;
  /** Of a bundle; undefined for a single file. */
  files?: BundleFile[];
  /** The file that says what the version is: the model, or the descriptor. */
  model: BundleFile;
}

/** Looks after the files of versions that are being registered. */
export class VersionFiles {
  readonly #artifacts: ArtifactStore;
  readonly #maxBundleBytes: number;

  constructor(options: {
    artifacts: ArtifactStore;
    /** Largest bundle that is taken, all of its files together. */
    maxBundleBytes: number;
  }) {
    this.#artifacts = options.artifacts;
    this.#maxBundleBytes = options.maxBundleBytes;
  }

  /**
   * Finds the files of a new version, and stores the list of a bundle's files.
   *
   * @throws InputError that names the file which is absent or wrong
   */
  async take({ digest, bundle }: NewVersion): Promise<TakenFiles> {
    if ((digest === undefined) === (bundle === undefined)) {
      throw new InputError(
        'Name either digest, of a single file, or bundle, the files of several: this names both or neither',
      );
    }
    return bundle ? this.#takeBundle(bundle) : this.#takeFile(digest);
  }

  /**
   * Whether everything is in the artifact store: it may have been collected meanwhile.
   *
   * @throws InputError that names what is absent
   */
  async checkStored(
    taken: TakenFiles,
    reference: ReferenceFile | undefined,
  ): Promise<void> {
    if (taken.files) await this.#checkFiles(taken.files);
    for (const file of reference ? [taken, reference] : [taken]) {
      if (!(await this.#artifacts.stat(file.digest))) {
        throw missingArtifact(file.digest);
      }
    }
  }

  async #takeFile(digest: Digest): Promise<TakenFiles> {
    const artifact = await this.#artifacts.stat(digest);
    if (!artifact) throw missingArtifact(digest);
    const model = { ...artifact, path: '' };
    return { format: 'onnx', ...artifact, model };
  }

  async #takeBundle(bundle: Bundle<ModelFormat>): Promise<TakenFiles> {
    const { model, bytes } = readBundle(bundle);
    const sizeBytes = bundleBytes(bundle.files);
    if (sizeBytes > this.#maxBundleBytes) {
      throw new InputError(
        `bundle: its files have ${sizeBytes} bytes together, more than the ${
          this.#maxBundleBytes
        } that this registry takes (aiRegistry.artifacts.maxBundleBytes)`,
      );
    }
    await this.#checkFiles(bundle.files);
    const { format, files } = bundle;
    const { digest } = await this.#artifacts.put(chunksOf(bytes));
    return { format, digest, sizeBytes, files, model };
  }

  async #checkFiles(files: BundleFile[]): Promise<void> {
    const stored = await mapConcurrently(files, CONCURRENCY, file =>
      this.#artifacts.stat(file.digest),
    );
    const missing = files.filter((_, index) => !stored[index]);
    if (missing.length > 0) {
      const names = missing
        .slice(0, MAX_NAMED)
        .map(({ path, digest }) => `'${path}' (${digest})`)
        .join(', ');
      throw new InputError(
        `bundle: ${missing.length} of ${
          files.length
        } files are not in the artifact store: upload them first (POST /artifacts): ${names}${
          missing.length > MAX_NAMED ? ', ...' : ''
        }`,
      );
    }
    stored.forEach((artifact, index) => checkSize(files[index], artifact));
  }
}

function readBundle(bundle: Bundle): { model: BundleFile; bytes: Uint8Array } {
  try {
    checkBundle(bundle);
    const model =
      bundle.format === 'external'
        ? descriptorFileOf(bundle)
        : onnxFileOf(bundle);
    return { model, bytes: encodeBundle(bundle) };
  } catch (error) {
    throw error instanceof BundleError
      ? new InputError(`bundle: ${error.message}`)
      : error;
  }
}

function checkSize(file: BundleFile, artifact: Artifact | undefined): void {
  if (artifact && artifact.sizeBytes !== file.sizeBytes) {
    throw new InputError(
      `bundle: file '${file.path}' has ${artifact.sizeBytes} bytes in the artifact store, not ${file.sizeBytes}`,
    );
  }
}

function missingArtifact(digest: Digest): InputError {
  return new InputError(
    `digest: there is no artifact ${digest}: upload the file first (POST /artifacts)`,
  );
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
