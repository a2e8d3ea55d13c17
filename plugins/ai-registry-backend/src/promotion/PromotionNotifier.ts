import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type {
  NotificationRecipients,
  NotificationService,
} from '@backstage/plugin-notifications-node';
import type { PromotionOutcome } from '@greenroom/plugin-ai-registry-common';
import type { ModelStore } from '../models/ModelStore';
import { pageOf, type PromotionRecord, titleOf } from './promotion';

interface Message {
  title: string;
  description: string;
  severity: 'normal' | 'high';
}

/**
 * Tells people of a promotion that waits for them. A notification that cannot be
 * sent is logged and holds up nothing.
 */
export class PromotionNotifier {
  readonly #notifications: NotificationService;
  readonly #models: Pick<ModelStore, 'get'>;
  readonly #reviewers: string[];
  readonly #logger: LoggerService;

  constructor(options: {
    notifications: NotificationService;
    models: Pick<ModelStore, 'get'>;
    /** Entity refs of those who are asked for reviews besides the model's owner. */
    reviewers: string[];
    logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#models = options.models;
    this.#reviewers = options.reviewers;
    this.#logger = options.logger;
  }

  /** Asks the model's owner and the configured reviewers, but not the requester. */
  async askForReview(promotion: PromotionRecord): Promise<void> {
    await this.#send(promotion, {
      recipients: async () => {
        const { owner } = await this.#models.get(promotion.model);
        return {
          type: 'entity',
          entityRef: [...new Set([owner, ...this.#reviewers])],
          excludeEntityRef: promotion.requestedBy,
        };
      },
      message: {
        title: `Review needed: ${titleOf(promotion)}`,
        description: promotion.reason,
        severity: 'normal',
      },
    });
  }

  /** Tells the requester when the promotion has ended, or cannot go on without them. */
  async tellRequester(promotion: PromotionRecord): Promise<void> {
    const { requestedBy } = promotion;
    const message = outcomeOf(promotion);
    if (!message || !requestedBy.startsWith('user:')) return;
    await this.#send(promotion, {
      recipients: async () => ({ type: 'entity', entityRef: requestedBy }),
      message,
    });
  }

  async #send(
    promotion: PromotionRecord,
    options: {
      recipients: () => Promise<NotificationRecipients>;
      message: Message;
    },
  ): Promise<void> {
    const { id } = promotion;
    try {
      await this.#notifications.send({
        recipients: await options.recipients(),
        payload: {
          ...options.message,
          link: pageOf(promotion),
          topic: 'ai-registry-promotion',
          scope: `promotion:${id}`,
        },
      });
    } catch (error) {
      this.#logger.warn(
        `Nobody was notified about promotion '${id}', which is ${promotion.state.phase}`,
        toError(error),
      );
    }
  }
}

const OUTCOMES: Record<PromotionOutcome['kind'], string> = {
  serving: 'Done',
  'not-served': 'Merged, served nowhere',
  superseded: 'Superseded',
  unknown: 'Merged',
};

/** What the requester should know; undefined when there is nothing they did not do themselves. */
function outcomeOf(promotion: PromotionRecord): Message | undefined {
  const { state, requestedBy, environment, version } = promotion;
  const title = titleOf(promotion);
  switch (state.phase) {
    case 'rolling-out':
      return state.waitingFor === undefined
        ? {
            title: `Merged: ${title}`,
            description: `Version ${version} is what ${environment} should run now; its rollout has begun.`,
            severity: 'normal',
          }
        : undefined;
    case 'completed':
      return {
        title: `${OUTCOMES[state.outcome.kind]}: ${title}`,
        description: state.outcome.note,
        severity: 'normal',
      };
    case 'closed':
      return state.closedBy === requestedBy
        ? undefined
        : {
            title: `Closed: ${title}`,
            description: `${state.closedBy}: ${state.reason}`,
            severity: 'normal',
          };
    case 'blocked':
      return {
        title: `Blocked: ${title}`,
        description: promotion.gates
          .filter(gate => gate.status === 'failed')
          .map(gate => `${gate.title}: ${gate.summary}`)
          .join(' '),
        severity: 'high',
      };
    case 'failed':
      return {
        title: `Failed: ${title}`,
        description: state.error,
        severity: 'high',
      };
    default:
      return undefined;
  }
}
