import { ConflictError, InputError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type BundleFile,
  type Evaluation,
  type FoundVersion,
  type ModelVersion,
  type ModelVersionDetail,
  type NewVersion,
  type Page,
  type SearchPage,
  type Servability,
  type VersionChanges,
  type VersionComparison,
  type VersionEvaluation,
  type VersionSearch,
  type VersionStage,
  trainingJobOf,
} from '@greenroom/plugin-ai-registry-common';
import { keepArtifacts } from '../artifacts/ArtifactCollector';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type { Knex } from 'knex';
import type { RegistryChanges } from '../events/announcement';
import { changeTags } from '../models/changeTags';
import type { ModelCondition } from '../permissions';
import type { CallOptions } from '../models/ModelService';
import type { ModelStore } from '../models/ModelStore';
import type { Trials } from '../trials/Trials';
import { saidOf } from './conversion/conversionFile';
import type { ConversionStore } from './conversion/ConversionStore';
import { checkEvaluation } from './checkEvaluation';
import { compareVersions } from './compareVersions';
import { toOtherEvaluation } from './otherEvaluation';
import { describeVersion } from './describeVersion';
import type { EvaluationStore } from './EvaluationStore';
import type { SignatureReader } from './signing/SignatureReader';
import type { VersionFiles } from './VersionFiles';
import type { VersionStore } from './VersionStore';

/** Most evaluations of a version: each may have a hundred thousand values. */
export const MAX_EVALUATIONS = 100;
/** What a version's only file is called for people. */
const SINGLE_FILE = 'model.onnx';

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
  /** Of all models that the caller may read. */
  search(
    search: VersionSearch & { visible?: PermissionCriteria<ModelCondition> },
    options: CallOptions,
  ): Promise<SearchPage<FoundVersion>>;
  /** Throws a NotFoundError when there is no such version. */
  get(ref: VersionRef, options: CallOptions): Promise<ModelVersionDetail>;
  /** What it is made of, by path; a single file is called `model.onnx`. */
  listFiles(ref: VersionRef, options: CallOptions): Promise<BundleFile[]>;
  /**
   * Makes a version of artifacts that were uploaded before. Throws an InputError
   * that names the field and the file when one is absent or does not fit what is said
   * about it.
   */
  create(
    model: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<ModelVersion>;
  /** Changes what is said of a version; files and measurements stay. */
  update(
    ref: VersionRef,
    changes: VersionChanges,
    options: CallOptions,
  ): Promise<ModelVersion>;
  compare(
    versions: { model: string; base: number; candidate: number },
    options: CallOptions,
  ): Promise<VersionComparison>;
  /** Newest first. */
  listEvaluations(
    ref: VersionRef,
    options: CallOptions,
  ): Promise<VersionEvaluation[]>;
  /** Adds what was measured after the version was registered; nothing is replaced. */
  addEvaluation(
    ref: VersionRef,
    evaluation: Evaluation,
    options: CallOptions,
  ): Promise<VersionEvaluation>;
  /** Loads the version with the data plane's runtime, and keeps what that found out. */
  tryToLoad(ref: VersionRef, options: CallOptions): Promise<Servability>;
}

/** Does what it is asked; {@link AuthorizedVersionService} asks whether it may. */
export class DefaultVersionService implements VersionService {
  readonly #models: ModelStore;
  readonly #versions: VersionStore;
  readonly #evaluations: EvaluationStore;
  readonly #signing: Pick<SignatureReader, 'find'>;
  readonly #artifacts: ArtifactStore;
  readonly #files: VersionFiles;
  readonly #trials: Trials;
  readonly #conversions: Pick<ConversionStore, 'insert' | 'find'>;
  readonly #changes: RegistryChanges;

  constructor(options: {
    models: ModelStore;
    versions: VersionStore;
    evaluations: EvaluationStore;
    signing: Pick<SignatureReader, 'find'>;
    artifacts: ArtifactStore;
    files: VersionFiles;
    trials: Trials;
    conversions: Pick<ConversionStore, 'insert' | 'find'>;
    changes: RegistryChanges;
  }) {
    this.#models = options.models;
    this.#versions = options.versions;
    this.#evaluations = options.evaluations;
    this.#signing = options.signing;
    this.#artifacts = options.artifacts;
    this.#files = options.files;
    this.#trials = options.trials;
    this.#conversions = options.conversions;
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

  async search(
    search: VersionSearch & { visible?: PermissionCriteria<ModelCondition> },
  ): Promise<SearchPage<FoundVersion>> {
    return this.#versions.search(search);
  }

  async get(ref: VersionRef): Promise<ModelVersionDetail> {
    const version = await this.#versions.get(ref.model, ref.version);
    const [, ...others] = await this.#evaluations.listNewest(ref);
    const signing = await this.#signing.find(ref);
    const conversion = await this.#conversions.find(ref);
    const job = trainingJobOf(version.createdBy);
    return {
      ...version,
      ...(conversion && {
        conversion: { ...conversion, ...(job !== undefined && { job }) },
      }),
      ...(signing && { signing }),
      ...(others.length > 0 && {
        otherEvaluations: others.map(toOtherEvaluation),
      }),
    };
  }

  async create(
    model: string,
    version: NewVersion,
    options: CallOptions,
  ): Promise<ModelVersion> {
    const actor = userRefOf(options.credentials);
    const found = await this.#models.get(model);
    const taken = await this.#files.take(version);
    const fields = await describeVersion(version, {
      model: found,
      taken,
      artifacts: this.#artifacts,
    });
    const isTried = fields.servability.state === 'pending';
    const created = await this.#changes.transaction(async tx => {
      // From here on nobody collects its files as unused; they may have been before.
      await keepArtifacts(tx);
      await this.#files.checkStored(taken, fields.reference);
      const number = await this.#models.takeVersionNumber(tx, model);
      await this.#versions.insert(tx, {
        ...fields,
        model,
        version: number,
        createdBy: actor,
      });
      if (taken.conversion) {
        const ref = { model, version: number };
        await this.#conversions.insert(tx, ref, saidOf(taken.conversion));
      }
      if (isTried) await this.#trials.enqueue(tx, { model, version: number });
      const summary = await this.#versions.getSummary(tx, model, number);
      await this.#changes.record(tx, {
        action: 'version-created',
        model,
        actor,
        after: summary,
        announce: [{ type: 'model-changed', model, action: 'version-created' }],
      });
      return summary;
    });
    if (isTried) this.#trials.wake();
    return created;
  }

  async update(
    ref: VersionRef,
    changes: VersionChanges,
    options: CallOptions,
  ): Promise<ModelVersion> {
    const actor = userRefOf(options.credentials);
    const { model, version } = ref;
    const { tagChanges, archiveOthers, ...said } = changes;
    if (
      archiveOthers &&
      said.stage !== 'Staging' &&
      said.stage !== 'Production'
    ) {
      throw new InputError(
        'archiveOthers: expected with the stage Staging or Production, whose other versions become Archived',
      );
    }
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const { tags } = await this.#versions.get(model, version, tx);
      if (archiveOthers && said.stage) {
        await this.#archiveOthers(tx, { ...ref, stage: said.stage, actor });
      }
      await this.#change(tx, {
        ref,
        actor,
        fields: {
          ...said,
          ...(tagChanges && { tags: changeTags(tags, tagChanges) }),
        },
      });
      await this.#models.touch(tx, model);
      return this.#versions.getSummary(tx, model, version);
    });
  }

  async #archiveOthers(
    tx: Knex.Transaction,
    options: VersionRef & { stage: VersionStage; actor: string },
  ): Promise<void> {
    const { model, version, stage, actor } = options;
    for (const other of await this.#versions.inStage(tx, { model, stage })) {
      if (other === version) continue;
      await this.#change(tx, {
        ref: { model, version: other },
        actor,
        fields: { stage: 'Archived' },
      });
    }
  }

  /** With its entry in the audit log. */
  async #change(
    tx: Knex.Transaction,
    change: {
      ref: VersionRef;
      actor: string;
      fields: Parameters<VersionStore['update']>[2];
    },
  ): Promise<void> {
    const { ref, actor, fields } = change;
    const { model, version } = ref;
    const before = await this.#versions.getSummary(tx, model, version);
    await this.#versions.update(tx, ref, fields);
    const after = await this.#versions.getSummary(tx, model, version);
    await this.#changes.record(tx, {
      action: 'version-updated',
      model,
      subject: String(version),
      actor,
      before: wordsOf(before),
      after: wordsOf(after),
      announce: [{ type: 'model-changed', model, action: 'version-changed' }],
    });
  }

  async listFiles(ref: VersionRef): Promise<BundleFile[]> {
    const { files, digest, sizeBytes } = await this.get(ref);
    return files === undefined
      ? [{ path: SINGLE_FILE, digest, sizeBytes }]
      : this.#versions.listFiles(ref);
  }

  async listEvaluations(ref: VersionRef): Promise<VersionEvaluation[]> {
    await this.get(ref);
    return this.#evaluations.list(ref);
  }

  async addEvaluation(
    ref: VersionRef,
    evaluation: Evaluation,
    options: CallOptions,
  ): Promise<VersionEvaluation> {
    const actor = userRefOf(options.credentials);
    checkEvaluation(evaluation);
    await this.get(ref);
    const { model, version } = ref;
    return this.#changes.transaction(async tx => {
      await this.#models.lock(tx, model);
      const count = await this.#evaluations.count(ref, tx);
      if (count >= MAX_EVALUATIONS) {
        throw new ConflictError(
          `Version ${version} of '${model}' has ${count} evaluations, and no version may have more`,
        );
      }
      const added = await this.#evaluations.add(tx, ref, {
        evaluation,
        addedBy: actor,
      });
      const { perRow: _perRow, slices: _slices, ...summary } = added;
      await this.#models.touch(tx, model);
      await this.#changes.record(tx, {
        action: 'evaluation-added',
        model,
        actor,
        after: { version, ...summary },
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
      return added;
    });
  }

  tryToLoad(ref: VersionRef): Promise<Servability> {
    return this.#trials.tryToLoad(ref, { again: true });
  }

  async compare(versions: {
    model: string;
    base: number;
    candidate: number;
  }): Promise<VersionComparison> {
    const { model, base, candidate } = versions;
    const after = await this.#evaluations.listNewest({
      model,
      version: candidate,
    });
    const ref = { model, version: base };
    const before = await this.#evaluations.listNewest(
      ref,
      after[0]?.dataset.digest,
    );
    return compareVersions(
      await this.#versions.get(model, base),
      await this.#versions.get(model, candidate),
      {
        base:
          before.length > 0 ? before : await this.#evaluations.listNewest(ref),
        candidate: after,
      },
    );
  }
}

/** The rest of a version never changes, and would fill the audit log. */
function wordsOf({ version, description, tags, stage }: ModelVersion) {
  return { version, description, tags, stage };
}
