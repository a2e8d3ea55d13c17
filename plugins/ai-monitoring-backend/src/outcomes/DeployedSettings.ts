import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { Deployment } from '@greenroom/plugin-ai-inference-common';

/** How long what was heard of deployments is believed. */
const FRESH_MILLIS = 30_000;
/** Where ai-inference says nothing of it. */
export const DEFAULT_KEEP_DAYS = 30;
/** Most that a manifest may ask for: kept until it is known how long it has to be. */
export const MOST_KEEP_DAYS = 365;

/** What the manifest of a deployment says of what is kept of its requests. */
export interface KeptOf {
  environment: string;
  model: string;
  /** Version that is to serve. */
  version: number;
  /** Whether its requests can be given an outcome. */
  takesOutcomes: boolean;
  keepDays: number;
  recentRows: boolean;
}

/** Where what is deployed can be asked. */
export interface DeployedSource {
  listDeployed(query: object): Promise<Deployment[]>;
}

/** What is to be kept of requests, by deployment, as it was heard of last. */
export class DeployedSettings {
  readonly #rollouts: DeployedSource;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;
  #kept = new Map<string, KeptOf>();
  #heardMillis = 0;
  #isKnown = false;
  #hearing: Promise<void> | undefined;

  constructor(options: {
    rollouts: DeployedSource;
    logger: LoggerService;
    clock: () => Date;
  }) {
    this.#rollouts = options.rollouts;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** Whether it was heard of at all. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** As it was heard of last; undefined for what is not deployed, or before it was heard of. */
  find(environment: string, model: string): KeptOf | undefined {
    return this.#kept.get(`${environment}/${model}`);
  }

  /** How long what is kept of a model's requests is needed. */
  keepDaysOf(environment: string, model: string): number {
    if (!this.#isKnown) return MOST_KEEP_DAYS;
    return this.find(environment, model)?.keepDays ?? DEFAULT_KEEP_DAYS;
  }

  /** The longest of all models. */
  get longestKeepDays(): number {
    if (!this.#isKnown) return MOST_KEEP_DAYS;
    return Math.max(
      DEFAULT_KEEP_DAYS,
      ...this.list().map(({ keepDays }) => keepDays),
    );
  }

  list(): KeptOf[] {
    return [...this.#kept.values()];
  }

  /** Hears of it again where it is old. What was heard last stays when nobody answers. */
  async refresh(): Promise<void> {
    const age = this.#clock().getTime() - this.#heardMillis;
    if (age < FRESH_MILLIS && this.#heardMillis > 0) return;
    this.#hearing ??= this.#hear().finally(() => {
      this.#hearing = undefined;
    });
    await this.#hearing;
  }

  async #hear(): Promise<void> {
    try {
      const deployed = await this.#rollouts.listDeployed({});
      this.#isKnown = true;
      this.#kept = new Map(
        deployed.map(({ environment, model, wanted, outcomes, recentRows }) => [
          `${environment}/${model}`,
          {
            environment,
            model,
            version: wanted.version,
            takesOutcomes: outcomes !== undefined,
            keepDays: outcomes?.keepDays ?? DEFAULT_KEEP_DAYS,
            recentRows: recentRows === true,
          },
        ]),
      );
    } catch (error) {
      this.#logger.warn(
        'ai-inference does not say what is deployed: what is kept of requests stays as it was',
        toError(error),
      );
    }
    // Also after a failure: not with every batch.
    this.#heardMillis = this.#clock().getTime();
  }
}
