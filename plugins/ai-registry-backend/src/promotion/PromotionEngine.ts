import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { GitHost } from '../environments/GitHost';
import type { RegistryChanges } from '../events/announcement';
import {
  branchOf,
  nextStep,
  type PromotionRecord,
  type StepName,
} from './promotion';
import {
  awaitStep,
  close,
  failStep,
  finishStep,
  postponeStep,
  startOver,
  startStep,
  waitForReview,
} from './transitions';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import { recordPromotion } from './recordPromotion';
import { isReviewWanted } from './reviewAnswer';
import type {
  PromotionStep,
  StepContext,
  StepResult,
} from './steps/PromotionStep';
import { isTerminal } from './TerminalError';

const MAX_ATTEMPTS = 8;
const FIRST_PAUSE_MILLIS = 2_000;
const LONGEST_PAUSE_MILLIS = 120_000;
const LONGEST_WAIT_MILLIS = 30_000;

/** What the worker is called in the history. */
export const WORKER_ACTOR = 'service:greenroom';

/**
 * Takes the steps of one promotion, writing down each before and after it is
 * taken. Killed anywhere, the step in progress is simply taken again.
 */
export class PromotionEngine {
  readonly #steps: Map<StepName, PromotionStep>;
  readonly #store: PromotionStore;
  readonly #changes: RegistryChanges;
  readonly #notifier: PromotionNotifier;
  readonly #logger: LoggerService;
  readonly #createContext: CreateContext;
  readonly #now: () => Date;

  constructor(options: {
    steps: PromotionStep[];
    store: PromotionStore;
    changes: RegistryChanges;
    notifier: PromotionNotifier;
    logger: LoggerService;
    createContext: CreateContext;
    now?: () => Date;
  }) {
    this.#steps = new Map(options.steps.map(step => [step.name, step]));
    this.#store = options.store;
    this.#changes = options.changes;
    this.#notifier = options.notifier;
    this.#logger = options.logger;
    this.#createContext = options.createContext;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Takes the next step.
   *
   * @returns when to come back; undefined when there is nothing to do until somebody acts
   */
  async advance(id: string, signal: AbortSignal): Promise<Date | undefined> {
    signal.throwIfAborted();
    try {
      const promotion = await this.#withdrawRequest(await this.#store.get(id));
      return await this.#takeStep(promotion, signal);
    } catch (error) {
      if (!(error instanceof StalePromotionError)) throw error;
      // Somebody closed or approved it meanwhile: look again.
      return this.#now();
    }
  }

  async #takeStep(
    promotion: PromotionRecord,
    signal: AbortSignal,
  ): Promise<Date | undefined> {
    const name = nextStep(promotion);
    if (!name) {
      await this.#tidyUp(promotion, signal);
      return this.#whenToTell(promotion);
    }
    const started = isAwaited(promotion, name)
      ? promotion
      : await this.#save(
          startStep(promotion, name, this.#at()),
          'promotion-step-started',
          { step: name },
        );
    let result: StepResult;
    try {
      result = await this.#stepOf(name).run(
        this.#createContext(started, signal),
      );
    } catch (error) {
      signal.throwIfAborted();
      return this.#handleError(started, name, toError(error));
    }
    return this.#handleResult(started, name, result);
  }

  async #handleResult(
    promotion: PromotionRecord,
    name: StepName,
    result: StepResult,
  ): Promise<Date | undefined> {
    const now = this.#now();
    const at = now.toISOString();
    switch (result.outcome) {
      case 'done':
        await this.#saveOutcome(
          finishStep(
            promotion,
            name,
            result.changes ?? {},
            at,
            result.skippedBecause,
          ),
          'promotion-step-finished',
          { step: name },
        );
        return now;
      case 'waiting':
        await this.#withdrawRequest(
          await this.#saveOutcome(
            waitForReview(
              {
                ...promotion,
                reviewAsked: result.reviewAsked ?? promotion.reviewAsked,
              },
              at,
            ),
            'promotion-review-awaited',
          ),
        );
        return undefined;
      case 'under-way':
        await this.#noteWait(promotion, name, result.waitingFor);
        return new Date(now.getTime() + pauseOf(promotion, name, now));
      case 'start-over':
        await this.#save(
          startOver(promotion, result.from, at),
          'promotion-started-over',
          { step: result.from },
        );
        return now;
      default:
        await this.#saveOutcome(
          close(
            promotion,
            { closedBy: WORKER_ACTOR, reason: result.reason },
            at,
          ),
          'promotion-closed',
          { reason: result.reason },
        );
        return now;
    }
  }

  /** Written only when there is something new to say: a rollout may take days. */
  async #noteWait(
    promotion: PromotionRecord,
    name: StepName,
    waitingFor: string,
  ): Promise<void> {
    const step = promotion.steps.find(one => one.name === name);
    if (step?.waitingFor === waitingFor) return;
    await this.#save(
      awaitStep(promotion, name, waitingFor, this.#at()),
      'promotion-step-waits',
      { step: name, waitingFor },
    );
  }

  async #handleError(
    promotion: PromotionRecord,
    name: StepName,
    error: Error,
  ): Promise<Date | undefined> {
    const now = this.#now();
    const { message } = error;
    const attempts =
      promotion.steps.find(step => step.name === name)?.attempts ?? 1;
    if (isTerminal(error) || attempts >= MAX_ATTEMPTS) {
      const failed = await this.#saveOutcome(
        failStep(promotion, name, message, now.toISOString()),
        'promotion-failed',
        { step: name, error: message },
      );
      return this.#whenToTell(await this.#withdrawRequest(failed));
    }
    this.#logger.warn(
      `Step '${name}' of promotion '${promotion.id}' failed and will be tried again`,
      error,
    );
    await this.#save(
      postponeStep(promotion, name, message, now.toISOString()),
      'promotion-step-postponed',
      { step: name, error: message },
    );
    const pauseMillis = Math.min(
      FIRST_PAUSE_MILLIS * 2 ** (attempts - 1),
      LONGEST_PAUSE_MILLIS,
    );
    return new Date(now.getTime() + pauseMillis);
  }

  /** A closed promotion leaves no open change request behind. */
  async #tidyUp(
    promotion: PromotionRecord,
    signal: AbortSignal,
  ): Promise<void> {
    const { state } = promotion;
    if (state.phase !== 'closed') return;
    const { gitHost, people } = this.#createContext(promotion, signal);
    const number =
      promotion.changeRequest?.number ??
      (await this.#findOrphan(promotion, gitHost));
    if (number === undefined) return;
    await gitHost.closeChangeRequest(number, {
      author: await people.personOf(state.closedBy),
      reason: state.reason,
    });
  }

  /** The change request that was opened in the very moment in which the promotion was closed. */
  async #findOrphan(
    promotion: PromotionRecord,
    gitHost: GitHost,
  ): Promise<number | undefined> {
    const branch = branchOf(promotion);
    const { items } = await gitHost.listChangeRequests({
      state: 'open',
      branch,
    });
    const [found] = items;
    if (!found) return undefined;
    const others = await this.#store.unfinished(promotion);
    return others.some(other => branchOf(other) === branch)
      ? undefined
      : found.number;
  }

  /** Nobody is asked for what is not wanted any more. Who cannot be told now is told later. */
  async #withdrawRequest(promotion: PromotionRecord): Promise<PromotionRecord> {
    if (!promotion.reviewAsked || isReviewWanted(promotion)) return promotion;
    const told = await this.#notifier.withdrawRequest(promotion);
    return told
      ? this.#save(
          { ...promotion, reviewAsked: undefined },
          'promotion-review-withdrawn',
        )
      : promotion;
  }

  /** When to come back to a promotion that has ended: only while there is somebody to tell. */
  #whenToTell({ reviewAsked }: PromotionRecord): Date | undefined {
    return reviewAsked
      ? new Date(this.#now().getTime() + LONGEST_PAUSE_MILLIS)
      : undefined;
  }

  async #saveOutcome(
    promotion: PromotionRecord,
    action: string,
    details: object = {},
  ): Promise<PromotionRecord> {
    const saved = await this.#save(promotion, action, details);
    await this.#notifier.tellRequester(saved);
    return saved;
  }

  #save(
    promotion: PromotionRecord,
    action: string,
    details: object = {},
  ): Promise<PromotionRecord> {
    return this.#changes.transaction(async tx => {
      const saved = await this.#store.save(tx, promotion);
      await recordPromotion(this.#changes, tx, {
        promotion: saved,
        action,
        actor: WORKER_ACTOR,
        details,
      });
      return saved;
    });
  }

  #stepOf(name: StepName): PromotionStep {
    const step = this.#steps.get(name);
    if (!step) throw new Error(`No step '${name}' is registered`);
    return step;
  }

  #at(): string {
    return this.#now().toISOString();
  }
}

/** The step was begun before, and only has to be asked again. */
function isAwaited({ steps }: PromotionRecord, name: StepName): boolean {
  const step = steps.find(one => one.name === name);
  return step?.status === 'running' && step.waitingFor !== undefined;
}

/** What has waited for long is looked at less often. */
function pauseOf(
  { steps }: PromotionRecord,
  name: StepName,
  now: Date,
): number {
  const startedAt = steps.find(step => step.name === name)?.startedAt;
  const waitedMillis =
    now.getTime() - Date.parse(startedAt ?? now.toISOString());
  return Math.min(
    Math.max(waitedMillis / 10, FIRST_PAUSE_MILLIS),
    LONGEST_WAIT_MILLIS,
  );
}

/** Gives a step what it may look at. */
export type CreateContext = (
  promotion: PromotionRecord,
  signal: AbortSignal,
) => StepContext;
