import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop } from '@greenroom/ai-node';
import type {
  EnvironmentDefinition,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { ServingState } from '../../environments/ServingState';
import type { PromotionRequests } from '../PromotionRequests';
import type { Candidate, CandidateStore } from './CandidateStore';

const INTERVAL_MILLIS = 10_000;

/** In one environment: reviewers who do not come after it are not given more to do. */
export const MOST_OPEN_AT_ONCE = 100;

/** Opens promotions of new versions where a manifest, or an environment, says that it happens by itself. */
export class AutomatedPromoter {
  readonly loop: PollingLoop;
  readonly #auth: Pick<AuthService, 'getOwnServiceCredentials'>;
  readonly #candidates: CandidateStore;
  readonly #environments: Environments;
  readonly #logger: LoggerService;
  readonly #now: () => Date;
  readonly #requests: Pick<PromotionRequests, 'promote'>;
  readonly #serving: ServingState;
  readonly #complained = new Set<string>();

  constructor(options: {
    auth: Pick<AuthService, 'getOwnServiceCredentials'>;
    candidates: CandidateStore;
    environments: Environments;
    logger: LoggerService;
    requests: Pick<PromotionRequests, 'promote'>;
    serving: ServingState;
    now?: () => Date;
  }) {
    const { logger, now = () => new Date() } = options;
    this.#auth = options.auth;
    this.#candidates = options.candidates;
    this.#environments = options.environments;
    this.#logger = logger;
    this.#now = now;
    this.#requests = options.requests;
    this.#serving = options.serving;
    this.loop = new PollingLoop({
      name: 'promoting new versions',
      intervalMillis: INTERVAL_MILLIS,
      logger,
      run: signal => this.look(signal),
    });
  }

  async look(signal: AbortSignal): Promise<void> {
    for (const environment of this.#environments.all) {
      const open = await this.#candidates.countOpen(environment.name);
      const candidates = await this.#candidates.list(environment, {
        now: this.#now(),
        limit: Math.max(0, MOST_OPEN_AT_ONCE - open),
      });
      for (const candidate of candidates) {
        if (signal.aborted) return;
        await this.#promote(environment, candidate);
      }
    }
  }

  async #promote(
    { name, promotesFrom }: EnvironmentDefinition,
    candidate: Candidate,
  ): Promise<void> {
    const { model, version, policy } = candidate;
    const key = `${name}/${model}/${version}`;
    try {
      if (await this.#isInDoubt(promotesFrom, candidate)) return;
      await this.#requests.promote(
        {
          model,
          version,
          environment: name,
          reason:
            promotesFrom === undefined
              ? `Version ${version} is new, and ${name} takes new versions.`
              : `Version ${version} runs in ${promotesFrom}, and ${name} takes it from there.`,
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
        { automation: policy },
      );
      this.#complained.delete(key);
    } catch (error) {
      // One that cannot be promoted now is looked at again, and keeps no other one back.
      if (this.#complained.has(key)) return;
      this.#complained.add(key);
      this.#logger.warn(
        `Version ${version} of '${model}' could not be promoted to ${name} by itself, and will be tried again`,
        toError(error),
      );
    }
  }

  /** Whether it is being judged again where it comes from, or was taken back there. */
  async #isInDoubt(
    environment: string | undefined,
    { model, commit }: Candidate,
  ): Promise<boolean> {
    if (environment === undefined) return false;
    const serving = await this.#serving.find({ environment, model });
    return (
      serving?.commit === commit &&
      serving !== undefined &&
      !['serving', 'degraded', 'asleep'].includes(serving.state)
    );
  }
}
