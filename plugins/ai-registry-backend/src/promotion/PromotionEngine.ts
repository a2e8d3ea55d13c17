import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { type GitHost, isHostAway } from '../environments/GitHost';
import type { RegistryChanges } from '../events/announcement';
import {
  branchOf,
  nextStep,
  type PromotionRecord,
  type RecordedStep,
  type StepName,
} from './promotion';
import {
  awaitStep,
  close,
  failStep,
  finishStep,
  mergeOutside,
  postponeStep,
  startOver,
  startStep,
  waitForReview,
  withGates,
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
/** Attempts that fail because the Git host is away leave this many, so that what fails when it is back is tried again, too. */
const MOST_COUNTED_AWAY = MAX_ATTEMPTS - 2;
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
  readonly #findStep: FindStep;
  readonly #store: PromotionStore;
  readonly #changes: RegistryChanges;
  readonly #notifier: PromotionNotifier;
  readonly #logger: LoggerService;
  readonly #createContext: CreateContext;
  readonly #now: () => Date;

  constructor(options: {
    findStep: FindStep;
    store: PromotionStore;
    changes: RegistryChanges;
    notifier: PromotionNotifier;
    logger: LoggerService;
    createContext: CreateContext;
    now?: () => Date;
  }) {
    this.#findStep = options.findStep;
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
      return (await this.#tidyUp(promotion, signal))
        ? this.#now()
        : this.#whenToTell(promotion);
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
      result = await this.#stepOf(started, name).run(
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
              withGates(
                {
                  ...promotion,
                  reviewAsked: result.reviewAsked ?? promotion.reviewAsked,
                },
                result.gates ?? [],
                at,
              ),
              at,
            ),
            'promotion-review-awaited',
          ),
        );
        return undefined;
      case 'under-way':
        await this.#noteWait(promotion, name, result);
        return new Date(
          now.getTime() + pauseUntil(promotion, name, { now, ...result }),
        );
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
    wait: Extract<StepResult, { outcome: 'under-way' }>,
  ): Promise<void> {
    const { waitingFor, told, reviewAsked, gates = [] } = wait;
    const step = promotion.steps.find(one => one.name === name);
    const isNews = told || reviewAsked || gates.length > 0;
    if (step?.waitingFor === waitingFor && !isNews) return;
    await this.#save(
      awaitStep(promotion, name, wait, this.#at()),
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
    // Nobody has to do anything about a promotion because its Git host is away, however long that lasts.
    const isAway = isHostAway(error);
    if (!isAway && (isTerminal(error) || attempts >= MAX_ATTEMPTS)) {
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
      postponeStep(
        promotion,
        name,
        {
          error: message,
          ...(isAway && { attempts: Math.min(attempts, MOST_COUNTED_AWAY) }),
        },
        now.toISOString(),
      ),
      'promotion-step-postponed',
      { step: name, error: message },
    );
    const pauseMillis = Math.min(
      FIRST_PAUSE_MILLIS * 2 ** (attempts - 1),
      LONGEST_PAUSE_MILLIS,
    );
    return new Date(now.getTime() + pauseMillis);
  }

  /**
   * A closed promotion leaves no open change request behind.
   *
   * @returns whether it was merged before it could be closed: then it goes on from there
   */
  async #tidyUp(
    promotion: PromotionRecord,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { state } = promotion;
    if (state.phase !== 'closed') return false;
    const { gitHost, people } = this.#createContext(promotion, signal);
    const number =
      promotion.changeRequest?.number ??
      (await this.#findOrphan(promotion, gitHost));
    if (number === undefined) return false;
    await gitHost.closeChangeRequest(number, {
      author: await people.personOf(state.closedBy),
      reason: state.reason,
    });
    // What we have closed ourselves, because other content was merged, stays closed; so does what was merged long before.
    const isKnown = promotion.mergeCommit !== undefined;
    if (state.closedBy === WORKER_ACTOR || isKnown) return false;
    const request = await gitHost.getChangeRequest(number);
    if (request.state !== 'merged') return false;
    await this.#save(
      mergeOutside(promotion, this.#at()),
      'promotion-merged-before-close',
      { closedBy: state.closedBy, reason: state.reason },
    );
    return true;
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

  /** One of a release before, or of a gate that is gone, has nothing to do. */
  #stepOf(promotion: PromotionRecord, name: StepName): RunnableStep {
    const step = promotion.steps.find(one => one.name === name);
    const found = step && this.#findStep(step);
    return (
      found ?? {
        run: async () => ({
          outcome: 'done',
          skippedBecause: 'Not taken: there is no such step any more.',
        }),
      }
    );
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

/** Comes back when it is said to be worth it, but never much later than now: that may change. */
function pauseUntil(
  promotion: PromotionRecord,
  name: StepName,
  { now, until }: { now: Date; until?: string },
): number {
  if (until === undefined) return pauseOf(promotion, name, now);
  const leftMillis = Date.parse(until) - now.getTime();
  return Math.min(Math.max(leftMillis, 1_000), LONGEST_PAUSE_MILLIS);
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

type RunnableStep = Pick<PromotionStep, 'run'>;

/** What a step that was written down does; undefined for one that there is not any more. */
export type FindStep = (step: RecordedStep) => RunnableStep | undefined;

/** Gives a step what it may look at. */
export type CreateContext = (
  promotion: PromotionRecord,
  signal: AbortSignal,
) => StepContext;
