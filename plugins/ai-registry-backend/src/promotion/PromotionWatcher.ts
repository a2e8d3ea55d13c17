import type { ChangeLog } from '../events/ChangeLog';
import type { DeploymentStore } from '../environments/DeploymentStore';
import type { ChangeRequest, GitHost } from '../environments/GitHost';
import { branchOf, nextStep, type PromotionRecord } from './promotion';
import { close, mergeOutside, startOver } from './transitions';
import { WORKER_ACTOR } from './PromotionEngine';
import type { PromotionNotifier } from './PromotionNotifier';
import { type PromotionStore, StalePromotionError } from './PromotionStore';
import { recordPromotion } from './recordPromotion';

const MOST_OPEN_PROMOTIONS = 1000;

/**
 * Notices what people do outside of the portal: push to a promotion's branch or to
 * main, merge or remove a branch. What was checked before is checked again.
 */
export class PromotionWatcher {
  readonly #store: PromotionStore;
  readonly #changes: ChangeLog;
  readonly #notifier: PromotionNotifier;
  readonly #gitHost: GitHost;
  readonly #deployments: DeploymentStore;
  #seenToken: string | undefined;

  constructor(options: {
    store: PromotionStore;
    changes: ChangeLog;
    notifier: PromotionNotifier;
    gitHost: GitHost;
    deployments: DeploymentStore;
  }) {
    this.#store = options.store;
    this.#changes = options.changes;
    this.#notifier = options.notifier;
    this.#gitHost = options.gitHost;
    this.#deployments = options.deployments;
  }

  /** Looks at each open promotion, when anything has changed since the last look. */
  async look(): Promise<void> {
    const token = await this.#changeToken();
    if (token === this.#seenToken) return;
    const open = await this.#store.list({
      open: true,
      limit: MOST_OPEN_PROMOTIONS,
    });
    for (const promotion of open) {
      await this.#lookAt(promotion);
    }
    this.#seenToken = token;
  }

  async #changeToken(): Promise<string> {
    const parts = await Promise.all([
      this.#gitHost.changeToken(),
      this.#store.changeToken(),
      this.#deployments.appliedRevision(),
    ]);
    return parts.join(' ');
  }

  async #lookAt(promotion: PromotionRecord): Promise<void> {
    const { state, changeRequest } = promotion;
    if (state.phase === 'merging' || !changeRequest) return;
    const request = await this.#gitHost.getChangeRequest(changeRequest.number);
    const at = new Date().toISOString();
    if (request.state === 'merged') {
      const merged = mergeOutside(promotion, at);
      await this.#save(merged, 'promotion-merged-outside');
    } else if (request.state === 'closed') {
      // A branch that is to be made anyway may go.
      if (isStillToOpen(promotion)) return;
      const reason = `Branch '${branchOf(
        promotion,
      )}' was removed, or its change request closed, outside of the portal.`;
      const closed = close(promotion, { closedBy: WORKER_ACTOR, reason }, at);
      await this.#save(closed, 'promotion-closed');
    } else if (state.phase !== 'checking') {
      const from = await this.#staleSince(promotion, request);
      if (from) {
        const again = startOver(promotion, from, at);
        await this.#save(again, 'promotion-started-over');
      }
    }
  }

  /** The first step whose findings do not hold any more. */
  async #staleSince(
    promotion: PromotionRecord,
    request: ChangeRequest,
  ): Promise<'create-branch' | 'verify-artifact-digest' | undefined> {
    const { environment, model, fromVersion } = promotion;
    const deployments = await this.#deployments.list({ environment });
    const running = deployments.find(d => d.model === model);
    if (running?.version !== fromVersion) return 'create-branch';
    const branch = await this.#gitHost.getBranch(request.branch);
    if (branch && branch.conflicts.length > 0) return 'create-branch';
    return request.head === promotion.checkedHead
      ? undefined
      : 'verify-artifact-digest';
  }

  async #save(promotion: PromotionRecord, action: string): Promise<void> {
    try {
      const saved = await this.#changes.transaction(async tx => {
        const stored = await this.#store.save(tx, promotion);
        await recordPromotion(this.#changes, tx, {
          promotion: stored,
          action,
          actor: WORKER_ACTOR,
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

function isStillToOpen(promotion: PromotionRecord): boolean {
  const next = nextStep(promotion);
  return next === 'create-branch' || next === 'open-change-request';
}
