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
import {
  type Artifact,
  type Digest,
  MAX_CARD_BYTES,
  type ModelFormat,
  type NewVersion,
  type ReferenceFile,
} from '@greenroom/plugin-ai-registry-common';
import {
  type FileHead,
  findPickles,
  HEAD_BYTES,
  type PicklePolicy,
} from './findPickles';
import { CARD_FILE, isCardText } from './card/readCard';
import {
  CONVERSION_FILE,
  type ConversionFile,
  MAX_CONVERSION_BYTES,
  readConversionFile,
} from './conversion/conversionFile';
import { mapConcurrently } from './mapConcurrently';
import { readOnnxSignature } from '../onnx/readOnnxSignature';
import {
  MAX_MLMODEL_BYTES,
  type Mlmodel,
  MLMODEL_FILE,
  readMlmodel,
} from './mlflow/readMlmodel';

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
  /** The file that says what the version is: the model, the descriptor, or MLmodel. */
  model: BundleFile;
  /** Of a folder of MLflow, also where it is served as ONNX. */
  mlmodel?: Mlmodel;
  /** Why a folder of MLflow with an ONNX file is not served as one. */
  notServed?: string;
  /** Files that run code when they are loaded; undefined where none was found, or looked for. */
  pickles?: string[];
  /** Text of its model card, `README.md`; undefined where it has none. */
  card?: string;
  /** How it was made of a version that MLflow had logged; undefined where its files do not say so. */
  conversion?: ConversionFile;
}

/** Looks after the files of versions that are being registered. */
export class VersionFiles {
  readonly #artifacts: ArtifactStore;
  readonly #maxBundleBytes: number;
  readonly #pickles: PicklePolicy;

  constructor(options: {
    artifacts: ArtifactStore;
    pickles: PicklePolicy;
    /** Largest bundle that is taken, all of its files together. */
    maxBundleBytes: number;
  }) {
    this.#artifacts = options.artifacts;
    this.#maxBundleBytes = options.maxBundleBytes;
    this.#pickles = options.pickles;
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
    const said = mainFileOf(bundle);
    const sizeBytes = bundleBytes(bundle.files);
    if (sizeBytes > this.#maxBundleBytes) {
      throw new InputError(
        `bundle: its files have ${sizeBytes} bytes together, more than the ${
          this.#maxBundleBytes
        } that this registry takes (aiRegistry.artifacts.maxBundleBytes)`,
      );
    }
    await this.#checkFiles(bundle.files);
    const { files } = bundle;
    const pickles = await this.#lookForPickles(bundle);
    const kind =
      bundle.format === 'mlflow'
        ? await this.#readFolder(files, said)
        : { format: bundle.format, model: said };
    const list = encodeBundle({ format: kind.format, files });
    const { digest } = await this.#artifacts.put(chunksOf(list));
    const card = await this.#readCard(files);
    const conversion =
      kind.format === 'onnx' ? await this.#readConversion(files) : {};
    return {
      ...kind,
      digest,
      sizeBytes,
      files,
      ...pickles,
      ...card,
      ...conversion,
    };
  }

  /** A file that cannot be one stays a file of the bundle and nothing more. */
  async #readCard(files: BundleFile[]): Promise<Pick<TakenFiles, 'card'>> {
    const file = files.find(({ path }) => path === CARD_FILE);
    if (!file || file.sizeBytes > MAX_CARD_BYTES) return {};
    const card = await this.#readText(file, MAX_CARD_BYTES);
    return isCardText(card) ? { card } : {};
  }

  /** The file has a name that nobody else gives to theirs: one that cannot be read is wrong. */
  async #readConversion(
    files: BundleFile[],
  ): Promise<Pick<TakenFiles, 'conversion'>> {
    const file = files.find(({ path }) => path === CONVERSION_FILE);
    if (!file) return {};
    const content = await this.#readText(file, MAX_CONVERSION_BYTES);
    return { conversion: readConversionFile(content) };
  }

  /** A folder of MLflow is served where the file of its flavor `onnx` can be. */
  async #readFolder(
    files: BundleFile[],
    said: BundleFile,
  ): Promise<Pick<TakenFiles, 'format' | 'model' | 'mlmodel' | 'notServed'>> {
    const mlmodel = orInputError(
      readMlmodel,
      await this.#readText(said, MAX_MLMODEL_BYTES),
    );
    const folder = { format: 'mlflow' as const, model: said, mlmodel };
    if (mlmodel.onnxFile === undefined) return folder;
    try {
      const model = onnxFileOf({ format: 'onnx', files });
      if (model.path !== mlmodel.onnxFile) {
        return {
          ...folder,
          notServed: `MLmodel loads '${mlmodel.onnxFile}', and '${model.path}' would be served`,
        };
      }
      const reader = await this.#artifacts.openReader(model.digest);
      await readOnnxSignature(reader, {
        modelPath: model.path,
        files,
      }).finally(() => reader.close());
      return { format: 'onnx', model, mlmodel };
    } catch (error) {
      if (error instanceof BundleError || error instanceof InputError) {
        return { ...folder, notServed: error.message };
      }
      throw error;
    }
  }

  async #lookForPickles({
    format,
    files,
  }: Bundle): Promise<Pick<TakenFiles, 'pickles'>> {
    if (this.#pickles === 'allow' || format === 'external') return {};
    const heads = await mapConcurrently(files, CONCURRENCY, file =>
      this.#readHead(file),
    );
    const pickles = findPickles(heads);
    if (pickles.length === 0) return {};
    if (this.#pickles === 'refuse') {
      throw new InputError(
        `bundle: ${namesOf(
          pickles.map(path => `'${path}'`),
        )} would run code of whoever made them when they are loaded, and this registry takes no such files (aiRegistry.versions.pickle): register the model in ONNX or safetensors`,
      );
    }
    return { pickles };
  }

  async #readHead({ path, digest }: BundleFile): Promise<FileHead> {
    const reader = await this.#artifacts.openReader(digest);
    try {
      return { path, head: await reader.read(0, HEAD_BYTES) };
    } finally {
      await reader.close();
    }
  }

  async #readText(file: BundleFile, maxBytes: number): Promise<string> {
    if (file.sizeBytes > maxBytes) {
      throw new InputError(
        `bundle: file '${file.path}' has ${file.sizeBytes} bytes, more than the ${maxBytes} that such a file may have`,
      );
    }
    const reader = await this.#artifacts.openReader(file.digest);
    try {
      return (await reader.read(0, maxBytes)).toString('utf8');
    } finally {
      await reader.close();
    }
  }

  async #checkFiles(files: BundleFile[]): Promise<void> {
    const stored = await mapConcurrently(files, CONCURRENCY, file =>
      this.#artifacts.stat(file.digest),
    );
    const missing = files.filter((_, index) => !stored[index]);
    if (missing.length > 0) {
      throw new InputError(
        `bundle: ${missing.length} of ${
          files.length
        } files are not in the artifact store: upload them first (POST /artifacts): ${namesOf(
          missing.map(({ path, digest }) => `'${path}' (${digest})`),
        )}`,
      );
    }
    stored.forEach((artifact, index) => checkSize(files[index], artifact));
  }
}

/** @throws InputError where the bundle is wrong, or not of its format */
function mainFileOf(bundle: Bundle<ModelFormat>): BundleFile {
  return orInputError(() => {
    checkBundle(bundle);
    switch (bundle.format) {
      case 'external':
        return descriptorFileOf(bundle);
      case 'mlflow':
        return mlmodelFileOf(bundle);
      default:
        return onnxFileOf(bundle);
    }
  }, bundle);
}

function mlmodelFileOf({ files }: Bundle): BundleFile {
  const file = files.find(({ path }) => path === MLMODEL_FILE);
  if (!file) {
    throw new BundleError(
      `The bundle has no file '${MLMODEL_FILE}': a folder of MLflow has it at its root`,
    );
  }
  return file;
}

function orInputError<Given, T>(read: (given: Given) => T, given: Given): T {
  try {
    return read(given);
  } catch (error) {
    throw error instanceof BundleError
      ? new InputError(`bundle: ${error.message}`)
      : error;
  }
}

function namesOf(names: string[]): string {
  const more = names.length > MAX_NAMED ? ', ...' : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
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
