import { ConflictError, InputError, isError } from '@backstage/errors';
import type { WorkQueue } from '@greenroom/ai-node';
import type {
  Environments,
  MeasurementQuestion,
} from '@greenroom/plugin-ai-registry-common';
import { randomUUID } from 'node:crypto';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { DatasetSource } from '../evaluationRuns/PromptSets';
import type { RegistryChanges } from '../events/announcement';
import type { VersionRef } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import { identityOf, isOver, type MeasurementRecord } from './measurement';
import type { MeasurementStore } from './MeasurementStore';
import { checkQuestion } from './prepareMeasurement';

/** Nobody waits for more: one version is tried at a time. */
const MAX_OPEN = 100;

/** A measurement that could be made: all that it needs was found and fits. */
export type PreparedMeasurement = Omit<
  MeasurementRecord,
  'id' | 'state' | 'createdAt' | 'requestedBy' | 'promotion' | 'comparison'
>;

/** Who asks for a measurement, and what for. */
interface Asked {
  requestedBy: string;
  promotion?: string;
  comparison?: MeasurementRecord['comparison'];
}

/** Versions that are measured on datasets. */
export class Measurements {
  readonly #options: {
    store: MeasurementStore;
    queue: Pick<WorkQueue, 'enqueue'>;
    versions: Pick<VersionStore, 'get'>;
    datasets: Pick<DatasetSource, 'getVersion'>;
    deployments: Pick<DesiredDeploymentStore, 'find'>;
    environments: Environments;
    changes: RegistryChanges;
    onNews(): void;
    now?: () => Date;
  };

  constructor(options: {
    store: MeasurementStore;
    queue: Pick<WorkQueue, 'enqueue'>;
    versions: Pick<VersionStore, 'get'>;
    datasets: Pick<DatasetSource, 'getVersion'>;
    /** What runs where. */
    deployments: Pick<DesiredDeploymentStore, 'find'>;
    environments: Environments;
    changes: RegistryChanges;
    /** Called when there is something to measure. */
    onNews(): void;
    now?: () => Date;
  }) {
    this.#options = options;
  }

  /**
   * Finds what a measurement needs, before anything is loaded.
   *
   * @throws NotFoundError, or InputError that names what does not fit and what to do
   */
  async prepare(
    ref: VersionRef,
    question: MeasurementQuestion & { dataset: { digest?: string } },
  ): Promise<PreparedMeasurement> {
    const { model, version } = ref;
    const { name, version: number, digest } = question.dataset;
    const found = await this.#options.versions.get(model, version);
    const dataset = await this.#options.datasets.getVersion({
      dataset: name,
      version: number,
    });
    if (digest !== undefined && digest !== dataset.digest) {
      throw new InputError(
        `Version ${number} of the dataset '${name}' has the digest ${dataset.digest}, not ${digest}: correct dataset.digest`,
      );
    }
    checkQuestion(found, dataset, question);
    const { target, features, slices, primary, positive } = question;
    const asked = {
      dataset: { name, version: number, digest: dataset.digest },
      target,
      ...(features && { features }),
      ...(slices && { slices }),
      ...(question.protected !== undefined && {
        protected: question.protected,
      }),
      ...(primary && { primary }),
      ...(positive !== undefined && { positive }),
    };
    return {
      ...asked,
      model,
      version,
      rows: dataset.rows ?? 0,
      identity: identityOf({
        ...asked,
        model,
        version,
        digest: dataset.digest,
      }),
    };
  }

  /**
   * Has it measured, or goes on with one that is under way and asks the same.
   *
   * @throws ConflictError when too many are under way
   */
  async start(
    prepared: PreparedMeasurement,
    asked: Asked,
  ): Promise<MeasurementRecord> {
    const { store, queue, changes, onNews } = this.#options;
    const { requestedBy, promotion, comparison } = asked;
    const { model, version, dataset, target } = prepared;
    const now = this.#options.now?.() ?? new Date();
    const record = await changes.transaction(async tx => {
      await store.lock(tx);
      const same = await store.findSame(prepared.identity, tx);
      const underWay = same.find(({ state }) => !isOver(state));
      if (underWay) {
        // It is wanted now whatever becomes of the promotion that it was asked for.
        if (promotion === undefined) await store.detach(tx, underWay.id);
        if (comparison) await store.setComparison(tx, underWay.id, comparison);
        return store.get(underWay.id, tx);
      }
      const open = await store.countOpen(tx);
      if (open >= MAX_OPEN) {
        throw new ConflictError(
          `${open} measurements are under way already: wait until some are done, or cancel some`,
        );
      }
      const id = randomUUID();
      await store.insert(tx, {
        ...prepared,
        id,
        createdAt: now.toISOString(),
        requestedBy,
        ...(promotion !== undefined && { promotion }),
        ...(comparison && { comparison }),
      });
      await store.prune(tx, prepared);
      await queue.enqueue(tx, id);
      await changes.record(tx, {
        action: 'measurement-asked',
        actor: requestedBy,
        model,
        subject: id,
        after: { version, dataset, target, rows: prepared.rows },
        announce: [
          { type: 'measurement-changed', measurement: id, model, version },
        ],
      });
      return store.get(id, tx);
    });
    onNews();
    return record;
  }

  /** The newest that asks the same and was done; otherwise one that is under way, or is begun for it. */
  async startOrFind(
    prepared: PreparedMeasurement,
    asked: Asked,
  ): Promise<MeasurementRecord> {
    const same = await this.#options.store.findSame(prepared.identity);
    return (
      same.find(({ state }) => state.phase === 'done') ??
      this.start(prepared, asked)
    );
  }

  /** Those that ask the same; newest first. */
  findSame({ identity }: PreparedMeasurement): Promise<MeasurementRecord[]> {
    return this.#options.store.findSame(identity);
  }

  /**
   * Has what runs in an environment measured with the same question.
   *
   * @throws NotFoundError for an environment that there is not, and InputError where that version cannot be measured
   */
  async compareWith(
    prepared: PreparedMeasurement,
    environment: string,
    asked: Pick<Asked, 'requestedBy'>,
  ): Promise<NonNullable<MeasurementRecord['comparison']>> {
    const { environments, deployments } = this.#options;
    environments.get(environment);
    const { model } = prepared;
    const running = await deployments.find({ environment, model });
    if (!running) return { environment };
    const { version } = running;
    if (version === prepared.version) return { environment, version };
    let other: PreparedMeasurement;
    try {
      other = await this.prepare({ model, version }, prepared);
    } catch (error) {
      if (!isError(error) || error.name !== 'InputError') throw error;
      throw new InputError(
        `compareWith: version ${version}, which runs in ${environment}, cannot be measured so: ${error.message}`,
      );
    }
    const { id: measurement } = await this.startOrFind(other, asked);
    return { environment, version, measurement };
  }

  /** @throws ConflictError when it has ended */
  async cancel(id: string, actor: string): Promise<MeasurementRecord> {
    const { store, changes } = this.#options;
    return changes.transaction(async tx => {
      const { model, version } = await store.get(id, tx);
      const ended = await store.end(tx, id, {
        phase: 'cancelled',
        cancelledBy: actor,
      });
      if (!ended) {
        throw new ConflictError(
          'The measurement has ended already: nothing to cancel',
        );
      }
      await changes.record(tx, {
        action: 'measurement-cancelled',
        actor,
        model,
        subject: id,
        after: { version },
        announce: [
          { type: 'measurement-changed', measurement: id, model, version },
        ],
      });
      return store.get(id, tx);
    });
  }
}
