import {
  type AuditPage,
  type AuditQuery,
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type {
  Experiment,
  ExperimentChanges,
  ExperimentPage,
  ExperimentQuery,
  NewExperiment,
} from './experiment';
import type { Imported, ImportedLoggedModel, ImportedRun } from './imports';
import type { LoggedModel } from './loggedModel';
import type { MetricSeries, MetricSeriesQuery } from './metrics';
import type { Run, RunPage, RunQuery } from './run';

/** Typed client of the training REST API, for browsers and backends alike. */
export class AiTrainingClient {
  readonly #api: PluginApi;

  constructor(options: PluginClientOptions) {
    this.#api = new PluginApi('ai-training', options);
  }

  /** What was changed, newest first; 50 entries when no limit is named. */
  listAudit(
    query: AuditQuery = {},
    options?: RequestOptions,
  ): Promise<AuditPage> {
    return this.#api.json('GET', '/audit', { query: { ...query }, ...options });
  }

  /** The one that was changed last first. */
  listExperiments(
    query: ExperimentQuery = {},
    options?: RequestOptions,
  ): Promise<ExperimentPage> {
    return this.#api.json('GET', '/experiments', {
      query: { ...query },
      ...options,
    });
  }

  createExperiment(
    experiment: NewExperiment,
    options?: RequestOptions,
  ): Promise<Experiment> {
    return this.#api.json('POST', '/experiments', {
      body: experiment,
      ...options,
    });
  }

  getExperiment(id: string, options?: RequestOptions): Promise<Experiment> {
    return this.#api.json('GET', path`/experiments/${id}`, options);
  }

  updateExperiment(
    id: string,
    changes: ExperimentChanges,
    options?: RequestOptions,
  ): Promise<Experiment> {
    return this.#api.json('PATCH', path`/experiments/${id}`, {
      body: changes,
      ...options,
    });
  }

  /** A run of another server, by its id there; one that is there already stays as it is. */
  importRun(
    experiment: string,
    run: ImportedRun,
    options?: RequestOptions,
  ): Promise<Imported<Run>> {
    return this.#api.json(
      'POST',
      path`/experiments/${experiment}/imported-runs`,
      { body: run, ...options },
    );
  }

  /** A logged model of another server, by its id there; one that is there already stays as it is. */
  importLoggedModel(
    experiment: string,
    model: ImportedLoggedModel,
    options?: RequestOptions,
  ): Promise<Imported<LoggedModel>> {
    return this.#api.json(
      'POST',
      path`/experiments/${experiment}/imported-logged-models`,
      { body: model, ...options },
    );
  }

  /** Runs with all that belongs to them. */
  listRuns(
    { experiment, ...query }: RunQuery,
    options?: RequestOptions,
  ): Promise<RunPage> {
    return this.#api.json('GET', path`/experiments/${experiment}/runs`, {
      query,
      ...options,
    });
  }

  getRun(id: string, options?: RequestOptions): Promise<Run> {
    return this.#api.json('GET', path`/runs/${id}`, options);
  }

  /** Curves of metrics, of several runs at once. */
  readMetricSeries(
    query: MetricSeriesQuery,
    options?: RequestOptions,
  ): Promise<{ items: MetricSeries[] }> {
    return this.#api.json('POST', '/metric-series', {
      body: query,
      ...options,
    });
  }
}
