import { InputError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type {
  ModelVersion,
  ModelVersionDetail,
  NewVersion,
  Page,
  VersionComparison,
} from '@greenroom/plugin-ai-registry-common';
import type { ArtifactStore } from '../artifacts/ArtifactStore';
import type { ChangeLog } from '../events/ChangeLog';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import { readOnnxSignature } from '../onnx/readOnnxSignature';
import { checkEvaluation } from './checkEvaluation';
import { checkSchema } from './checkSchema';
import { compareVersions } from './compareVersions';
import { freezeReference } from './freezeReference';
import type { VersionFields, VersionStore } from './VersionStore';

export interface VersionRef {
  model: string;
  version: number;
}

/** What can be done with versions. All throw a NotFoundError when there is no such model. */
export interface VersionService {
  /** Newest first. */
  list(
    query: { model: string; limit?: number; cursor?: string },
    options: CallOptions,
  ): Promise<Page<ModelVersion>>;
  /** Throws a NotFoundError when there is no such version. */
  get(ref: VersionRef, options: CallOptions): Promise<ModelVersionDetail>;
  /**
   * Makes a version of an artifact that was uploaded before. Throws an InputError
   * that names the field when the artifact is absent or does not fit what is said
   * about it.
   */
  create(
    model: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<ModelVersion>;
  compare(
    versions: { model: string; base: number; candidate: number },
    options: CallOptions,
  ): Promise<VersionComparison>;
}

/** Does what it is asked; {@link AuthorizedVersionService} asks whether it may. */
export class DefaultVersionService implements VersionService {
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #artifacts: ArtifactStore;
  readonly #changes: ChangeLog;

  constructor(options: {
    models: ModelStore;
    versions: VersionStore;
    artifacts: ArtifactStore;
    changes: ChangeLog;
  }) {
    this.#models = options.models;
    this.#versions = options.versions;
    this.#artifacts = options.artifacts;
    this.#changes = options.changes;
  }

  async list(query: {
    model: string;
    limit?: number;
    cursor?: string;
  }): Promise<Page<ModelVersion>> {
    await this.#models.get(query.model);
    return this.#versions.list(query.model, query);
  }

  async get({ model, version }: VersionRef): Promise<ModelVersionDetail> {
    return this.#versions.get(model, version);
  }

  async create(
    model: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<ModelVersion> {
    const actor = userRefOf(options.credentials);
    const { task } = await this.#models.get(model);
    if (version.schema && version.schema.task !== task) {
      throw new InputError(
        `schema.task is ${version.schema.task}, but model '${model}' is a ${task}`,
      );
    }
    const fields = await this.#describe(version);
    return this.#changes.transaction(async tx => {
      const number = await this.#models.takeVersionNumber(tx, model);
      await this.#versions.insert(tx, {
        ...fields,
        model,
        version: number,
        createdBy: actor,
      });
      const created = await this.#versions.getSummary(tx, model, number);
      await this.#changes.record(tx, {
        action: 'version-created',
        model,
        actor,
        after: created,
        announce: [{ type: 'model-changed', model, action: 'version-created' }],
      });
      return created;
    });
  }

  async compare(versions: {
    model: string;
    base: number;
    candidate: number;
  }): Promise<VersionComparison> {
    const { model, base, candidate } = versions;
    return compareVersions(
      await this.#versions.get(model, base),
      await this.#versions.get(model, candidate),
    );
  }

  /** Reads the model file and holds what is said about it against it. */
  async #describe(
    version: NewVersion,
  ): Promise<Omit<VersionFields, 'model' | 'version' | 'createdBy'>> {
    const { digest, schema, evaluation, reference } = version;
    const artifact = await this.#artifacts.stat(digest);
    if (!artifact) {
      throw new InputError(
        `digest: there is no artifact ${digest}: upload the file first (POST /artifacts)`,
      );
    }
    const reader = await this.#artifacts.openReader(digest);
    const { signature, modelFile } = await readOnnxSignature(reader).finally(
      () => reader.close(),
    );
    if (schema) checkSchema(schema, signature);
    if (evaluation) checkEvaluation(evaluation);
    return {
      description: version.description ?? '',
      format: 'onnx',
      digest,
      sizeBytes: artifact.sizeBytes,
      modelFile,
      signature,
      schema,
      evaluation,
      baseline: reference && freezeReference(reference, schema),
      tags: version.tags ?? {},
      source: version.source ?? {},
    };
  }
}
