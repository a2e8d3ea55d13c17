import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  checkEntityRef,
  isPermitted,
  type OwnershipClaims,
  requirePermission,
} from '@greenroom/ai-node';
import {
  aiDatasetCreateForOthersPermission,
  aiDatasetCreatePermission,
  aiDatasetDownloadPermission,
  aiDatasetReadPermission,
  aiDatasetUpdatePermission,
  aiModelReadPermission,
  type Dataset,
  type DatasetChanges,
  type DatasetPreview,
  type DatasetQuery,
  type DatasetRow,
  type DatasetRows,
  type DatasetUse,
  type DatasetVersion,
  type Digest,
  type NewDataset,
  type NewExternalDataset,
  type Page,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import { aiDatasetResourceRef, type OwnerCondition } from '../permissions';
import type {
  DatasetRowsRef,
  DatasetService,
  DatasetVersionRef,
  NewDatasetFile,
  StoredDatasetFile,
} from './DatasetService';
import type { RowRange } from './rows/DatasetFileReader';

/** Asks whether the caller may, then delegates. */
export class AuthorizedDatasetService implements DatasetService {
  readonly #datasets: DatasetService;
  readonly #permissions: PermissionsService;
  readonly #claims: OwnershipClaims;
  readonly #toCriteria: ConditionTransformer<OwnerCondition>;

  constructor(options: {
    datasets: DatasetService;
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    claims: OwnershipClaims;
  }) {
    this.#datasets = options.datasets;
    this.#claims = options.claims;
    this.#permissions = options.permissions;
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(aiDatasetResourceRef),
    );
  }

  async list(
    query: DatasetQuery,
    options: CallOptions,
  ): Promise<Page<Dataset>> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission: aiDatasetReadPermission }],
      options,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return this.#datasets.list(query, options);
      case AuthorizeResult.CONDITIONAL: {
        const visible = this.#toCriteria(decision.conditions);
        return this.#datasets.list({ ...query, visible }, options);
      }
      default:
        return { items: [], totalItems: 0 };
    }
  }

  async get(name: string, options: CallOptions): Promise<Dataset> {
    await this.#require(aiDatasetReadPermission, name, options);
    return this.#datasets.get(name, options);
  }

  async create(dataset: NewDataset, options: CallOptions): Promise<Dataset> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiDatasetCreatePermission,
    });
    await this.#requireBelongingTo(dataset.owner, options);
    return this.#datasets.create(dataset, options);
  }

  async update(
    name: string,
    changes: DatasetChanges,
    options: CallOptions,
  ): Promise<Dataset> {
    await this.#requireUpdate(name, options);
    if (changes.owner !== undefined) {
      await this.#requireBelongingTo(changes.owner, options);
    }
    return this.#datasets.update(name, changes, options);
  }

  async listVersions(
    query: { dataset: string; limit?: number; cursor?: string },
    options: CallOptions,
  ): Promise<Page<DatasetVersion>> {
    await this.get(query.dataset, options);
    return this.#datasets.listVersions(query, options);
  }

  async getVersion(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<DatasetVersion> {
    await this.get(ref.dataset, options);
    return this.#datasets.getVersion(ref, options);
  }

  async findVersions(
    digest: Digest,
    options: CallOptions,
  ): Promise<DatasetVersion[]> {
    const versions = await this.#datasets.findVersions(digest, options);
    return this.#keepAllowed(
      versions,
      aiDatasetReadPermission,
      ({ dataset }) => dataset,
      options,
    );
  }

  async upload(
    dataset: string,
    file: NewDatasetFile,
    options: CallOptions,
  ): Promise<DatasetVersion> {
    await this.#requireUpdate(dataset, options);
    return this.#datasets.upload(dataset, file, options);
  }

  async createExternal(
    dataset: string,
    version: NewExternalDataset,
    options: CallOptions,
  ): Promise<DatasetVersion> {
    await this.#requireUpdate(dataset, options);
    return this.#datasets.createExternal(dataset, version, options);
  }

  async readRows(
    ref: DatasetRowsRef,
    range: RowRange,
    options: CallOptions,
  ): Promise<AsyncIterable<DatasetRow>> {
    const version =
      'digest' in ref ? await this.#findReadable(ref.digest, options) : ref;
    // Without one, the service says that nothing has the digest.
    if (!version) return this.#datasets.readRows(ref, range, options);
    await this.#requireDownload(version.dataset, options);
    return this.#datasets.readRows(version, range, options);
  }

  async listRows(
    ref: DatasetVersionRef,
    range: RowRange,
    options: CallOptions,
  ): Promise<DatasetRows> {
    await this.#requireDownload(ref.dataset, options);
    return this.#datasets.listRows(ref, range, options);
  }

  async preview(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<DatasetPreview> {
    await this.#requireDownload(ref.dataset, options);
    return this.#datasets.preview(ref, options);
  }

  async findFile(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<StoredDatasetFile> {
    await this.#requireDownload(ref.dataset, options);
    return this.#datasets.findFile(ref, options);
  }

  /** Those of models that the caller may read. */
  async listUses(
    ref: DatasetVersionRef,
    options: CallOptions,
  ): Promise<DatasetUse[]> {
    await this.get(ref.dataset, options);
    const uses = await this.#datasets.listUses(ref, options);
    return this.#keepAllowed(
      uses,
      aiModelReadPermission,
      ({ model }) => model,
      options,
    );
  }

  /** Of versions with the same rows, one that the caller may download, if there is one. */
  async #findReadable(
    digest: Digest,
    options: CallOptions,
  ): Promise<DatasetVersionRef | undefined> {
    const found = await this.#datasets.findVersions(digest, options);
    const stored = found.filter(({ kind }) => kind === 'stored');
    const [allowed] = await this.#keepAllowed(
      stored,
      aiDatasetDownloadPermission,
      ({ dataset }) => dataset,
      options,
    );
    return allowed ?? stored[0] ?? found[0];
  }

  async #keepAllowed<T>(
    items: T[],
    permission: ResourcePermission,
    refOf: (item: T) => string,
    options: CallOptions,
  ): Promise<T[]> {
    const refs = [...new Set(items.map(refOf))];
    if (refs.length === 0) return [];
    const decisions = await this.#permissions.authorize(
      refs.map(resourceRef => ({ permission, resourceRef })),
      options,
    );
    const allowed = new Set(
      refs.filter(
        (_, index) => decisions[index].result === AuthorizeResult.ALLOW,
      ),
    );
    return items.filter(item => allowed.has(refOf(item)));
  }

  async #requireDownload(name: string, options: CallOptions): Promise<void> {
    await this.get(name, options);
    await this.#require(aiDatasetDownloadPermission, name, options);
  }

  /** Tells an absent dataset from a forbidden one. */
  async #requireUpdate(name: string, options: CallOptions): Promise<void> {
    await this.get(name, options);
    await this.#require(aiDatasetUpdatePermission, name, options);
  }

  #require(
    permission: ResourcePermission,
    resourceRef: string,
    options: CallOptions,
  ): Promise<void> {
    return requirePermission(this.#permissions, {
      ...options,
      permission,
      resourceRef,
    });
  }

  /** Datasets are made for oneself and one's groups, unless a permission says otherwise. */
  async #requireBelongingTo(
    owner: string,
    options: CallOptions,
  ): Promise<void> {
    const claims = await this.#claims.of(options.credentials);
    if (claims.includes(checkEntityRef('owner', owner))) return;
    const mayForOthers = await isPermitted(this.#permissions, {
      ...options,
      permission: aiDatasetCreateForOthersPermission,
    });
    if (mayForOthers) return;
    throw new NotAllowedError(
      `owner: you do not belong to '${owner}': name yourself or a group that you are a member of, or ask somebody with the permission '${aiDatasetCreateForOthersPermission.name}'`,
    );
  }
}
