import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { manifestPath } from '@greenroom/manifest';
import type { PortalPages } from '@greenroom/ai-node';
import { createHash } from 'node:crypto';
import { absoluteUrl } from '../../absoluteUrl';
import type { Check, GitHost } from '../../environments/GitHost';
import type { PromotionRecord } from '../promotion';
import type { PromotionStore } from '../PromotionStore';
import { checksOf } from './checksOf';

/** So many are told of in one look; the others in the next. */
const MOST_AT_ONCE = 50;
/** Manifests that are kept at hand. */
const MOST_MANIFESTS = 1_000;
const PAUSE_AFTER_FAILURE_MILLIS = 30_000;

/**
 * Tells the Git host how promotions and their gates stand. No promotion waits for it: what could
 * not be told is told later, and what did not change is not told again.
 */
export class CheckPublisher {
  readonly #store: PromotionStore;
  readonly #gitHost: GitHost;
  readonly #pages: Pick<PortalPages, 'promotion'>;
  readonly #groupsFor: (promotion: PromotionRecord) => string[] | undefined;
  readonly #logger: LoggerService;
  readonly #portalUrl: string | undefined;
  readonly #now: () => number;
  /** Promotions of which the host could not be told, and when to try again. */
  readonly #failed = new Map<string, number>();
  /** Manifests on branches, by promotion; a revision never changes. */
  readonly #manifests = new Map<
    string,
    { head: string; text: string | undefined }
  >();

  constructor(options: {
    store: PromotionStore;
    gitHost: GitHost;
    pages: Pick<PortalPages, 'promotion'>;
    groupsFor: (promotion: PromotionRecord) => string[] | undefined;
    logger: LoggerService;
    /** Where people find the portal; undefined where that is not configured. */
    portalUrl?: string;
    now?: () => number;
  }) {
    this.#store = options.store;
    this.#gitHost = options.gitHost;
    this.#pages = options.pages;
    this.#groupsFor = options.groupsFor;
    this.#logger = options.logger;
    this.#portalUrl = options.portalUrl;
    this.#now = options.now ?? Date.now;
  }

  /** Tells of everything that has changed. */
  async run(): Promise<void> {
    const now = this.#now();
    for (const [id, at] of this.#failed) {
      if (at <= now) this.#failed.delete(id);
    }
    const changed = await this.#store.untold({
      limit: MOST_AT_ONCE,
      except: [...this.#failed.keys()],
    });
    for (const { promotion, told } of changed) {
      try {
        await this.#publish(promotion, told);
      } catch (error) {
        this.#failed.set(promotion.id, now + PAUSE_AFTER_FAILURE_MILLIS);
        this.#logger.warn(
          `The Git host could not be told how promotion '${promotion.id}' stands, and will be later`,
          toError(error),
        );
      }
    }
  }

  async #publish(
    promotion: PromotionRecord,
    told: Record<string, string>,
  ): Promise<void> {
    const { changeRequest, checkedHead: head } = promotion;
    if (!changeRequest || head === undefined) {
      return this.#store.noteTold(promotion, told);
    }
    const checks = checksOf(promotion, {
      manifest: await this.#manifestOf(promotion, head),
      url: absoluteUrl(this.#pages.promotion(promotion.id), this.#portalUrl),
      approverGroups: this.#groupsFor(promotion),
    });
    const digests = Object.fromEntries(
      checks.map(check => [check.name, digestOf(check, head)]),
    );
    const news = checks.filter(({ name }) => told[name] !== digests[name]);
    if (news.length > 0) {
      await this.#gitHost.publishChecks(changeRequest.number, {
        head,
        checks: news,
      });
    }
    return this.#store.noteTold(promotion, digests);
  }

  /** Told of after each step, while the branch stays as it is. */
  async #manifestOf(
    promotion: PromotionRecord,
    head: string,
  ): Promise<string | undefined> {
    const known = this.#manifests.get(promotion.id);
    if (known?.head === head) return known.text;
    const text = await this.#gitHost.readFile({
      path: manifestPath(promotion),
      revision: head,
    });
    this.#manifests.delete(promotion.id);
    this.#manifests.set(promotion.id, { head, text });
    const [oldest] = this.#manifests.keys();
    if (this.#manifests.size > MOST_MANIFESTS) this.#manifests.delete(oldest);
    return text;
  }
}

function digestOf(check: Check, head: string): string {
  return createHash('sha256')
    .update(JSON.stringify([head, check]))
    .digest('hex')
    .slice(0, 16);
}

/** A page that is only a path says nothing outside of the portal. */
