import { userRefOf } from '@greenroom/ai-node';
import type {
  Measurement,
  MeasurementSummary,
  NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import { compareMeasurements } from './compareMeasurements';
import { type MeasurementRecord, toSummary } from './measurement';
import type { Measurements } from './Measurements';
import type { MeasurementStore } from './MeasurementStore';

/** What people and programs can do with measurements. All throw a NotFoundError when there is no such thing. */
export interface MeasurementService {
  /** Throws an InputError that says what does not fit. */
  create(
    ref: VersionRef,
    measurement: NewMeasurement,
    options: CallOptions,
  ): Promise<Measurement>;
  /** Newest first. */
  list(
    ref: VersionRef,
    query: { limit?: number },
    options: CallOptions,
  ): Promise<MeasurementSummary[]>;
  get(id: string, options: CallOptions): Promise<Measurement>;
  /** Throws a ConflictError when it has ended. */
  cancel(id: string, options: CallOptions): Promise<Measurement>;
}

/** Does what it is asked; `AuthorizedMeasurementService` asks whether it may. */
export class DefaultMeasurementService implements MeasurementService {
  readonly #measurements: Measurements;
  readonly #store: MeasurementStore;

  constructor(options: {
    measurements: Measurements;
    store: MeasurementStore;
  }) {
    this.#measurements = options.measurements;
    this.#store = options.store;
  }

  async create(
    ref: VersionRef,
    { compareWith, ...question }: NewMeasurement,
    { credentials }: CallOptions,
  ): Promise<Measurement> {
    const requestedBy = userRefOf(credentials);
    const prepared = await this.#measurements.prepare(ref, question);
    const comparison =
      compareWith === undefined
        ? undefined
        : await this.#measurements.compareWith(prepared, compareWith, {
            requestedBy,
          });
    return this.#shown(
      await this.#measurements.start(prepared, { requestedBy, comparison }),
    );
  }

  async list(
    ref: VersionRef,
    query: { limit?: number },
  ): Promise<MeasurementSummary[]> {
    return (await this.#store.list(ref, query)).map(toSummary);
  }

  async get(id: string): Promise<Measurement> {
    return this.#shown(await this.#store.get(id));
  }

  async cancel(id: string, { credentials }: CallOptions): Promise<Measurement> {
    return this.#shown(
      await this.#measurements.cancel(id, userRefOf(credentials)),
    );
  }

  async #shown(record: MeasurementRecord): Promise<Measurement> {
    const { identity: _identity, comparison, ...measurement } = record;
    if (!comparison) return measurement;
    const { measurement: otherId } = comparison;
    const other =
      otherId === undefined ? undefined : await this.#store.get(otherId);
    const areDone = [record, other].every(one => one?.state.phase === 'done');
    return {
      ...measurement,
      comparison: {
        ...comparison,
        ...compareMeasurements(
          {
            ...record,
            perRow: areDone ? await this.#store.perRow(record.id) : undefined,
          },
          comparison,
          other && {
            ...other,
            perRow: areDone ? await this.#store.perRow(other.id) : undefined,
          },
        ),
      },
    };
  }
}
