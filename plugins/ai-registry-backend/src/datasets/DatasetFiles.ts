import type { ArtifactStore } from '@greenroom/artifact-store';
import {
  type BundleFile,
  DATASET_SCHEMA_FILE,
  type DatasetFormat,
  datasetFileName,
  encodeBundle,
  encodeDatasetSchema,
} from '@greenroom/bundle-file';
import { ConflictError } from '@backstage/errors';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { createInspector } from './rows/createInspector';
import type { RowsInspector, RowsSummary } from './rows/RowsInspector';

/** A file of rows that was taken, and what its version is; all of it is in the artifact store. */
export interface TakenDataset extends RowsSummary {
  format: DatasetFormat;
  /** Of the list of files. */
  digest: Digest;
  fileDigest: Digest;
  schemaDigest: Digest;
  sizeBytes: number;
}

/** Content that is looked at while it passes; it breaks off where it is wrong. */
class InspectedContent implements AsyncIterable<Uint8Array> {
  readonly #content: AsyncIterable<Uint8Array>;
  readonly #inspector: RowsInspector;
  #summary: RowsSummary | undefined;

  constructor(content: AsyncIterable<Uint8Array>, inspector: RowsInspector) {
    this.#content = content;
    this.#inspector = inspector;
  }

  /** Of content that has passed. */
  get summary(): RowsSummary {
    if (!this.#summary) throw new Error('The content has not passed');
    return this.#summary;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#content) {
      this.#inspector.take(chunk);
      yield chunk;
    }
    this.#summary = this.#inspector.end();
  }
}

/** Looks after the files of dataset versions that are being made. */
export class DatasetFiles {
  readonly #artifacts: ArtifactStore;

  constructor(options: { artifacts: ArtifactStore }) {
    this.#artifacts = options.artifacts;
  }

  /**
   * Stores a file of rows, and reads it while it passes: nothing is kept of one that is wrong.
   *
   * @throws InputError that names the line which is wrong
   */
  async take(
    content: AsyncIterable<Uint8Array>,
    options: { format: DatasetFormat; signal?: AbortSignal },
  ): Promise<TakenDataset> {
    const { format, signal } = options;
    const inspected = new InspectedContent(content, createInspector(format));
    const data = await this.#artifacts.put(inspected, { signal });
    const { columns, rows } = inspected.summary;
    const schema = await this.#store(
      encodeDatasetSchema({ formatVersion: 1, format, columns, rows }),
    );
    const files: BundleFile[] = [
      { path: datasetFileName(format), ...data },
      { path: DATASET_SCHEMA_FILE, ...schema },
    ];
    const { digest } = await this.#store(
      encodeBundle({ format: 'dataset', files }),
    );
    return {
      format,
      columns,
      rows,
      digest,
      fileDigest: data.digest,
      schemaDigest: schema.digest,
      sizeBytes: data.sizeBytes,
    };
  }

  /**
   * Whether everything is in the artifact store: it may have been collected meanwhile.
   *
   * @throws ConflictError when something is not
   */
  async checkStored(taken: TakenDataset): Promise<void> {
    for (const digest of [taken.fileDigest, taken.schemaDigest, taken.digest]) {
      if (!(await this.#artifacts.stat(digest))) {
        throw new ConflictError(
          'The file was removed as unused while its version was being made: upload it again',
        );
      }
    }
  }

  #store(bytes: Uint8Array) {
    return this.#artifacts.put(chunksOf(bytes));
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
