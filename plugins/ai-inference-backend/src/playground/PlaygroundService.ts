import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  HEADER_ASSIGNMENT_ID,
  type InferRequest,
  type InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import { runsAll } from '../dataPlanes/dataPlane';
import type { DataPlaneStore } from '../dataPlanes/DataPlaneStore';
import type { DeploymentStore } from '../deployments/DeploymentStore';
import { mapUpstreamError } from './mapUpstreamError';
import type { PlaygroundKey } from './PlaygroundKey';

export interface PlaygroundCall {
  environment: string;
  model: string;
  /** Left to the deployment's split when undefined. */
  version?: number;
  /** Keeps a caller on one variant during a rollout; the caller's entity ref when undefined. */
  assignmentId?: string;
  request: InferRequest;
}

export interface PlaygroundCallOptions {
  credentials: BackstageCredentials;
  /** Aborts when the caller has gone away. */
  signal: AbortSignal;
}

/** Tries a model on behalf of somebody in the portal. */
export interface PlaygroundService {
  /**
   * @throws InputError or NotFoundError with the data plane's own sentence
   * @throws ServiceUnavailableError when no data plane is online, or it does not answer in time
   */
  infer(
    call: PlaygroundCall,
    options: PlaygroundCallOptions,
  ): Promise<InferResponse>;
}

export interface PlaygroundServiceOptions {
  dataPlanes: DataPlaneStore;
  deployments: DeploymentStore;
  key: PlaygroundKey;
  clock: () => Date;
  timeoutMillis: number;
}

export class DefaultPlaygroundService implements PlaygroundService {
  readonly #options: PlaygroundServiceOptions;

  constructor(options: PlaygroundServiceOptions) {
    this.#options = options;
  }

  async infer(
    call: PlaygroundCall,
    { credentials, signal }: PlaygroundCallOptions,
  ): Promise<InferResponse> {
    const { key, timeoutMillis } = this.#options;
    const publicUrl = await this.#chooseDataPlane(call);
    const timeout = AbortSignal.timeout(timeoutMillis);
    let response: Response;
    let body: string;
    try {
      response = await fetch(inferUrl(publicUrl, call), {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${key.secret}`,
          'Content-Type': 'application/json',
          // During a rollout a person stays on one variant.
          [HEADER_ASSIGNMENT_ID]: call.assignmentId ?? userRefOf(credentials),
        },
        body: JSON.stringify(call.request),
        signal: AbortSignal.any([signal, timeout]),
      });
      body = await response.text();
    } catch (error) {
      throw timeout.aborted
        ? new ServiceUnavailableError(
            `The data plane at ${publicUrl} did not answer within ${
              timeoutMillis / 1_000
            } seconds: try again`,
          )
        : new ServiceUnavailableError(
            `The data plane at ${publicUrl} cannot be reached: ${
              toError(error).message
            }`,
          );
    }
    if (!response.ok) {
      throw mapUpstreamError(response.status, body);
    }
    return JSON.parse(body);
  }

  /** Rather one that runs the model already than one that is still loading it. */
  async #chooseDataPlane(call: PlaygroundCall): Promise<string> {
    const { environment, model } = call;
    const { dataPlanes, deployments, clock } = this.#options;
    const [seen, [deployment]] = await Promise.all([
      dataPlanes.list({ environment, models: [model], now: clock() }),
      deployments.list({ environment, model }),
    ]);
    const online = seen.filter(dataPlane => dataPlane.online);
    const chosen =
      online.find(dataPlane =>
        runsAll(dataPlane, model, deployment?.split ?? []),
      ) ?? online.at(0);
    if (!chosen) {
      throw new ServiceUnavailableError(
        `No data plane of ${environment} is online: start one, or try again in a few seconds`,
      );
    }
    return chosen.publicUrl;
  }
}

function inferUrl(
  publicUrl: string,
  { model, version }: PlaygroundCall,
): string {
  const versioned = version === undefined ? '' : `/versions/${version}`;
  const base = publicUrl.replace(/\/+$/, '');
  return `${base}/v2/models/${encodeURIComponent(model)}${versioned}/infer`;
}
