import {
  type AuditPage,
  type AuditQuery,
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import { type ArtifactPage, type MlflowFile, toArtifactFile } from './artifact';
import type { CostQuery, TrainingCosts } from './costs';
import type {
  Experiment,
  ExperimentChanges,
  ExperimentPage,
  ExperimentQuery,
  NewExperiment,
} from './experiment';
import type { Conversion, NewConversion } from './conversion';
import type { DatasetRun, DatasetUseQuery, RegistryInput } from './datasetUse';
import type { Imported, ImportedLoggedModel, ImportedRun } from './imports';
import type { LoggedModel, LoggedModelSummary } from './loggedModel';
import type {
  FlavorUse,
  JobEvent,
  JobPage,
  JobQuery,
  NewJob,
  TrainerStatus,
  TrainingJob,
} from './job';
import { endOfCharacters } from './endOfCharacters';
import type { MetricSeries, MetricSeriesQuery } from './metrics';
import type {
  Retraining,
  RetrainingPlace,
  RetrainingQuery,
} from './retraining';
import type { TrainingTemplate } from './template';
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

  /** The id of the experiment that is called exactly so, as MLflow's protocol finds it. */
  async findExperimentId(
    name: string,
    options?: RequestOptions,
  ): Promise<string> {
    const { experiment } = await this.#api.json<{
      experiment: { experiment_id: string };
    }>('GET', '/mlflow/api/2.0/mlflow/experiments/get-by-name', {
      query: { experiment_name: name },
      ...options,
    });
    return experiment.experiment_id;
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

  /** Hides an experiment with its runs; it can be restored. */
  async deleteExperiment(id: string, options?: RequestOptions): Promise<void> {
    await this.#changeExperiment('delete', id, options);
  }

  /** With the runs that were deleted with it. */
  async restoreExperiment(id: string, options?: RequestOptions): Promise<void> {
    await this.#changeExperiment('restore', id, options);
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

  /** Of its datasets, those of the registry. */
  listRegistryInputs(
    id: string,
    options?: RequestOptions,
  ): Promise<{ items: RegistryInput[] }> {
    return this.#api.json('GET', path`/runs/${id}/datasets`, options);
  }

  /** Runs that say they read a version of a dataset of the registry, the newest first. */
  listDatasetUses(
    query: DatasetUseQuery,
    options?: RequestOptions,
  ): Promise<{
    items: DatasetRun[];
    /** Whether there are more. */
    isCut: boolean;
  }> {
    return this.#api.json('GET', '/dataset-uses', {
      query: { ...query },
      ...options,
    });
  }

  /**
   * The logged models that a run made, and those that it read: what it made first, in the order of its steps. Those
   * that the caller may not read, or that are not there any more, are left out.
   */
  listRunModels(
    run: string,
    options?: RequestOptions,
  ): Promise<{ items: LoggedModelSummary[] }> {
    return this.#api.json('GET', path`/runs/${run}/logged-models`, options);
  }

  /** Gives a run another name, as MLflow's protocol does. */
  async renameRun(
    id: string,
    name: string,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#changeRun('update', { run_id: id, run_name: name }, options);
  }

  /** Hides a run; it can be restored. */
  async deleteRun(id: string, options?: RequestOptions): Promise<void> {
    await this.#changeRun('delete', { run_id: id }, options);
  }

  async restoreRun(id: string, options?: RequestOptions): Promise<void> {
    await this.#changeRun('restore', { run_id: id }, options);
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

  /**
   * Files and folders of a folder of a run, as MLflow's protocol lists them; all that it keeps is in the
   * folder ''.
   */
  async listRunArtifacts(
    query: { run: string; folder?: string; cursor?: string },
    options?: RequestOptions,
  ): Promise<ArtifactPage> {
    const answer = await this.#api.json<{
      files?: MlflowFile[];
      next_page_token?: string;
    }>('GET', '/mlflow/api/2.0/mlflow/artifacts/list', {
      query: {
        run_id: query.run,
        path: query.folder || undefined,
        page_token: query.cursor,
      },
      ...options,
    });
    return {
      items: (answer.files ?? []).map(toArtifactFile),
      nextCursor: answer.next_page_token,
    };
  }

  /**
   * A file of a run. With `firstBytes` or `lastBytes`, no more than so many of a larger file, from its beginning or
   * its end.
   */
  readRunArtifact(
    file: { run: string; path: string } & (
      | { firstBytes?: number; lastBytes?: undefined }
      | { lastBytes: number; firstBytes?: undefined }
    ),
    options?: RequestOptions,
  ): Promise<Response> {
    const { run, path: name, firstBytes, lastBytes } = file;
    return this.#api.request('GET', '/mlflow/get-artifact', {
      query: { run_uuid: run, path: name },
      ...(firstBytes !== undefined && {
        headers: { Range: `bytes=0-${firstBytes - 1}` },
      }),
      ...(lastBytes !== undefined && {
        headers: { Range: `bytes=-${lastBytes}` },
      }),
      ...options,
    });
  }

  /** By name. */
  listTemplates(
    options?: RequestOptions,
  ): Promise<{ items: TrainingTemplate[] }> {
    return this.#api.json('GET', '/templates', options);
  }

  getTemplate(
    name: string,
    options?: RequestOptions,
  ): Promise<TrainingTemplate> {
    return this.#api.json('GET', path`/templates/${name}`, options);
  }

  /** @param target - address of a file `greenroom/train.yaml` at a Git host */
  registerTemplate(
    target: string,
    options?: RequestOptions,
  ): Promise<TrainingTemplate> {
    return this.#api.json('POST', '/templates', {
      body: { location: { type: 'url', target } },
      ...options,
    });
  }

  /** Has it read again. */
  refreshTemplate(
    name: string,
    options?: RequestOptions,
  ): Promise<TrainingTemplate> {
    return this.#api.json('POST', path`/templates/${name}/refresh`, options);
  }

  /** Its jobs stay. */
  async deleteTemplate(name: string, options?: RequestOptions): Promise<void> {
    await this.#api.request('DELETE', path`/templates/${name}`, options);
  }

  /** The one that was submitted last first. */
  listJobs(query: JobQuery = {}, options?: RequestOptions): Promise<JobPage> {
    return this.#api.json('GET', '/jobs', { query: { ...query }, ...options });
  }

  submitJob(job: NewJob, options?: RequestOptions): Promise<TrainingJob> {
    return this.#api.json('POST', '/jobs', { body: job, ...options });
  }

  getJob(id: string, options?: RequestOptions): Promise<TrainingJob> {
    return this.#api.json('GET', path`/jobs/${id}`, options);
  }

  /** Undefined where the platform does not run it. */
  async findJobOfRun(
    run: string,
    options?: RequestOptions,
  ): Promise<TrainingJob | undefined> {
    const { job } = await this.#api.json<{ job: TrainingJob | null }>(
      'GET',
      path`/runs/${run}/job`,
      options,
    );
    return job ?? undefined;
  }

  /** Has it end; one that has ended stays as it is. */
  cancelJob(id: string, options?: RequestOptions): Promise<TrainingJob> {
    return this.#api.json('POST', path`/jobs/${id}/cancel`, options);
  }

  /** Has one go on that failed or was cancelled. */
  retryJob(id: string, options?: RequestOptions): Promise<TrainingJob> {
    return this.#api.json('POST', path`/jobs/${id}/retry`, options);
  }

  /** States that it was in, the first first. */
  listJobEvents(
    id: string,
    options?: RequestOptions,
  ): Promise<{ items: JobEvent[] }> {
    return this.#api.json('GET', path`/jobs/${id}/events`, options);
  }

  /** Says how far its program is. */
  async reportJob(
    id: string,
    status: Omit<TrainerStatus, 'lastUpdatedTime'>,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#api.request('POST', path`/jobs/${id}/trainer-status`, {
      body: { trainerStatus: status },
      ...options,
    });
  }

  /** At most one MiB of what an attempt has written; the last attempt where none is named. */
  async readJobLog(
    part: { job: string; attempt?: number; fromByte?: number },
    options?: RequestOptions,
  ): Promise<{
    text: string;
    attempt: number;
    /** Where the text begins. */
    fromByte: number;
    /** Where to go on. */
    nextByte: number;
    /** Whether nothing comes after it. */
    isEnd: boolean;
  }> {
    const { job, ...query } = part;
    const answer = await this.#api.request('GET', path`/jobs/${job}/log`, {
      query,
      ...options,
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const fromByte = Number(answer.headers.get('X-From-Byte'));
    const isEnd = answer.headers.get('X-Is-End') === 'true';
    const whole = isEnd ? bytes : bytes.subarray(0, endOfCharacters(bytes));
    return {
      text: new TextDecoder().decode(whole),
      attempt: Number(answer.headers.get('X-Attempt')),
      fromByte,
      nextByte: fromByte + whole.length,
      isEnd,
    };
  }

  /** What an attempt writes, as it comes: events `log` and `end`. */
  streamJobLog(
    part: { job: string; attempt?: number },
    options: RequestOptions & { lastEventId?: string } = {},
  ): Promise<Response> {
    const { job, ...query } = part;
    const { lastEventId, ...rest } = options;
    return this.#api.request('GET', path`/jobs/${job}/log`, {
      query,
      headers: {
        Accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }),
      },
      ...rest,
    });
  }

  /** How much there is of each flavor for training, and who has it. */
  listFlavorUse(options?: RequestOptions): Promise<{ items: FlavorUse[] }> {
    return this.#api.json('GET', '/flavor-use', options);
  }

  /** What training has cost, by team and model: in this month, or in another span of at most a year. */
  getCosts(
    query: CostQuery = {},
    options?: RequestOptions,
  ): Promise<TrainingCosts> {
    return this.#api.json('GET', '/costs', { query: { ...query }, ...options });
  }

  /** The last conversion of a version to ONNX; undefined where there was none. */
  async findConversion(
    { model, version }: { model: string; version: number },
    options?: RequestOptions,
  ): Promise<Conversion | undefined> {
    const { conversion } = await this.#api.json<{
      conversion: Conversion | null;
    }>('GET', path`/models/${model}/versions/${version}/conversion`, options);
    return conversion ?? undefined;
  }

  /** Has a version be converted to ONNX by a training job; while one does, that is the one that is told. */
  convertVersion(
    {
      model,
      version,
      ...wanted
    }: NewConversion & {
      model: string;
      version: number;
    },
    options?: RequestOptions,
  ): Promise<Conversion> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${version}/conversion`,
      { body: wanted, ...options },
    );
  }

  /** Models that are trained again by themselves, by environment and model. */
  listRetrainings(
    query: RetrainingQuery = {},
    options?: RequestOptions,
  ): Promise<{ items: Retraining[] }> {
    return this.#api.json('GET', '/retrainings', {
      query: { ...query },
      ...options,
    });
  }

  /** Has nothing more be started; a job that runs goes on. */
  pauseRetraining(
    place: RetrainingPlace & { reason?: string },
    options?: RequestOptions,
  ): Promise<Retraining> {
    const { reason } = place;
    return this.#steerRetraining('pause', place, {
      body: reason === undefined ? {} : { reason },
      ...options,
    });
  }

  resumeRetraining(
    place: RetrainingPlace,
    options?: RequestOptions,
  ): Promise<Retraining> {
    return this.#steerRetraining('resume', place, options);
  }

  /** Has a job be submitted now. */
  startRetraining(
    place: RetrainingPlace,
    options?: RequestOptions,
  ): Promise<Retraining> {
    return this.#steerRetraining('start', place, options);
  }

  #steerRetraining(
    act: 'pause' | 'resume' | 'start',
    { environment, model }: RetrainingPlace,
    options?: RequestOptions & { body?: object },
  ): Promise<Retraining> {
    return this.#api.json(
      'POST',
      `${path`/retrainings/${environment}/${model}`}/${act}`,
      { body: {}, ...options },
    );
  }

  #changeExperiment(
    change: 'delete' | 'restore',
    id: string,
    options?: RequestOptions,
  ): Promise<unknown> {
    return this.#api.json(
      'POST',
      `/mlflow/api/2.0/mlflow/experiments/${change}`,
      { body: { experiment_id: id }, ...options },
    );
  }

  #changeRun(
    change: 'update' | 'delete' | 'restore',
    body: { run_id: string; run_name?: string },
    options?: RequestOptions,
  ): Promise<unknown> {
    return this.#api.json('POST', `/mlflow/api/2.0/mlflow/runs/${change}`, {
      body,
      ...options,
    });
  }
}
