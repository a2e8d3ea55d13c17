import { setTimeout } from 'node:timers/promises';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import {
  HEADER_ASSIGNMENT_ID,
  type InferRequest,
  type InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import { hasFailed, runsAll } from '../dataPlanes/dataPlane';
import type { EnvironmentService } from '../deployers/EnvironmentService';
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

export interface PlaygroundServiceOptions {
  dataPlanes: DataPlaneStore;
  deployments: DeploymentStore;
  environments: Pick<EnvironmentService, 'wake'>;
  key: PlaygroundKey;
  clock: () => Date;
  timeoutMillis: number;
  /** Longest time to wait for a data plane that slept. */
  wakeMillis: number;
}

/** How often it is looked whether a data plane is awake by now. */
const LOOK_AGAIN_MILLIS = 250;

/** Tries a model on behalf of somebody in the portal. */
export class PlaygroundService {
  readonly #options: PlaygroundServiceOptions;

  constructor(options: PlaygroundServiceOptions) {
    this.#options = options;
  }

  /**
   * Wakes the environment's data plane when it sleeps, and waits until it has loaded the model.
   *
   * @throws InputError or NotFoundError with the data plane's own sentence
   * @throws ServiceUnavailableError when no data plane is online, or it does not answer in time
   */
  async infer(
    call: PlaygroundCall,
    { credentials, signal }: PlaygroundCallOptions,
  ): Promise<InferResponse> {
    const { key, timeoutMillis } = this.#options;
    const publicUrl = await this.#awaitDataPlane(call, signal);
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

  /** The address to ask, once there is one. */
  async #awaitDataPlane(
    call: PlaygroundCall,
    signal: AbortSignal,
  ): Promise<string> {
    const { environments, wakeMillis } = this.#options;
    const { environment } = call;
    const deadlineMillis = performance.now() + wakeMillis;
    for (;;) {
      const run = await environments.wake(environment);
      const chosen = await this.#chooseDataPlane(call);
      const isLate = performance.now() >= deadlineMillis;
      if (run.state === 'unmanaged' || isLate) {
        if (chosen) return chosen.publicUrl;
        throw new ServiceUnavailableError(
          run.state === 'unmanaged'
            ? `No data plane of ${environment} is online: start one, or try again in a few seconds`
            : `The data plane of ${environment} was not awake within ${
                wakeMillis / 1_000
              } seconds: try again`,
        );
      }
      if (chosen && chosen.isSettled) return chosen.publicUrl;
      if (run.state === 'failing') {
        throw new ServiceUnavailableError(
          `The data plane of ${environment} does not run: ${run.reason}`,
        );
      }
      await setTimeout(LOOK_AGAIN_MILLIS, undefined, { signal });
    }
  }

  /** Rather one that runs the model already than one that is still loading it. */
  async #chooseDataPlane(
    call: PlaygroundCall,
  ): Promise<{ publicUrl: string; isSettled: boolean } | undefined> {
    const { environment, model } = call;
    const { dataPlanes, deployments, clock } = this.#options;
    const [seen, [deployment]] = await Promise.all([
      dataPlanes.list({ environment, models: [model], now: clock() }),
      deployments.list({ environment, model }),
    ]);
    const online = seen.filter(dataPlane => dataPlane.online);
    const ready = online.find(dataPlane =>
      runsAll(dataPlane, model, deployment?.split ?? []),
    );
    if (ready) return { publicUrl: ready.publicUrl, isSettled: true };
    const [first] = online;
    // What it answers by now is the answer where it cannot load all of the model.
    return (
      first && {
        publicUrl: first.publicUrl,
        isSettled: hasFailed(first, model),
      }
    );
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
