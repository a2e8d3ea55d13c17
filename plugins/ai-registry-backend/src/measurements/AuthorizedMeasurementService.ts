import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiDatasetDownloadPermission,
  aiModelUpdatePermission,
  type Measurement,
  type MeasurementSummary,
  type NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import type { CallOptions, ModelService } from '../models/ModelService';
import type { VersionRef } from '../versions/VersionService';
import type { MeasurementService } from './MeasurementService';

/** Asks whether the caller may, then delegates. */
export class AuthorizedMeasurementService implements MeasurementService {
  readonly #measurements: MeasurementService;
  readonly #models: Pick<ModelService, 'get'>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    measurements: MeasurementService;
    /** Asks for the permission to read. */
    models: Pick<ModelService, 'get'>;
    permissions: PermissionsService;
  }) {
    this.#measurements = options.measurements;
    this.#models = options.models;
    this.#permissions = options.permissions;
  }

  /** Who may change the model, and read the rows: names of slices and groups are values of them. */
  async create(
    ref: VersionRef,
    measurement: NewMeasurement,
    options: CallOptions,
  ): Promise<Measurement> {
    await this.#requireUpdate(ref.model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiDatasetDownloadPermission,
      resourceRef: measurement.dataset.name,
    });
    return this.#measurements.create(ref, measurement, options);
  }

  async list(
    ref: VersionRef,
    query: { limit?: number },
    options: CallOptions,
  ): Promise<MeasurementSummary[]> {
    await this.#models.get(ref.model, options);
    return this.#measurements.list(ref, query, options);
  }

  async get(id: string, options: CallOptions): Promise<Measurement> {
    const measurement = await this.#measurements.get(id, options);
    await this.#models.get(measurement.model, options);
    return measurement;
  }

  async cancel(id: string, options: CallOptions): Promise<Measurement> {
    const measurement = await this.#measurements.get(id, options);
    await this.#requireUpdate(measurement.model, options);
    return this.#measurements.cancel(id, options);
  }

  async #requireUpdate(model: string, options: CallOptions): Promise<void> {
    await this.#models.get(model, options);
    await requirePermission(this.#permissions, {
      ...options,
      permission: aiModelUpdatePermission,
      resourceRef: model,
    });
  }
}
