import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  type EntityDirectory,
  OWNER_KINDS,
  requireEntity,
  userRefOf,
} from '@greenroom/ai-node';
import {
  DEFAULT_EXPERIMENT,
  DESCRIPTION_TAG,
  type Experiment,
  type ExperimentChanges,
  type ExperimentPage,
  type ExperimentQuery,
  type NewExperiment,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import type { CallOptions } from '../callOptions';
import type { TrainingChanges } from '../events/announcement';
import { checkKey, checkLength, LIMITS } from '../limits';
import type { OwnerCondition } from '../permissions';
import { deletedExperiment, unknownExperiment } from './failures';
import type { ExperimentStore } from './ExperimentStore';

/** What can be done with experiments. */
export interface ExperimentService {
  list(
    query: ExperimentQuery & { visible?: PermissionCriteria<OwnerCondition> },
    options: CallOptions,
  ): Promise<ExperimentPage>;
  /** @throws NotFoundError when there is no such experiment */
  get(id: string, options: CallOptions): Promise<Experiment>;
  /** Also a deleted one. Throws a NotFoundError when there is none. */
  getByName(name: string, options: CallOptions): Promise<Experiment>;
  create(experiment: NewExperiment, options: CallOptions): Promise<Experiment>;
  update(
    id: string,
    changes: ExperimentChanges,
    options: CallOptions,
  ): Promise<Experiment>;
  setTag(
    id: string,
    tag: { key: string; value: string },
    options: CallOptions,
  ): Promise<void>;
  deleteTag(id: string, key: string, options: CallOptions): Promise<void>;
  /** With its runs, which are hidden and written to no more. */
  delete(id: string, options: CallOptions): Promise<void>;
  /** With the runs that were deleted with it. */
  restore(id: string, options: CallOptions): Promise<void>;
}

/** Does what it is asked; `AuthorizedExperimentService` asks whether it may. */
export class DefaultExperimentService implements ExperimentService {
  readonly #experiments: ExperimentStore;
  readonly #changes: TrainingChanges;
  readonly #directory: EntityDirectory;
  readonly #ownerFor: (credentials: BackstageCredentials) => Promise<string>;

  constructor(options: {
    experiments: ExperimentStore;
    changes: TrainingChanges;
    /** Knows which owners there are. */
    directory: EntityDirectory;
    /** Who owns what somebody makes without saying for whom. */
    ownerFor: (credentials: BackstageCredentials) => Promise<string>;
  }) {
    this.#experiments = options.experiments;
    this.#changes = options.changes;
    this.#directory = options.directory;
    this.#ownerFor = options.ownerFor;
  }

  list(
    query: ExperimentQuery & { visible?: PermissionCriteria<OwnerCondition> },
  ): Promise<ExperimentPage> {
    return this.#experiments.list(query);
  }

  get(id: string): Promise<Experiment> {
    return this.#experiments.get(id);
  }

  async getByName(name: string): Promise<Experiment> {
    const experiment = await this.#experiments.findByName(name);
    if (experiment) return experiment;
    throw new NotFoundError(`Could not find experiment with name '${name}'`);
  }

  async create(
    experiment: NewExperiment,
    options: CallOptions,
  ): Promise<Experiment> {
    const { description, artifactLocation } = experiment;
    const name = checkName(experiment.name);
    const tags = {
      ...experiment.tags,
      ...(description !== undefined && { [DESCRIPTION_TAG]: description }),
    };
    Object.entries(tags).forEach(([key, value]) => checkTag({ key, value }));
    checkArtifactLocation(artifactLocation);
    const owner =
      experiment.owner === undefined
        ? await this.#ownerFor(options.credentials)
        : await this.#checkOwner(experiment.owner);
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      const id = await this.#experiments.insert(tx, {
        name,
        owner,
        artifactLocation: artifactLocation || undefined,
        tags,
        createdBy: actor,
      });
      const after = await this.#experiments.get(id, tx);
      await this.#record(tx, { action: 'experiment-created', actor, after });
      return after;
    });
  }

  async update(
    id: string,
    changes: ExperimentChanges,
    options: CallOptions,
  ): Promise<Experiment> {
    const { description, owner, name } = changes;
    if (id === DEFAULT_EXPERIMENT && (name !== undefined || owner)) {
      throw new InputError(
        'The experiment 0 is for clients that name none: it keeps its name and belongs to nobody; make one of your own',
      );
    }
    const fields = {
      ...(name !== undefined && { name: checkName(name) }),
      ...(owner !== undefined && { owner: await this.#checkOwner(owner) }),
    };
    const tags: Record<string, string> =
      description === undefined ? {} : { [DESCRIPTION_TAG]: description };
    Object.entries(tags).forEach(([key, value]) => checkTag({ key, value }));
    return this.#change(id, 'experiment-updated', options, async tx => {
      await this.#experiments.update(tx, id, fields);
      await this.#experiments.setTags(tx, id, tags);
    });
  }

  async setTag(
    id: string,
    tag: { key: string; value: string },
    options: CallOptions,
  ): Promise<void> {
    checkTag(tag);
    await this.#change(id, 'experiment-updated', options, async tx => {
      await this.#experiments.setTags(tx, id, { [tag.key]: tag.value });
      await this.#experiments.update(tx, id, {});
    });
  }

  async deleteTag(
    id: string,
    key: string,
    options: CallOptions,
  ): Promise<void> {
    await this.#change(id, 'experiment-updated', options, async tx => {
      if (!(await this.#experiments.deleteTag(tx, id, key))) {
        throw new NotFoundError(
          `No tag with name: ${key} in experiment with id ${id}`,
        );
      }
      await this.#experiments.update(tx, id, {});
    });
  }

  async delete(id: string, options: CallOptions): Promise<void> {
    if (id === DEFAULT_EXPERIMENT) {
      throw new InputError(
        'The experiment 0 cannot be deleted: clients that name none use it; delete its runs instead',
      );
    }
    await this.#setLifecycle(id, 'deleted', options);
  }

  async restore(id: string, options: CallOptions): Promise<void> {
    await this.#setLifecycle(id, 'active', options);
  }

  async #setLifecycle(
    id: string,
    lifecycle: 'active' | 'deleted',
    options: CallOptions,
  ): Promise<void> {
    const actor = userRefOf(options.credentials);
    await this.#changes.transaction(async tx => {
      const before = await this.#experiments.lock(tx, id);
      // As MLflow has it: of those that can be deleted or restored, there is none.
      if (before.lifecycle === lifecycle) throw unknownExperiment(id);
      await this.#experiments.setLifecycle(tx, id, lifecycle);
      const after = await this.#experiments.get(id, tx);
      await this.#record(tx, {
        action:
          lifecycle === 'deleted'
            ? 'experiment-deleted'
            : 'experiment-restored',
        actor,
        before,
        after,
      });
    });
  }

  /** @throws InputError when it is deleted */
  #change(
    id: string,
    action: string,
    options: CallOptions,
    change: (tx: Knex.Transaction) => Promise<void>,
  ): Promise<Experiment> {
    const actor = userRefOf(options.credentials);
    return this.#changes.transaction(async tx => {
      const before = await this.#experiments.lock(tx, id);
      if (before.lifecycle === 'deleted') throw deletedExperiment(id);
      await change(tx);
      const after = await this.#experiments.get(id, tx);
      await this.#record(tx, { action, actor, before, after });
      return after;
    });
  }

  #record(
    tx: Knex.Transaction,
    change: {
      action: string;
      actor: string;
      before?: Experiment;
      after: Experiment;
    },
  ): Promise<void> {
    const { id, owner } = change.after;
    return this.#changes.record(tx, {
      ...change,
      subject: id,
      owner,
      announce: [{ type: 'experiment-changed', experiment: id }],
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

function checkName(name: string): string {
  if (name.trim() === '') {
    throw new InputError(`Invalid experiment name: '${name}'`);
  }
  return checkLength(name, LIMITS.experimentName, 'name');
}

function checkTag({ key, value }: { key: string; value: string }): void {
  checkKey(key, 'key');
  checkLength(value, LIMITS.experimentTagValue, 'value');
}

/** Where clients keep artifacts themselves: a URI that they know what to do with. */
function checkArtifactLocation(location: string | undefined): void {
  if (!location) return;
  checkLength(location, LIMITS.artifactLocation, 'artifact_location');
  if (!/^[a-z][a-z0-9+.-]*:/i.test(location) || /[?#]/.test(location)) {
    throw new InputError(
      `artifact_location '${location}' is not a URI such as s3://bucket/path, without ? and #: leave it out, and artifacts are kept here`,
    );
  }
  if (/^(?:mlflow-artifacts|runs|models|file):/i.test(location)) {
    throw new InputError(
      `artifact_location '${location}' is not outside of Greenroom: leave it out, and artifacts are kept here`,
    );
  }
}
