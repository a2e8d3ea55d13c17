import { userRefOf } from '@greenroom/ai-node';
import type {
  Measurement,
  MeasurementComparison,
  MeasurementSummary,
  NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import { compareMeasurements } from './compareMeasurements';
import { type MeasurementRecord, toSummary } from './measurement';
import type { Measurements } from './Measurements';
import type { MeasurementStore } from './MeasurementStore';

/** Comparisons of those that are done, which pages ask for again and again. */
const MOST_KEPT = 100;

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
  /** By both ids. Comparing takes up to a second of computing, and neither changes any more. */
  readonly #compared = new Map<
    string,
    Pick<MeasurementComparison, 'paired' | 'missing'>
  >();

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
    return {
      ...measurement,
      comparison: {
        ...comparison,
        ...(await this.#compare(record, comparison)),
      },
    };
  }

  async #compare(
    record: MeasurementRecord,
    comparison: NonNullable<MeasurementRecord['comparison']>,
  ): Promise<Pick<MeasurementComparison, 'paired' | 'missing'>> {
    const { measurement: otherId } = comparison;
    const pair = `${record.id} ${otherId}`;
    const kept = this.#compared.get(pair);
    if (kept) return kept;
    const other =
      otherId === undefined ? undefined : await this.#store.get(otherId);
    if (record.state.phase !== 'done' || other?.state.phase !== 'done') {
      const nothing = { perRow: undefined };
      return compareMeasurements(
        { ...record, ...nothing },
        comparison,
        other && { ...other, ...nothing },
      );
    }
    const found = compareMeasurements(
      { ...record, perRow: await this.#store.perRow(record.id) },
      comparison,
      { ...other, perRow: await this.#store.perRow(other.id) },
    );
    this.#compared.set(pair, found);
    const [oldest] = this.#compared.keys();
    if (this.#compared.size > MOST_KEPT) this.#compared.delete(oldest);
    return found;
  }
}
