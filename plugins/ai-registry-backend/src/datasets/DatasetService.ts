import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { DatasetFormat } from '@greenroom/bundle-file';
import type {
  Dataset,
  DatasetChanges,
  DatasetPreview,
  DatasetQuery,
  DatasetRow,
  DatasetRows,
  DatasetUse,
  DatasetVersion,
  Digest,
  NewDataset,
  NewExternalDataset,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../models/ModelService';
import type { OwnerCondition } from '../permissions';
import type { RowRange } from './rows/DatasetFileReader';

export interface DatasetVersionRef {
  dataset: string;
  version: number;
}

/** A version by its place, or by what evaluations name it by. */
export type DatasetRowsRef = DatasetVersionRef | { digest: Digest };

/** A file that becomes a version. */
export interface NewDatasetFile {
  content: AsyncIterable<Uint8Array>;
  format: DatasetFormat;
  description?: string;
  /** Keeps nothing when it is aborted before the version is there. */
  signal?: AbortSignal;
}

/** A version's file as it was uploaded. */
export interface StoredDatasetFile {
  /** Such as `capital-cities-v2.jsonl`. */
  name: string;
  digest: Digest;
  sizeBytes: number;
  format: DatasetFormat;
  open(): Promise<Readable>;
}

/** What can be done with datasets. All throw a NotFoundError when there is no such dataset, or no such version. */
export interface DatasetService {
  list(
    query: DatasetQuery & { visible?: PermissionCriteria<OwnerCondition> },
    options: CallOptions,
  ): Promise<Page<Dataset>>;
  get(name: string, options: CallOptions): Promise<Dataset>;
  /** Throws a ConflictError when the name is taken. */
  create(dataset: NewDataset, options: CallOptions): Promise<Dataset>;
  update(
    name: string,
    changes: DatasetChanges,
    options: CallOptions,
  ): Promise<Dataset>;
  /** Newest first. */
  listVersions(
    query: { dataset: string; limit?: number; cursor?: string },
    options: CallOptions,
  ): Promise<Page<DatasetVersion>>;
  getVersion(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<DatasetVersion>;
  /** Of all datasets, the newest first; empty when nothing has this digest. */
  findVersions(digest: Digest, options: CallOptions): Promise<DatasetVersion[]>;
  /** Throws an InputError that names the line which is wrong; nothing is kept then. */
  upload(
    dataset: string,
    file: NewDatasetFile,
    options: CallOptions,
  ): Promise<DatasetVersion>;
  createExternal(
    dataset: string,
    version: NewExternalDataset,
    options: CallOptions,
  ): Promise<DatasetVersion>;
  /** Rows as JSON, in the order of the file. Throws a ConflictError for an external version. */
  readRows(
    ref: DatasetRowsRef,
    range: RowRange,
    options: CallOptions,
  ): Promise<AsyncIterable<DatasetRow>>;
  /** As many as fit into one answer. */
  listRows(
    ref: DatasetVersionRef,
    range: RowRange,
    options: CallOptions,
  ): Promise<DatasetRows>;
  preview(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<DatasetPreview>;
  /** Throws a ConflictError for an external version. */
  findFile(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<StoredDatasetFile>;
  /** Evaluations on the version's rows, newest first. */
  listUses(ref: DatasetVersionRef, options: CallOptions): Promise<DatasetUse[]>;
}
