import type { ArtifactStore } from '@greenroom/artifact-store';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type EntityDirectory,
  OWNER_KINDS,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import {
  type Dataset,
  type DatasetChanges,
  type DatasetPreview,
  type DatasetQuery,
  type DatasetRow,
  type DatasetRows,
  type DatasetUse,
  type DatasetVersion,
  type Digest,
  explainDatasetUri,
  MAX_PREVIEW_ROWS,
  type NewDataset,
  type NewExternalDataset,
  type Page,
} from '@greenroom/plugin-ai-registry-common';
import { keepArtifacts } from '../artifacts/ArtifactCollector';
import type { RegistryChanges } from '../events/announcement';
import type { CallOptions } from '../models/ModelService';
import type { OwnerCondition } from '../permissions';
import type { DatasetFiles } from './DatasetFiles';
import type {
  DatasetRowsRef,
  DatasetService,
  DatasetVersionRef,
  NewDatasetFile,
  StoredDatasetFile,
} from './DatasetService';
import type { DatasetStore } from './DatasetStore';
import type {
  DatasetVersionFields,
  DatasetVersionStore,
} from './DatasetVersionStore';
import type { DatasetFileReader, RowRange } from './rows/DatasetFileReader';
import { pageOf } from './rows/pageOf';
import { previewOf } from './rows/preview';

/** Does what it is asked; `AuthorizedDatasetService` asks whether it may. */
export class DefaultDatasetService implements DatasetService {
  readonly #datasets: DatasetStore;
  readonly #versions: DatasetVersionStore;
  readonly #files: DatasetFiles;
  readonly #reader: DatasetFileReader;
  readonly #artifacts: ArtifactStore;
  readonly #changes: RegistryChanges;
  readonly #directory: EntityDirectory;

  constructor(options: {
    datasets: DatasetStore;
    versions: DatasetVersionStore;
    files: DatasetFiles;
    reader: DatasetFileReader;
    artifacts: ArtifactStore;
    changes: RegistryChanges;
    /** Knows which owners there are. */
    directory: EntityDirectory;
  }) {
    this.#datasets = options.datasets;
    this.#versions = options.versions;
    this.#files = options.files;
    this.#reader = options.reader;
    this.#artifacts = options.artifacts;
    this.#changes = options.changes;
    this.#directory = options.directory;
  }

  async list(
    query: DatasetQuery & { visible?: PermissionCriteria<OwnerCondition> },
  ): Promise<Page<Dataset>> {
    return this.#datasets.list(query);
  }

  async get(name: string): Promise<Dataset> {
    return this.#datasets.get(name);
  }

  async create(dataset: NewDataset, options: CallOptions): Promise<Dataset> {
    const actor = userRefOf(options.credentials);
    const owner = await this.#checkOwner(dataset.owner);
    const { name } = dataset;
    return this.#changes.transaction(async tx => {
      await this.#datasets.insert(tx, {
        name,
        title: dataset.title ?? name,
        description: dataset.description ?? '',
        owner,
        tags: dataset.tags ?? {},
        createdBy: actor,
      });
      const after = await this.#datasets.get(name, tx);
      await this.#changes.record(tx, {
        action: 'dataset-created',
        subject: name,
        owner,
        actor,
        after,
        announce: [
          { type: 'dataset-changed', dataset: name, action: 'created' },
        ],
      });
      return after;
    });
  }

  async update(
    name: string,
    changes: DatasetChanges,
    options: CallOptions,
  ): Promise<Dataset> {
    const actor = userRefOf(options.credentials);
    const owner = changes.owner && (await this.#checkOwner(changes.owner));
    return this.#changes.transaction(async tx => {
      await this.#datasets.lock(tx, name);
      const before = await this.#datasets.get(name, tx);
      await this.#datasets.update(tx, name, {
        ...changes,
        ...(owner && { owner }),
      });
      const after = await this.#datasets.get(name, tx);
      await this.#changes.record(tx, {
        action: 'dataset-updated',
        subject: name,
        owner: after.owner,
        actor,
        before,
        after,
        announce: [
          { type: 'dataset-changed', dataset: name, action: 'updated' },
        ],
      });
      return after;
    });
  }

  async listVersions(query: {
    dataset: string;
    limit?: number;
    cursor?: string;
  }): Promise<Page<DatasetVersion>> {
    await this.#datasets.get(query.dataset);
    return this.#versions.list(query.dataset, query);
  }

  async getVersion(ref: DatasetVersionRef): Promise<DatasetVersion> {
    return this.#versions.get(ref);
  }

  async findVersions(digest: Digest): Promise<DatasetVersion[]> {
    return this.#versions.findByDigest(digest);
  }

  async upload(
    dataset: string,
    file: NewDatasetFile,
    options: CallOptions,
  ): Promise<DatasetVersion> {
    await this.#datasets.get(dataset);
    const taken = await this.#files.take(file.content, file);
    return this.#addVersion(
      {
        dataset,
        description: file.description ?? '',
        kind: 'stored',
        ...taken,
      },
      options,
      () => this.#files.checkStored(taken),
    );
  }

  async createExternal(
    dataset: string,
    version: NewExternalDataset,
    options: CallOptions,
  ): Promise<DatasetVersion> {
    await this.#datasets.get(dataset);
    const { uri, digest, rows, description = '' } = version;
    const wrong = explainDatasetUri(uri);
    if (wrong) throw new InputError(`uri: ${wrong}`);
    return this.#addVersion(
      { dataset, description, kind: 'external', uri, digest, rows },
      options,
    );
  }

  async readRows(
    ref: DatasetRowsRef,
    range: RowRange,
  ): Promise<AsyncIterable<DatasetRow>> {
    return this.#reader.read(fileOf(await this.#find(ref)), range);
  }

  async listRows(
    ref: DatasetVersionRef,
    range: RowRange,
  ): Promise<DatasetRows> {
    const version = await this.#versions.get(ref);
    const file = fileOf(version);
    return pageOf(range, version.rows ?? 0, bounded =>
      this.#reader.read(file, bounded),
    );
  }

  async preview(ref: DatasetVersionRef): Promise<DatasetPreview> {
    return previewOf(await this.readRows(ref, { limit: MAX_PREVIEW_ROWS }));
  }

  async findFile(ref: DatasetVersionRef): Promise<StoredDatasetFile> {
    const version = await this.#versions.get(ref);
    const { digest, format } = fileOf(version);
    return {
      name: `${ref.dataset}-v${ref.version}.${format}`,
      digest,
      format,
      sizeBytes: version.sizeBytes ?? 0,
      open: () => this.#artifacts.open(digest),
    };
  }

  async listUses(ref: DatasetVersionRef): Promise<DatasetUse[]> {
    const { digest, fileDigest } = await this.#versions.get(ref);
    return this.#versions.listUses(
      fileDigest ? [digest, fileDigest] : [digest],
    );
  }

  async #find(ref: DatasetRowsRef): Promise<DatasetVersion> {
    if (!('digest' in ref)) return this.#versions.get(ref);
    const found = await this.#versions.findByDigest(ref.digest);
    const version = found.find(({ kind }) => kind === 'stored') ?? found[0];
    if (!version) {
      throw new NotFoundError(
        `There is no dataset version with the digest ${ref.digest}`,
      );
    }
    return version;
  }

  /** @param check - runs while nobody can collect the files */
  async #addVersion(
    fields: Omit<DatasetVersionFields, 'version' | 'createdBy'>,
    options: CallOptions,
    check?: () => Promise<void>,
  ): Promise<DatasetVersion> {
    const actor = userRefOf(options.credentials);
    const { dataset } = fields;
    return this.#changes.transaction(async tx => {
      // From here on nobody collects its files as unused; they may have been before.
      await keepArtifacts(tx);
      await check?.();
      const version = await this.#datasets.takeVersionNumber(tx, dataset);
      await this.#versions.insert(tx, { ...fields, version, createdBy: actor });
      const { owner } = await this.#datasets.get(dataset, tx);
      const added = await this.#versions.get({ dataset, version }, tx);
      // A thousand of them would make the audit log long; the digest pins them.
      const { columns: _columns, ...after } = added;
      await this.#changes.record(tx, {
        action: 'dataset-version-created',
        subject: dataset,
        owner,
        actor,
        after,
        announce: [
          { type: 'dataset-changed', dataset, action: 'version-created' },
        ],
      });
      return added;
    });
  }

  #checkOwner(entityRef: string): Promise<string> {
    return requireEntity(this.#directory, {
      field: 'owner',
      entityRef,
      kinds: OWNER_KINDS,
    });
  }
}

/** @throws ConflictError when the rows are not here */
function fileOf(version: DatasetVersion) {
  const { fileDigest, format, columns } = version;
  if (!fileDigest || !format || !columns) {
    throw new ConflictError(
      `Version ${version.version} of dataset '${version.dataset}' is external: its rows are not here, but at its address`,
    );
  }
  return { digest: fileDigest, format, columns };
}
