import type { Consumer } from './consumer';
import {
  type AuditPage,
  type AuditQuery,
  type Environment,
  type Page,
  path,
  PluginApi,
  type PluginClientOptions,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { ClusterOverview } from './clusters';
import type { EnvironmentConnection } from './connection';
import type {
  ApiKey,
  DataPlaneRun,
  DataPlaneStatus,
  Deployment,
  EnvironmentDataPlane,
  IssuedApiKey,
  NewApiKey,
  Comparison,
  Rollout,
  SteeringAct,
} from './deployment';
import type { LanguageTask } from './language';
import type { LeftoverList, LeftoverRemoval } from './leftover';
import type { KeyScope } from './keyScopes';
import type { DataPlaneRepair, EnvironmentPods, PodLog } from './pods';
import type { RequestLimits } from './requestLimits';
import type { TokenLimits } from './tokenLimits';
import {
  HEADER_ASSIGNMENT_ID,
  type ExplainResponse,
  type ExplainSettings,
  type InferRequest,
  type InferResponse,
} from './openInference';

export interface DeploymentQuery {
  environment?: Environment;
  model?: string;
  /** Only these, at most 100. */
  models?: string[];
  /** Only those with a running rollout. */
  running?: boolean;
  /** 1 to 500. */
  limit?: number;
  cursor?: string;
}

/** Whom the playground asks. */
export interface PlaygroundTarget {
  environment: Environment;
  model: string;
  /** Left to the traffic split when undefined. */
  version?: number;
  /** Whom to be during a rollout; the caller when left out. */
  assignmentId?: string;
}

/** Typed client of the inference API (the control plane's, not the data plane's). */
export class AiInferenceClient {
  readonly #api: PluginApi;

  constructor(options: PluginClientOptions) {
    this.#api = new PluginApi('ai-inference', options);
  }

  /** What was changed, newest first; 50 entries when no limit is named. */
  listAudit(
    query: AuditQuery = {},
    options?: RequestOptions,
  ): Promise<AuditPage> {
    return this.#api.json('GET', '/audit', { query: { ...query }, ...options });
  }

  /** By environment and model; 100 when no limit is named. */
  listDeployments(
    query: DeploymentQuery = {},
    options?: RequestOptions,
  ): Promise<Page<Deployment>> {
    return this.#api.json('GET', '/deployments', {
      query: { ...query },
      ...options,
    });
  }

  /** Newest first. */
  listRollouts(
    query: { environment?: Environment; model?: string; limit?: number } = {},
    options?: RequestOptions,
  ): Promise<{ items: Rollout[] }> {
    return this.#api.json('GET', '/rollouts', { query, ...options });
  }

  /** What is compared under an id that records name, also after its end. */
  getComparison(id: string, options?: RequestOptions): Promise<Comparison> {
    return this.#api.json('GET', path`/comparisons/${id}`, options);
  }

  /** Tries at once what a running rollout, or a completed one that some data planes lack, would try later. */
  retryRollout(id: string, options?: RequestOptions): Promise<Rollout> {
    return this.#api.json('POST', path`/rollouts/${id}/retry`, {
      body: {},
      ...options,
    });
  }

  /**
   * Pauses a rollout, has it go on, has it go on without the analysis that it is at, takes its
   * version back, or begins anew what was taken back.
   *
   * @param why - its `reason` is needed to skip an analysis, to take back and to begin anew
   */
  steerRollout(
    id: string,
    act: SteeringAct,
    why: { reason?: string } = {},
    options?: RequestOptions,
  ): Promise<Rollout> {
    return this.#api.json('POST', `${path`/rollouts/${id}`}/${act}`, {
      body: why,
      ...options,
    });
  }

  /** @param query - `withModels` false leaves out what each has loaded, which may be a thousand versions */
  listDataPlanes(
    options?: RequestOptions,
    query: { withModels?: boolean } = {},
  ): Promise<{ items: DataPlaneStatus[] }> {
    return this.#api.json('GET', '/data-planes', { query, ...options });
  }

  /** All environments, in the order of promotion. */
  listEnvironments(
    options?: RequestOptions,
  ): Promise<{ items: EnvironmentDataPlane[] }> {
    return this.#api.json('GET', '/environments', options);
  }

  /** The clusters that environments name, and how much of each flavor they have; some seconds old. */
  listClusters(
    options?: RequestOptions,
  ): Promise<{ items: ClusterOverview[] }> {
    return this.#api.json('GET', '/clusters', options);
  }

  /** Starts the data plane that the control plane runs for an environment, or stops it. */
  setDataPlane(
    environment: Environment,
    change: { wanted: boolean },
    options?: RequestOptions,
  ): Promise<EnvironmentDataPlane> {
    return this.#api.json(
      'POST',
      path`/environments/${environment}/data-plane`,
      { body: change, ...options },
    );
  }

  /** Puts right, once, what somebody else has changed of what the control plane has made in a cluster. */
  repairDataPlane(
    environment: Environment,
    options?: RequestOptions,
  ): Promise<DataPlaneRepair> {
    return this.#api.json(
      'POST',
      path`/environments/${environment}/data-plane/repair`,
      { body: {}, ...options },
    );
  }

  /** Somebody needs the environment's data plane now: it is started where it sleeps. */
  wakeDataPlane(
    environment: Environment,
    options?: RequestOptions,
  ): Promise<{ run: DataPlaneRun }> {
    return this.#api.json(
      'POST',
      path`/environments/${environment}/data-plane/wake`,
      { body: {}, ...options },
    );
  }

  /** What the control plane has made in clusters for environments that are not there any more. */
  listLeftovers(options?: RequestOptions): Promise<LeftoverList> {
    return this.#api.json('GET', '/leftovers', options);
  }

  /** Removes leftovers of an environment by their ids, or finds out whether they would be. */
  removeLeftovers(
    environment: Environment,
    removal: { ids: string[]; dryRun: boolean },
    options?: RequestOptions,
  ): Promise<LeftoverRemoval> {
    return this.#api.json(
      'POST',
      path`/environments/${environment}/leftovers/removal`,
      { body: removal, ...options },
    );
  }

  /** What runs in the cluster for an environment. 404 where no cluster runs its data planes. */
  listPods(
    environment: Environment,
    options?: RequestOptions,
  ): Promise<EnvironmentPods> {
    return this.#api.json(
      'GET',
      path`/environments/${environment}/data-plane/pods`,
      options,
    );
  }

  /**
   * The newest lines that a pod's process has written.
   *
   * @param query - `tailLines` 1 to 1,000, and 200 when left out; `previous` for the process before the last restart
   */
  readPodLog(
    environment: Environment,
    pod: string,
    query: { tailLines?: number; previous?: boolean } = {},
    options?: RequestOptions,
  ): Promise<PodLog> {
    return this.#api.json(
      'GET',
      path`/environments/${environment}/data-plane/pods/${pod}/log`,
      { query, ...options },
    );
  }

  /** By name, with what data planes found out about each. */
  listConnections(
    environment: Environment,
    options?: RequestOptions,
  ): Promise<{ items: EnvironmentConnection[] }> {
    return this.#api.json(
      'GET',
      path`/environments/${environment}/connections`,
      options,
    );
  }

  /** Has the data planes check a connection again; a data plane that sleeps is woken. */
  checkConnection(
    environment: Environment,
    name: string,
    options?: RequestOptions,
  ): Promise<EnvironmentConnection> {
    return this.#api.json(
      'POST',
      path`/environments/${environment}/connections/${name}/check`,
      { body: {}, ...options },
    );
  }

  /** Newest first; 100 when no limit is named. */
  listKeys(
    query: { limit?: number; cursor?: string } = {},
    options?: RequestOptions,
  ): Promise<Page<ApiKey>> {
    return this.#api.json('GET', '/keys', { query, ...options });
  }

  createKey(key: NewApiKey, options?: RequestOptions): Promise<IssuedApiKey> {
    return this.#api.json('POST', '/keys', { body: key, ...options });
  }

  /** @param all - what is left out is taken away */
  setKeyLimits(
    id: string,
    all: { limits?: TokenLimits; requestLimits?: RequestLimits },
    options?: RequestOptions,
  ): Promise<ApiKey> {
    return this.#api.json('PUT', path`/keys/${id}/limits`, {
      body: all,
      ...options,
    });
  }

  /** @param scopes - all that it is to have */
  setKeyScopes(
    id: string,
    scopes: KeyScope[],
    options?: RequestOptions,
  ): Promise<ApiKey> {
    return this.#api.json('PUT', path`/keys/${id}/scopes`, {
      body: { scopes },
      ...options,
    });
  }

  revokeKey(id: string, options?: RequestOptions): Promise<ApiKey> {
    return this.#api.json('POST', path`/keys/${id}/revoke`, {
      body: {},
      ...options,
    });
  }

  /** Who may call a model, those who used their keys last first; for those who may change it. */
  listConsumers(
    model: string,
    options?: RequestOptions,
  ): Promise<{ items: Consumer[] }> {
    return this.#api.json('GET', path`/models/${model}/consumers`, options);
  }

  /** Asks a data plane on the caller's behalf; for the portal's playground. */
  infer(
    target: PlaygroundTarget,
    request: InferRequest,
    options?: RequestOptions,
  ): Promise<InferResponse> {
    return this.#api.json('POST', playgroundPath(target), {
      body: request,
      headers: playgroundHeaders(target),
      ...options,
    });
  }

  /** Has an answer explained on the caller's behalf. */
  explain(
    target: PlaygroundTarget,
    request: InferRequest & { explain?: ExplainSettings },
    options?: RequestOptions,
  ): Promise<ExplainResponse> {
    return this.#api.json('POST', `${playgroundPath(target)}/explain`, {
      body: request,
      ...options,
    });
  }

  /**
   * Asks a language model on the caller's behalf.
   *
   * @param request - as in OpenAI's API, without `model`
   * @returns the answer as it begins: JSON, or a stream of events when `stream` was asked for
   */
  ask(
    target: PlaygroundTarget & { task: LanguageTask },
    request: Record<string, unknown>,
    options?: RequestOptions,
  ): Promise<Response> {
    const url = `${playgroundPath(target)}${path`/language/${target.task}`}`;
    return this.#api.request('POST', url, {
      body: request,
      headers: playgroundHeaders(target),
      ...options,
    });
  }
}

function playgroundPath(target: PlaygroundTarget): string {
  const { environment, model, version } = target;
  const base = path`/playground/${environment}/${model}`;
  return version === undefined ? base : `${base}/versions/${version}`;
}

function playgroundHeaders({
  assignmentId,
}: PlaygroundTarget): Record<string, string> | undefined {
  return assignmentId === undefined
    ? undefined
    : { [HEADER_ASSIGNMENT_ID]: assignmentId };
}
