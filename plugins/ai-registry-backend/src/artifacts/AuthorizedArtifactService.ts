import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  type AuthorizePermissionRequest,
  AuthorizeResult,
} from '@backstage/plugin-permission-common';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiArtifactCollectPermission,
  aiArtifactReadPermission,
  aiDatasetDownloadPermission,
  aiModelCreatePermission,
  aiModelReadPermission,
  aiModelUpdatePermission,
  type Artifact,
  type Digest,
  type Environments,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';
import type { CallOptions } from '../models/ModelService';
import type { CollectionReport } from './ArtifactCollector';
import type { ArtifactService, UploadOptions } from './ArtifactService';
import type { ArtifactUses } from './ArtifactUses';
import type { ByteRange } from '@greenroom/artifact-store';

/** Asks whether the caller may, then delegates. */
export class AuthorizedArtifactService implements ArtifactService {
  readonly #artifacts: ArtifactService;
  readonly #uses: ArtifactUses;
  readonly #environments: Environments;
  readonly #permissions: PermissionsService;

  constructor(options: {
    artifacts: ArtifactService;
    uses: ArtifactUses;
    environments: Environments;
    permissions: PermissionsService;
  }) {
    this.#artifacts = options.artifacts;
    this.#uses = options.uses;
    this.#environments = options.environments;
    this.#permissions = options.permissions;
  }

  async upload(
    content: AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<Artifact> {
    await requirePermission(this.#permissions, {
      credentials: options.credentials,
      permission: aiModelCreatePermission,
    });
    return this.#artifacts.upload(content, options);
  }

  /**
   * Who may read one of the models that the artifact belongs to, may read the artifact; so may
   * who may download one of its datasets, and who may read the artifacts of a place where it
   * runs or ran. Reference rows are data: reading their model is not enough, changing it is.
   */
  async find(digest: Digest, options: CallOptions): Promise<Artifact> {
    const [models, datasets, references] = await Promise.all([
      this.#uses.modelsOf(digest),
      this.#uses.datasetsOf(digest),
      this.#uses.referencesOf(digest),
    ]);
    if (models.length + datasets.length + references.length === 0) {
      await requirePermission(this.#permissions, {
        ...options,
        permission: aiModelCreatePermission,
      });
    } else {
      await this.#requireReadOfOne(
        digest,
        { models, datasets, references },
        options,
      );
    }
    return this.#artifacts.find(digest, options);
  }

  async open(artifact: Artifact, range?: ByteRange): Promise<Readable> {
    return this.#artifacts.open(artifact, range);
  }

  async collect(
    request: { dryRun: boolean },
    options: CallOptions,
  ): Promise<CollectionReport> {
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiArtifactCollectPermission,
    });
    return this.#artifacts.collect(request, options);
  }

  async #requireReadOfOne(
    digest: Digest,
    uses: { models: string[]; datasets: string[]; references: string[] },
    options: CallOptions,
  ): Promise<void> {
    const { models, datasets, references } = uses;
    const mayRead = await this.#isAnyAllowed(
      [
        ...models.map(resourceRef => ({
          permission: aiModelReadPermission,
          resourceRef,
        })),
        ...datasets.map(resourceRef => ({
          permission: aiDatasetDownloadPermission,
          resourceRef,
        })),
        ...references.map(resourceRef => ({
          permission: aiModelUpdatePermission,
          resourceRef,
        })),
      ],
      options,
    );
    if (mayRead) return;
    const aliases = await this.#uses.aliasesOf(digest);
    const mayServe = await this.#isAnyAllowed(
      aliases
        .filter(({ alias }) => this.#environments.has(alias))
        .map(({ alias, model }) => ({
          permission: aiArtifactReadPermission,
          resourceRef: placeRef({ environment: alias, model }),
        })),
      options,
    );
    if (mayServe) return;
    throw new NotAllowedError(
      `You need the permission '${aiModelReadPermission.name}' on a model that this artifact belongs to, '${aiDatasetDownloadPermission.name}' on a dataset that it is of, or '${aiArtifactReadPermission.name}' on an <environment>/<model> where it runs or ran`,
    );
  }

  async #isAnyAllowed(
    requests: AuthorizePermissionRequest[],
    options: CallOptions,
  ): Promise<boolean> {
    if (requests.length === 0) return false;
    const decisions = await this.#permissions.authorize(requests, options);
    return decisions.some(({ result }) => result === AuthorizeResult.ALLOW);
  }
}
