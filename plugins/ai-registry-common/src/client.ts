import type { GitHostDescription } from './gitHost';
import type { Pipeline, PipelineQuery } from './pipeline';
import type { AuditPage, AuditQuery } from './audit';
import type {
  IssuedServiceToken,
  NewServiceToken,
  ServiceToken,
} from './serviceToken';
import type { BundleFile, DatasetFormat } from '@greenroom/bundle-file';
import type { AliasChange } from './alias';
import type { ModelAsOf } from './asOf';
import type { ModelCard, NewCard } from './card';
import type {
  EvaluationAnswers,
  EvaluationAnswersQuery,
  EvaluationRun,
  NewEvaluationRun,
} from './evaluationRun';
import type {
  Measurement,
  MeasurementSummary,
  NewMeasurement,
} from './measurement';
import type {
  Dataset,
  DatasetChanges,
  DatasetPreview,
  DatasetQuery,
  DatasetRows,
  DatasetUse,
  DatasetVersion,
  NewDataset,
  NewExternalDataset,
} from './dataset';
import type { SigningBundle, VersionSigning } from './versionSigning';
import type { Environment, EnvironmentDefinition } from './environment';
import type { MlBom } from './mlBom';
import type {
  DeprecatedThing,
  Deprecation,
  NewDeprecation,
} from './deprecation';
import type { Model, ModelChanges, NewModel } from './model';
import type { ModelOverview } from './overview';
import {
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from './PluginApi';
import type {
  DesiredDeployments,
  EnvironmentProblem,
  NewApproval,
  NewGateOverride,
  NewPromotion,
  Promotion,
  PromotionDetail,
} from './promotion';
import type {
  Artifact,
  Digest,
  Evaluation,
  ModelVersion,
  ModelVersionDetail,
  NewVersion,
  Servability,
  VersionChanges,
  VersionComparison,
  VersionEvaluation,
} from './version';
import type {
  FoundVersion,
  ModelSearch,
  SearchPage,
  VersionSearch,
} from './versionSearch';
import type {
  NewWebhook,
  Webhook,
  WebhookChanges,
  WebhookDelivery,
  WebhookDeliveryQuery,
  WebhookEvent,
  WebhookTestResult,
} from './webhook';

export interface Page<T> {
  items: T[];
  /** Number of matches in all. */
  totalItems: number;
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}

export interface ModelQuery {
  /** Words to find in name, title, description and tags. */
  search?: string;
  owner?: string;
  /** `key=value` pairs that must all be there. */
  tags?: string[];
  /** Of the newest version, in upper or lower case. */
  licence?: string;
  limit?: number;
  cursor?: string;
}

export interface PromotionQuery {
  model?: string;
  environment?: Environment;
  /** Only those that are neither merged, closed nor failed. */
  open?: boolean;
  limit?: number;
}

/** A measurement, by its place. */
export interface MeasurementRef {
  model: string;
  version: number;
  measurement: string;
}

/** An evaluation run, by its place. */
export interface EvaluationRunRef {
  model: string;
  version: number;
  /** Id of the run. */
  run: string;
}

/** Typed client of the registry's REST API, for browsers and backends alike. */
export class AiRegistryClient {
  readonly #api: PluginApi;

  constructor(options: PluginClientOptions) {
    this.#api = new PluginApi('ai-registry', options);
  }

  /** Those of the configuration first, then the newest. */
  listServiceTokens(
    options?: RequestOptions,
  ): Promise<{ items: ServiceToken[] }> {
    return this.#api.json('GET', '/service-tokens', options);
  }

  issueServiceToken(
    token: NewServiceToken,
    options?: RequestOptions,
  ): Promise<IssuedServiceToken> {
    return this.#api.json('POST', '/service-tokens', {
      body: token,
      ...options,
    });
  }

  revokeServiceToken(
    name: string,
    options?: RequestOptions,
  ): Promise<ServiceToken> {
    return this.#api.json('POST', path`/service-tokens/${name}/revoke`, {
      body: {},
      ...options,
    });
  }

  /** What was changed, newest first; 50 entries when no limit is named. */
  listAudit(
    query: AuditQuery = {},
    options?: RequestOptions,
  ): Promise<AuditPage> {
    return this.#api.json('GET', '/audit', { query: { ...query }, ...options });
  }

  listModels(
    query: ModelQuery = {},
    options?: RequestOptions,
  ): Promise<Page<Model>> {
    return this.#api.json('GET', '/models', {
      query: { ...query },
      ...options,
    });
  }

  getModel(name: string, options?: RequestOptions): Promise<Model> {
    return this.#api.json('GET', path`/models/${name}`, options);
  }

  /** Everything that the page of a model shows. */
  getModelOverview(
    name: string,
    options?: RequestOptions,
  ): Promise<ModelOverview> {
    return this.#api.json('GET', path`/models/${name}/overview`, options);
  }

  createModel(model: NewModel, options?: RequestOptions): Promise<Model> {
    return this.#api.json('POST', '/models', { body: model, ...options });
  }

  updateModel(
    name: string,
    changes: ModelChanges,
    options?: RequestOptions,
  ): Promise<Model> {
    return this.#api.json('PATCH', path`/models/${name}`, {
      body: changes,
      ...options,
    });
  }

  /** Models by conditions, also on what MLflow calls them, in an order of one's own. */
  searchModels(
    search: ModelSearch,
    options?: RequestOptions,
  ): Promise<SearchPage<Model>> {
    return this.#api.json('POST', '/model-searches', {
      body: search,
      ...options,
    });
  }

  /** Hides a model with all its versions, and takes its aliases away. Refused while something runs. */
  async deleteModel(name: string, options?: RequestOptions): Promise<void> {
    await this.#api.request('DELETE', path`/models/${name}`, options);
  }

  /** The other way round; aliases do not come back. */
  restoreModel(name: string, options?: RequestOptions): Promise<Model> {
    return this.#api.json('POST', path`/models/${name}/restore`, {
      body: {},
      ...options,
    });
  }

  /** Deprecates a model as a whole or one version, or changes what is said of it. */
  deprecate(
    thing: DeprecatedThing,
    deprecation: NewDeprecation,
    options?: RequestOptions,
  ): Promise<Deprecation> {
    return this.#api.json('PUT', deprecationPath(thing), {
      body: deprecation,
      ...options,
    });
  }

  /** Takes a deprecation back; callers are told so. */
  async withdrawDeprecation(
    thing: DeprecatedThing,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#api.request('DELETE', deprecationPath(thing), options);
  }

  /** Stores the bytes under their digest; storing the same bytes twice is one artifact. */
  async uploadArtifact(
    content: Blob | ReadableStream<Uint8Array> | Uint8Array,
    options?: RequestOptions,
  ): Promise<Artifact> {
    const response = await this.#api.request('POST', '/artifacts', {
      raw: content as BodyInit,
      ...options,
    });
    return response.json();
  }

  async downloadArtifact(
    digest: Digest,
    options?: RequestOptions,
  ): Promise<Response> {
    return this.#api.request('GET', path`/artifacts/${digest}`, options);
  }

  listVersions(
    model: string,
    query: { limit?: number; cursor?: string } = {},
    options?: RequestOptions,
  ): Promise<Page<ModelVersion>> {
    return this.#api.json('GET', path`/models/${model}/versions`, {
      query,
      ...options,
    });
  }

  getVersion(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<ModelVersionDetail> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}`,
      options,
    );
  }

  /** The files that a version is made of, by path; one for a version that is no bundle. */
  listVersionFiles(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<{ items: BundleFile[] }> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${String(version)}/files`,
      options,
    );
  }

  createVersion(
    model: string,
    version: NewVersion,
    options?: RequestOptions,
  ): Promise<ModelVersion> {
    return this.#api.json('POST', path`/models/${model}/versions`, {
      body: version,
      ...options,
    });
  }

  /** Makes a version of the model that other tools call so. */
  createVersionOf(
    externalName: string,
    version: NewVersion,
    options?: RequestOptions,
  ): Promise<FoundVersion> {
    return this.#api.json('POST', '/versions', {
      body: { externalName, version },
      ...options,
    });
  }

  /** Versions of all models by conditions. */
  searchVersions(
    search: VersionSearch,
    options?: RequestOptions,
  ): Promise<SearchPage<FoundVersion>> {
    return this.#api.json('POST', '/version-searches', {
      body: search,
      ...options,
    });
  }

  /** Changes what is said of a version: its description, tags and stage. */
  updateVersion(
    model: string,
    version: number,
    changes: VersionChanges,
    options?: RequestOptions,
  ): Promise<ModelVersion> {
    return this.#api.json('PATCH', path`/models/${model}/versions/${version}`, {
      body: changes,
      ...options,
    });
  }

  /** Hides a version, and takes its aliases away. Refused while an environment wants it. */
  async deleteVersion(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<void> {
    await this.#api.request(
      'DELETE',
      path`/models/${model}/versions/${version}`,
      options,
    );
  }

  /** The other way round; aliases do not come back. */
  restoreVersion(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<ModelVersion> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${version}/restore`,
      { body: {}, ...options },
    );
  }

  /** Gives a version a signature of its files, in the place of one that it has. */
  signVersion(
    model: string,
    version: number,
    bundle: SigningBundle,
    options?: RequestOptions,
  ): Promise<VersionSigning> {
    return this.#api.json(
      'PUT',
      path`/models/${model}/versions/${version}/signature`,
      { body: bundle, ...options },
    );
  }

  /** The signature of a version as it was given, for others to verify. */
  getVersionSignature(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<SigningBundle> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/signature`,
      options,
    );
  }

  /** The version's bill of materials (CycloneDX 1.6). */
  getMlBom(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<MlBom> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/ml-bom`,
      options,
    );
  }

  /** Adds an evaluation to a version that exists already. */
  addEvaluation(
    model: string,
    version: number,
    evaluation: Evaluation,
    options?: RequestOptions,
  ): Promise<VersionEvaluation> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${String(version)}/evaluations`,
      { body: evaluation, ...options },
    );
  }

  /** Newest first, with their values per row. */
  listEvaluations(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<{ items: VersionEvaluation[] }> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${String(version)}/evaluations`,
      options,
    );
  }

  /** Has the data plane's runtime load the version once more, and waits for what it says. */
  tryVersion(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<Servability> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${String(version)}/trial`,
      { body: {}, ...options },
    );
  }

  compareVersions(
    model: string,
    base: number,
    candidate: number,
    options?: RequestOptions,
  ): Promise<VersionComparison> {
    return this.#api.json('GET', path`/models/${model}/compare`, {
      query: { base, candidate },
      ...options,
    });
  }

  /** Has a version asked the rows of a prompt set; goes on with a run that asks the same and is under way. */
  createEvaluationRun(
    { model, version }: { model: string; version: number },
    run: NewEvaluationRun,
    options?: RequestOptions,
  ): Promise<EvaluationRun> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${version}/evaluation-runs`,
      { body: run, ...options },
    );
  }

  /** Newest first; 50 when no limit is named. */
  listEvaluationRuns(
    { model, version }: { model: string; version: number },
    query: { limit?: number } = {},
    options?: RequestOptions,
  ): Promise<{ items: EvaluationRun[] }> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/evaluation-runs`,
      { query, ...options },
    );
  }

  getEvaluationRun(
    { model, version, run }: EvaluationRunRef,
    options?: RequestOptions,
  ): Promise<EvaluationRun> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/evaluation-runs/${run}`,
      options,
    );
  }

  /** In the order of the rows; 50 when no limit is named. */
  listEvaluationAnswers(
    { model, version, run }: EvaluationRunRef,
    query: EvaluationAnswersQuery = {},
    options?: RequestOptions,
  ): Promise<EvaluationAnswers> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/evaluation-runs/${run}/answers`,
      { query: { ...query }, ...options },
    );
  }

  cancelEvaluationRun(
    { model, version, run }: EvaluationRunRef,
    options?: RequestOptions,
  ): Promise<EvaluationRun> {
    return this.#api.json(
      'DELETE',
      path`/models/${model}/versions/${version}/evaluation-runs/${run}`,
      options,
    );
  }

  /** Has a version measured on a dataset; goes on with a measurement that asks the same and is under way. */
  createMeasurement(
    { model, version }: { model: string; version: number },
    measurement: NewMeasurement,
    options?: RequestOptions,
  ): Promise<Measurement> {
    return this.#api.json(
      'POST',
      path`/models/${model}/versions/${version}/measurements`,
      { body: measurement, ...options },
    );
  }

  /** Newest first; 50 when no limit is named. */
  listMeasurements(
    { model, version }: { model: string; version: number },
    query: { limit?: number } = {},
    options?: RequestOptions,
  ): Promise<{ items: MeasurementSummary[] }> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/measurements`,
      { query, ...options },
    );
  }

  getMeasurement(
    { model, version, measurement }: MeasurementRef,
    options?: RequestOptions,
  ): Promise<Measurement> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/measurements/${measurement}`,
      options,
    );
  }

  cancelMeasurement(
    { model, version, measurement }: MeasurementRef,
    options?: RequestOptions,
  ): Promise<Measurement> {
    return this.#api.json(
      'DELETE',
      path`/models/${model}/versions/${version}/measurements/${measurement}`,
      options,
    );
  }

  /** By name, a page at a time. */
  listDatasets(
    query: DatasetQuery = {},
    options?: RequestOptions,
  ): Promise<Page<Dataset>> {
    return this.#api.json('GET', '/datasets', {
      query: { ...query },
      ...options,
    });
  }

  getDataset(name: string, options?: RequestOptions): Promise<Dataset> {
    return this.#api.json('GET', path`/datasets/${name}`, options);
  }

  createDataset(
    dataset: NewDataset,
    options?: RequestOptions,
  ): Promise<Dataset> {
    return this.#api.json('POST', '/datasets', { body: dataset, ...options });
  }

  updateDataset(
    name: string,
    changes: DatasetChanges,
    options?: RequestOptions,
  ): Promise<Dataset> {
    return this.#api.json('PATCH', path`/datasets/${name}`, {
      body: changes,
      ...options,
    });
  }

  /** Newest first, a page at a time. */
  listDatasetVersions(
    dataset: string,
    query: { limit?: number; cursor?: string } = {},
    options?: RequestOptions,
  ): Promise<Page<DatasetVersion>> {
    return this.#api.json('GET', path`/datasets/${dataset}/versions`, {
      query,
      ...options,
    });
  }

  /** Versions with this digest, of whichever datasets the caller may read; newest first. */
  findDatasetVersions(
    /** The first 32 digits are enough. */
    digest: Digest,
    options?: RequestOptions,
  ): Promise<{ items: DatasetVersion[] }> {
    return this.#api.json('GET', '/dataset-versions', {
      query: { digest },
      ...options,
    });
  }

  getDatasetVersion(
    dataset: string,
    version: number,
    options?: RequestOptions,
  ): Promise<DatasetVersion> {
    return this.#api.json(
      'GET',
      path`/datasets/${dataset}/versions/${version}`,
      options,
    );
  }

  /** Makes the next version of a file; it is read as it passes, and kept only when all of it is right. */
  async uploadDatasetFile(
    dataset: string,
    file: {
      content: Blob | ReadableStream<Uint8Array> | Uint8Array;
      format: DatasetFormat;
      description?: string;
    },
    options?: RequestOptions,
  ): Promise<DatasetVersion> {
    const { content, format, description } = file;
    const response = await this.#api.request(
      'POST',
      path`/datasets/${dataset}/files`,
      { query: { format, description }, raw: content as BodyInit, ...options },
    );
    return response.json();
  }

  /** Makes the next version of what lies somewhere else. */
  createExternalDatasetVersion(
    dataset: string,
    version: NewExternalDataset,
    options?: RequestOptions,
  ): Promise<DatasetVersion> {
    return this.#api.json('POST', path`/datasets/${dataset}/versions`, {
      body: version,
      ...options,
    });
  }

  /** Whole rows, from `offset` (0 when it is not named) on: fewer than `limit` when they are long. */
  listDatasetRows(
    dataset: string,
    version: number,
    query: { offset?: number; limit?: number } = {},
    options?: RequestOptions,
  ): Promise<DatasetRows> {
    return this.#api.json(
      'GET',
      path`/datasets/${dataset}/versions/${version}/rows`,
      { query, ...options },
    );
  }

  /** The first rows, with long texts cut. */
  previewDataset(
    dataset: string,
    version: number,
    options?: RequestOptions,
  ): Promise<DatasetPreview> {
    return this.#api.json(
      'GET',
      path`/datasets/${dataset}/versions/${version}/preview`,
      options,
    );
  }

  /** The file as it was uploaded. */
  downloadDatasetFile(
    dataset: string,
    version: number,
    options?: RequestOptions,
  ): Promise<Response> {
    return this.#api.request(
      'GET',
      path`/datasets/${dataset}/versions/${version}/file`,
      options,
    );
  }

  /** Evaluations on the rows of a version, of models that the caller may read; the newest 100, newest first. */
  listDatasetUses(
    dataset: string,
    version: number,
    options?: RequestOptions,
  ): Promise<{ items: DatasetUse[] }> {
    return this.#api.json(
      'GET',
      path`/datasets/${dataset}/versions/${version}/uses`,
      options,
    );
  }

  /** Newest first, a page at a time; 50 when no limit is named. */
  getAliasHistory(
    model: string,
    options: RequestOptions & { limit?: number; cursor?: string } = {},
  ): Promise<{ items: AliasChange[]; nextCursor?: string }> {
    const { limit, cursor, ...rest } = options;
    return this.#api.json('GET', path`/models/${model}/alias-history`, {
      query: { limit, cursor },
      ...rest,
    });
  }

  /** The model card of a version. A NotFoundError where it has none. */
  getCard(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<ModelCard> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/card`,
      {
        ...options,
      },
    );
  }

  /** Gives a version its card, or another one: Markdown after a front matter of YAML. */
  setCard(
    model: string,
    version: number,
    body: NewCard,
    options?: RequestOptions,
  ): Promise<ModelCard> {
    return this.#api.json(
      'PUT',
      path`/models/${model}/versions/${version}/card`,
      {
        body,
        ...options,
      },
    );
  }

  /** The card with all that the registry knows besides, as clients of Hugging Face load it. */
  exportCard(
    model: string,
    version: number,
    options?: RequestOptions,
  ): Promise<{ text: string }> {
    return this.#api.json(
      'GET',
      path`/models/${model}/versions/${version}/card/export`,
      { ...options },
    );
  }

  /** What was said of a model at a moment (RFC 3339, with its time zone): descriptions, tags, aliases, stages. */
  getModelAsOf(
    model: string,
    query: { at: string; limit?: number; cursor?: string },
    options?: RequestOptions,
  ): Promise<ModelAsOf> {
    return this.#api.json('GET', path`/models/${model}/as-of`, {
      query,
      ...options,
    });
  }

  /** Where an alias points, or pointed at a moment (ISO 8601). */
  getAlias(
    model: string,
    alias: string,
    query: { at?: string } = {},
    options?: RequestOptions,
  ): Promise<AliasChange> {
    return this.#api.json('GET', path`/models/${model}/aliases/${alias}`, {
      query,
      ...options,
    });
  }

  setAlias(
    model: string,
    alias: string,
    body: { version: number; reason: string },
    options?: RequestOptions,
  ): Promise<AliasChange> {
    return this.#api.json('PUT', path`/models/${model}/aliases/${alias}`, {
      body,
      ...options,
    });
  }

  async removeAlias(
    model: string,
    alias: string,
    body: { reason: string },
    options?: RequestOptions,
  ): Promise<void> {
    await this.#api.request('DELETE', path`/models/${model}/aliases/${alias}`, {
      body,
      ...options,
    });
  }

  /** Those that the caller may manage, the oldest first. */
  listWebhooks(options?: RequestOptions): Promise<{ items: Webhook[] }> {
    return this.#api.json('GET', '/webhooks', options);
  }

  getWebhook(id: string, options?: RequestOptions): Promise<Webhook> {
    return this.#api.json('GET', path`/webhooks/${id}`, options);
  }

  createWebhook(hook: NewWebhook, options?: RequestOptions): Promise<Webhook> {
    return this.#api.json('POST', '/webhooks', { body: hook, ...options });
  }

  updateWebhook(
    id: string,
    changes: WebhookChanges,
    options?: RequestOptions,
  ): Promise<Webhook> {
    return this.#api.json('PATCH', path`/webhooks/${id}`, {
      body: changes,
      ...options,
    });
  }

  /** With its deliveries. */
  async deleteWebhook(id: string, options?: RequestOptions): Promise<void> {
    await this.#api.request('DELETE', path`/webhooks/${id}`, options);
  }

  /** Sends an example now, of the hook's first event unless one is named. */
  testWebhook(
    id: string,
    body: { event?: WebhookEvent } = {},
    options?: RequestOptions,
  ): Promise<WebhookTestResult> {
    return this.#api.json('POST', path`/webhooks/${id}/test`, {
      body,
      ...options,
    });
  }

  /** The newest first. */
  listWebhookDeliveries(
    id: string,
    query: WebhookDeliveryQuery = {},
    options?: RequestOptions,
  ): Promise<{ items: WebhookDelivery[]; nextCursor?: string }> {
    return this.#api.json('GET', path`/webhooks/${id}/deliveries`, {
      query: { ...query },
      ...options,
    });
  }

  /** Sends a delivery once more, under the id that it has. */
  replayWebhookDelivery(
    id: string,
    delivery: string,
    options?: RequestOptions,
  ): Promise<WebhookDelivery> {
    return this.#api.json(
      'POST',
      path`/webhooks/${id}/deliveries/${delivery}/replay`,
      { body: {}, ...options },
    );
  }

  listPromotions(
    query: PromotionQuery = {},
    options?: RequestOptions,
  ): Promise<{ items: Promotion[] }> {
    return this.#api.json('GET', '/promotions', {
      query: { ...query },
      ...options,
    });
  }

  /** How versions move from environment to environment, a page of models. */
  getPipeline(
    query: PipelineQuery = {},
    options?: RequestOptions,
  ): Promise<Pipeline> {
    return this.#api.json('GET', '/pipeline', {
      query: { ...query },
      ...options,
    });
  }

  getPromotion(id: string, options?: RequestOptions): Promise<PromotionDetail> {
    return this.#api.json('GET', path`/promotions/${id}`, options);
  }

  /** Opens a change request that makes the environment run the version. */
  promote(
    promotion: NewPromotion,
    options?: RequestOptions,
  ): Promise<Promotion> {
    return this.#api.json('POST', '/promotions', {
      body: promotion,
      ...options,
    });
  }

  /** Opens and merges a change request that goes back to what ran before. */
  rollback(
    request: { model: string; environment: Environment; reason: string },
    options?: RequestOptions,
  ): Promise<Promotion> {
    return this.#api.json('POST', '/rollbacks', { body: request, ...options });
  }

  approvePromotion(
    id: string,
    body: NewApproval = {},
    options?: RequestOptions,
  ): Promise<Promotion> {
    return this.#api.json('POST', path`/promotions/${id}/approve`, {
      body,
      ...options,
    });
  }

  /** Lets a gate pass that stands against somebody else's promotion. */
  overrideGate(
    id: string,
    body: NewGateOverride,
    options?: RequestOptions,
  ): Promise<Promotion> {
    return this.#api.json('POST', path`/promotions/${id}/overrides`, {
      body,
      ...options,
    });
  }

  /** Closes the change request without merging it: a reviewer's no, or the author's withdrawal. */
  closePromotion(
    id: string,
    body: { reason: string },
    options?: RequestOptions,
  ): Promise<Promotion> {
    return this.#api.json('POST', path`/promotions/${id}/close`, {
      body,
      ...options,
    });
  }

  /** Starts a failed step, or blocked gates, once more. */
  retryPromotion(id: string, options?: RequestOptions): Promise<Promotion> {
    return this.#api.json('POST', path`/promotions/${id}/retry`, {
      body: {},
      ...options,
    });
  }

  /** Where the environments repository lives. */
  getGitHost(options?: RequestOptions): Promise<GitHostDescription> {
    return this.#api.json('GET', '/git-host', options);
  }

  /** In the order of promotion. */
  listEnvironments(
    options?: RequestOptions,
  ): Promise<{ items: EnvironmentDefinition[] }> {
    return this.#api.json('GET', '/environments', options);
  }

  /** What Git says should run in an environment: all of it, or that of one model. */
  listDesiredDeployments(
    environment: Environment,
    options: RequestOptions & { model?: string } = {},
  ): Promise<DesiredDeployments> {
    const { model, ...rest } = options;
    return this.#api.json(
      'GET',
      path`/environments/${environment}/deployments`,
      { query: { model }, ...rest },
    );
  }
  /** Files of the environments repository that cannot be applied, wherever they lie. */
  listEnvironmentProblems(
    options?: RequestOptions,
  ): Promise<{ items: EnvironmentProblem[] }> {
    return this.#api.json('GET', '/environment-problems', options);
  }
}

function deprecationPath({ model, version }: DeprecatedThing): string {
  return version === undefined
    ? path`/models/${model}/deprecation`
    : path`/models/${model}/versions/${version}/deprecation`;
}
