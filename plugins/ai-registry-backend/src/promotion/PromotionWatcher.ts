import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { RegistryChanges } from '../events/announcement';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import { eachChangeRequest } from '../environments/eachChangeRequest';
import type { ChangeRequest, GitHost } from '../environments/GitHost';
import { manifestPath } from '@greenroom/manifest';
import { branchOf, heldBy, nextStep, type PromotionRecord } from './promotion';
import { close, mergeOutside, startOver } from './transitions';
import type { HostReviewReader } from './hostReviews/HostReviewReader';
import { WORKER_ACTOR } from './PromotionEngine';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import { recordPromotion } from './recordPromotion';

/** More wait for people than anybody will review; the oldest are looked at when newer ones have ended. */
const MOST_OPEN_PROMOTIONS = 5_000;
/** When those that could not be looked at are looked at again, though nothing may have changed. */
const PAUSE_AFTER_FAILURE_MILLIS = 30_000;

/** What all promotions are held against in one look. */
interface Sight {
  /** Open ones, by number. */
  requests: Map<number, ChangeRequest>;
  /** Version that each environment is meant to run, by environment and model. */
  running: Map<string, number>;
  /** Files that changed on main since the last look; undefined when that is not known. */
  changedOnMain?: Set<string>;
}

/**
 * Notices what people do outside of the portal: push to a promotion's branch or to
 * main, merge or remove a branch. What was checked before is checked again.
 *
 * @remarks
 *
 * A look costs a few questions, however many promotions are open; only those that
 * something has happened to are asked about one by one.
 */
export class PromotionWatcher {
  readonly #store: PromotionStore;
  readonly #changes: RegistryChanges;
  readonly #notifier: PromotionNotifier;
  readonly #gitHost: GitHost;
  readonly #deployments: DesiredDeploymentStore;
  readonly #hostReviews: Pick<HostReviewReader, 'apply'>;
  readonly #logger: LoggerService;
  readonly #now: () => number;
  #seenToken: string | undefined;
  #seenMain: string | undefined;
  /** Milliseconds since the epoch; undefined where the last look missed nothing. */
  #lookAgainAt: number | undefined;

  constructor(options: {
    store: PromotionStore;
    changes: RegistryChanges;
    notifier: PromotionNotifier;
    gitHost: GitHost;
    deployments: DesiredDeploymentStore;
    hostReviews: Pick<HostReviewReader, 'apply'>;
    logger: LoggerService;
    now?: () => number;
  }) {
    this.#store = options.store;
    this.#changes = options.changes;
    this.#notifier = options.notifier;
    this.#gitHost = options.gitHost;
    this.#deployments = options.deployments;
    this.#hostReviews = options.hostReviews;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => Date.now());
  }

  /** Looks at each open promotion, when anything has changed since the last look. */
  async look(): Promise<void> {
    const token = await this.#changeToken();
    const isMissed = this.#now() >= (this.#lookAgainAt ?? Infinity);
    if (token === this.#seenToken && !isMissed) return;
    const main = await this.#gitHost.mainRevision();
    const open = await this.#store.list({
      open: true,
      limit: MOST_OPEN_PROMOTIONS,
    });
    const sight = open.length > 0 ? await this.#see(main, open) : undefined;
    let isComplete = true;
    for (const promotion of open) {
      if (sight && !(await this.#tryToLookAt(promotion, sight))) {
        isComplete = false;
      }
    }
    // Of what was missed, nobody knows what main has changed since.
    this.#seenMain = isComplete ? main : undefined;
    this.#seenToken = token;
    this.#lookAgainAt = isComplete
      ? undefined
      : this.#now() + PAUSE_AFTER_FAILURE_MILLIS;
  }

  /** One that cannot be looked at now keeps no other one back. */
  async #tryToLookAt(
    promotion: PromotionRecord,
    sight: Sight,
  ): Promise<boolean> {
    try {
      await this.#lookAt(promotion, sight);
      return true;
    } catch (error) {
      this.#logger.warn(
        `Promotion '${promotion.id}' could not be looked at, and will be again`,
        toError(error),
      );
      return false;
    }
  }

  async #see(main: string, open: PromotionRecord[]): Promise<Sight> {
    // In this order: what runs because of a merge is seen together with the merge.
    const deployments = await this.#deployments.list();
    const requests = await this.#requestsOf(open);
    const from = this.#seenMain;
    // A replaced repository may not have it any more.
    const isKnown =
      from !== undefined &&
      (await this.#gitHost.descendsFrom({ revision: main, ancestor: from }));
    return {
      requests,
      running: new Map(
        deployments.map(deployment => [
          manifestPath(deployment),
          deployment.version,
        ]),
      ),
      changedOnMain: isKnown
        ? new Set(await this.#gitHost.changedPaths({ from, to: main }))
        : undefined,
    };
  }

  /** Open change requests of these promotions; a Git host may have any number of others. */
  async #requestsOf(
    open: PromotionRecord[],
  ): Promise<Map<number, ChangeRequest>> {
    const ours = new Set(
      open.map(({ changeRequest }) => changeRequest?.number),
    );
    const requests = new Map<number, ChangeRequest>();
    const all = eachChangeRequest(this.#gitHost, { state: 'open' });
    for await (const request of all) {
      if (ours.has(request.number)) requests.set(request.number, request);
    }
    return requests;
  }

  async #changeToken(): Promise<string> {
    const parts = await Promise.all([
      this.#gitHost.changeToken(),
      this.#store.changeToken(),
      this.#deployments.appliedRevision(),
    ]);
    return parts.join(' ');
  }

  async #lookAt(promotion: PromotionRecord, sight: Sight): Promise<void> {
    const { state, changeRequest } = promotion;
    if (state.phase === 'merging' || !changeRequest) return;
    const request =
      sight.requests.get(changeRequest.number) ??
      (await this.#gitHost.getChangeRequest(changeRequest.number));
    const at = new Date().toISOString();
    if (request.state === 'merged') {
      const merged = mergeOutside(promotion, at);
      await this.#save(merged, 'promotion-merged-outside');
    } else if (request.state === 'closed') {
      // A branch that is to be made anyway may go.
      if (isStillToOpen(promotion)) return;
      const reason = `Branch '${branchOf(
        promotion,
      )}' was removed, or its change request closed, outside of the portal, or it does not go into main any more.`;
      const closed = close(promotion, { closedBy: WORKER_ACTOR, reason }, at);
      await this.#save(closed, 'promotion-closed');
    } else if (state.phase !== 'checking') {
      const said = await this.#hostReviews.apply(promotion, request, at);
      const from = await this.#staleSince(promotion, request, sight);
      if (from) {
        const again = startOver(promotion, from, at);
        await this.#save(again, 'promotion-started-over');
      } else if (said) {
        await this.#save(said, actionOf(promotion, said), {
          reviews: said.reviews.map(({ reviewer }) => reviewer),
          objections: heldBy(said).map(({ by }) => by),
        });
      }
    }
  }

  /** The first step whose findings do not hold any more. */
  async #staleSince(
    promotion: PromotionRecord,
    request: ChangeRequest,
    { running, changedOnMain }: Sight,
  ): Promise<'create-branch' | 'verify-artifact-digest' | undefined> {
    const path = manifestPath(promotion);
    if (running.get(path) !== promotion.fromVersion) return 'create-branch';
    if (!changedOnMain || changedOnMain.has(path)) {
      const branch = await this.#gitHost.getBranch(request.branch, {
        head: request.head,
      });
      if (branch && branch.conflicts.length > 0) return 'create-branch';
    }
    return request.head === promotion.checkedHead
      ? undefined
      : 'verify-artifact-digest';
  }

  async #save(
    promotion: PromotionRecord,
    action: string,
    details: object = {},
  ): Promise<void> {
    try {
      const saved = await this.#changes.transaction(async tx => {
        const stored = await this.#store.save(tx, promotion);
        await recordPromotion(this.#changes, tx, {
          promotion: stored,
          action,
          actor: WORKER_ACTOR,
          details,
        });
        await this.#store.enqueue(tx, promotion.id);
        return stored;
      });
      await this.#notifier.tellRequester(saved);
    } catch (error) {
      // It has moved on by itself; the next look sees where it is then.
      if (!(error instanceof StalePromotionError)) throw error;
    }
  }
}

/** What people said on the Git host, as the audit log calls it. */
function actionOf(before: PromotionRecord, after: PromotionRecord): string {
  if (after.reviews.length > before.reviews.length) {
    return 'promotion-approved-on-git-host';
  }
  return after.reviews.length < before.reviews.length
    ? 'promotion-approval-withdrawn'
    : 'promotion-reviewed-on-git-host';
}

function isStillToOpen(promotion: PromotionRecord): boolean {
  const next = nextStep(promotion);
  return next === 'create-branch' || next === 'open-change-request';
}
