import { isError } from '@backstage/errors';
import type {
  Evaluation,
  MeasurementQuestion,
} from '@greenroom/plugin-ai-registry-common';
import type { ModelStore } from '../models/ModelStore';
import type { VersionRef } from '../versions/VersionService';
import type { MeasurementRecord } from './measurement';
import type { Measurements, PreparedMeasurement } from './Measurements';
import type { MeasurementStore } from './MeasurementStore';

/** How far a version is with the measurement that a gate asks of it. */
export type GateMeasurement =
  | { state: 'done'; measurement: string; evaluation: Evaluation }
  | { state: 'under-way'; /** In a sentence. */ waitingFor: string }
  /** It will not be, until somebody mends something. */
  | {
      state: 'impossible';
      reason: string;
      /** Id of the one that came to nothing; undefined where nothing was begun. */
      measurement?: string;
    };

/** The measurements that gates of promotions need. Neither versions nor those of datasets change: each is made once. */
export class GateMeasurements {
  readonly #measurements: Pick<Measurements, 'prepare' | 'findSame' | 'start'>;
  readonly #store: Pick<MeasurementStore, 'perRow' | 'wasAskedForByHand'>;
  readonly #models: Pick<ModelStore, 'get'>;
  readonly #datasets: { get(name: string): Promise<{ owner: string }> };

  constructor(options: {
    measurements: Pick<Measurements, 'prepare' | 'findSame' | 'start'>;
    store: Pick<MeasurementStore, 'perRow' | 'wasAskedForByHand'>;
    models: Pick<ModelStore, 'get'>;
    datasets: { get(name: string): Promise<{ owner: string }> };
  }) {
    this.#measurements = options.measurements;
    this.#store = options.store;
    this.#models = options.models;
    this.#datasets = options.datasets;
  }

  /**
   * Has a version measured, unless it was before.
   *
   * @param options.since - when the gates were asked for: what failed before is tried again
   * @param options.start - whether to begin; otherwise it is only looked
   */
  async look(
    ref: VersionRef,
    question: MeasurementQuestion & { dataset: { digest?: string } },
    options: {
      since: string;
      start?: { requestedBy: string; promotion: string };
    },
  ): Promise<GateMeasurement> {
    let prepared: PreparedMeasurement;
    try {
      prepared = await this.#measurements.prepare(ref, question);
    } catch (error) {
      const isWrong =
        isError(error) && ['InputError', 'NotFoundError'].includes(error.name);
      if (!isWrong) throw error;
      return { state: 'impossible', reason: error.message };
    }
    const same = await this.#measurements.findSame(prepared);
    const found = same.find(
      ({ state, createdAt }) =>
        state.phase === 'done' ||
        state.phase === 'queued' ||
        state.phase === 'running' ||
        Date.parse(createdAt) >= Date.parse(options.since),
    );
    if (found) return this.#describe(found);
    const refusal = await this.#refusalOf(ref.model, question.dataset.name);
    if (refusal !== undefined) return { state: 'impossible', reason: refusal };
    if (!options.start) {
      return {
        state: 'impossible',
        reason: `Version ${ref.version} was not measured`,
      };
    }
    return this.#describe(
      await this.#measurements.start(prepared, options.start),
    );
  }

  /**
   * Results tell of rows, and everybody reads them who reads the model. Who writes a manifest has not been asked whether
   * they may read the dataset: its owner is the model's, or somebody who may has had the model measured on it.
   */
  async #refusalOf(
    model: string,
    dataset: string,
  ): Promise<string | undefined> {
    const [{ owner }, { owner: datasetOwner }] = await Promise.all([
      this.#models.get(model),
      this.#datasets.get(dataset),
    ]);
    if (owner === datasetOwner) return undefined;
    return (await this.#store.wasAskedForByHand({ model, dataset }))
      ? undefined
      : `The dataset '${dataset}' belongs to '${datasetOwner}' and the model to '${owner}', and nobody has had the model measured on it yet: somebody who may download it starts one by hand first`;
  }

  async #describe(record: MeasurementRecord): Promise<GateMeasurement> {
    const { id, version, state, dataset } = record;
    const place = `${dataset.name}, version ${dataset.version}`;
    switch (state.phase) {
      case 'done':
        return {
          state: 'done',
          measurement: id,
          evaluation: await this.#evaluationOf(record, state.result.rows),
        };
      case 'queued':
        return {
          state: 'under-way',
          waitingFor: `Version ${version} is to be measured on ${place}: others are tried first.`,
        };
      case 'running':
        return {
          state: 'under-way',
          waitingFor: `Version ${version} is measured on ${place}: ${state.done} of ${state.of} rows.`,
        };
      case 'failed':
        return {
          state: 'impossible',
          measurement: id,
          reason: `Measuring version ${version} on ${place} failed: ${state.reason}`,
        };
      default:
        return {
          state: 'impossible',
          measurement: id,
          reason: `${state.cancelledBy} cancelled that version ${version} is measured`,
        };
    }
  }

  async #evaluationOf(
    { id, dataset, target, state }: MeasurementRecord,
    rows: number,
  ): Promise<Evaluation> {
    const metrics = state.phase === 'done' ? state.result.metrics : [];
    const [{ name, higherIsBetter }] = metrics;
    return {
      dataset: { name: dataset.name, digest: dataset.digest, rows },
      metrics: Object.fromEntries(
        metrics.map(metric => [metric.name, metric.value]),
      ),
      primary: { name, higherIsBetter },
      perRow: await this.#store.perRow(id),
      measured: { measurement: id, datasetVersion: dataset.version, target },
    };
  }
}
