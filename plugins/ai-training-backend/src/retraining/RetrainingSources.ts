import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import {
  AiMonitoringClient,
  type HealthPage,
} from '@greenroom/plugin-ai-monitoring-common';
import {
  AiRegistryClient,
  type RequestOptions,
} from '@greenroom/plugin-ai-registry-common';
import type { WantedRetraining } from './RetrainingStore';

const ANSWER_MILLIS = 10_000;
/** 10,000 models of an environment. */
const MOST_PAGES = 20;

/** What retraining has to know of the other plugins, asked in this plugin's own name. */
export interface RetrainingSources {
  /** What the manifests of an environment say. */
  listWanted(
    environment: string,
    signal: AbortSignal,
  ): Promise<WantedRetraining[]>;
  /** Of each model of an environment that is watched, whether the input of the version that is asked most drifts. */
  listDrift(
    environment: string,
    signal: AbortSignal,
  ): Promise<Map<string, { version: number; isDrifting: boolean }>>;
  /** Entity ref; undefined where there is no such model. */
  findModelOwner(
    model: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** Entity ref; undefined where there is no such dataset. */
  findDatasetOwner(
    dataset: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** The newest version of a model that a run has registered. */
  findVersion(
    query: { model: string; run: string },
    signal: AbortSignal,
  ): Promise<number | undefined>;
}

/** By the REST APIs of the plugins; each call has 10 seconds. */
export class RestRetrainingSources implements RetrainingSources {
  readonly #auth: AuthService;
  readonly #registry: AiRegistryClient;
  readonly #monitoring: AiMonitoringClient;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    const clients = { discoveryApi: options.discovery };
    this.#auth = options.auth;
    this.#registry = new AiRegistryClient(clients);
    this.#monitoring = new AiMonitoringClient(clients);
  }

  async listWanted(environment: string, signal: AbortSignal) {
    const { items } = await this.#registry.listDesiredDeployments(
      environment,
      await this.#how('ai-registry', signal),
    );
    return items.flatMap(({ model, version, automatedPromotion }) => {
      const policy = automatedPromotion?.retrain;
      return policy ? [{ model, version, policy }] : [];
    });
  }

  async listDrift(environment: string, signal: AbortSignal) {
    const found = new Map<string, { version: number; isDrifting: boolean }>();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer: HealthPage = await this.#monitoring.listHealth(
        { environment, limit: 500, cursor },
        await this.#how('ai-monitoring', signal),
      );
      for (const { model, version, drift } of answer.items) {
        if (version !== undefined && drift) {
          found.set(model, { version, isDrifting: drift.drifted > 0 });
        }
      }
      cursor = answer.nextCursor;
      if (cursor === undefined) break;
    }
    return found;
  }

  findModelOwner(model: string, signal: AbortSignal) {
    return ownerOf(async () =>
      this.#registry.getModel(model, await this.#how('ai-registry', signal)),
    );
  }

  findDatasetOwner(dataset: string, signal: AbortSignal) {
    return ownerOf(async () =>
      this.#registry.getDataset(
        dataset,
        await this.#how('ai-registry', signal),
      ),
    );
  }

  async findVersion(
    { model, run }: { model: string; run: string },
    signal: AbortSignal,
  ) {
    const { items } = await this.#registry.searchVersions(
      {
        conditions: [
          { field: 'model', comparator: '=', values: [model] },
          { field: 'run', comparator: '=', values: [run] },
        ],
        order: [{ by: 'version', descending: true }],
        limit: 1,
      },
      await this.#how('ai-registry', signal),
    );
    return items.at(0)?.version;
  }

  async #how(plugin: string, signal: AbortSignal): Promise<RequestOptions> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: plugin,
    });
    const timeout = AbortSignal.timeout(ANSWER_MILLIS);
    return { token, signal: AbortSignal.any([signal, timeout]) };
  }
}

async function ownerOf(
  ask: () => Promise<{ owner: string }>,
): Promise<string | undefined> {
  try {
    return (await ask()).owner;
  } catch (error) {
    const isMissing =
      error instanceof ResponseError && error.statusCode === 404;
    if (isMissing) return undefined;
    throw error;
  }
}
